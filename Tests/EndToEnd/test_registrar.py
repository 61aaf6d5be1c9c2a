"""A registration handed over to RIMS over HTTPS: written down first, never there twice, as its own identity alone."""

import json
import shutil

import pytest
from programs import ROOT
from test_registration import house, register, step, write  # noqa: F401


@pytest.fixture
def registrar(house):  # noqa: F811
    def serve(*faults, identity="rims", timeout="2s"):
        folder = house.certificates
        shutil.copy(ROOT / "config/profiles/rims.yaml", house.folder / "profiles")
        words = ["--fault", *faults] if faults else []
        server = house.start(
            "dersim", "gateway", "--json", "--port", 0, "--certificate", folder / "server.crt", "--key",
            folder / "server.key", "--trust", folder / "ca.crt", *words, log="registrar")
        server.says('"listening"')
        port = json.loads(server.text().splitlines()[0])["port"]
        (house.folder / "market.yaml").write_text(
            f"format: 1\nrims: {{ url: 'https://127.0.0.1:{port}/rims', timeout: {timeout} }}\nidentities:\n"
            f"  {identity}: {{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n")
        house.server = server
        return house

    return serve


def calls(house, service):  # noqa: F811
    lines = [json.loads(line) for line in house.server.text().splitlines()]
    return [line for line in lines if line["event"] == "call" and line.get("service") == service]


def events(house):  # noqa: F811
    lines = (house.state / "registration/history.jsonl").read_text().splitlines()
    return [json.loads(line)["outcome"] for line in lines]


def test_it_is_handed_over_with_its_list_and_the_project_is_recorded(registrar):
    house = registrar()  # noqa: F811
    result = register(house, "submit", "--to", "rims")
    assert "handed over to rims, digest " in result.stdout and "receipt 26GEN1001" in result.stdout
    assert (step(house, "project")["state"], step(house, "project")["reference"]) == ("submitted", "26GEN1001")
    [folder] = [path for path in (house.state / "registration").iterdir() if path.is_dir()]
    request = json.loads((folder / "request.json").read_text())
    assert request["ders"] == (folder / "ders.csv").read_text() and request["transaction"] == "DER_AGGREGATION"
    assert json.loads((folder / "answer.json").read_text()) == {"project": "26GEN1001"}
    assert "nothing was changed" in register(house, "submit", "--to", "rims").stdout
    assert len(calls(house, "register")) == 1 and events(house) == ["noted", "submitted"]


@pytest.mark.parametrize("fault", ["lose-answer", "half-answer", "hang-taken"])
def test_what_arrived_is_found_by_asking_and_not_sent_again(registrar, fault):
    house = registrar(fault, timeout="1s")  # noqa: F811
    assert "not known whether it has it" in register(house, "submit", "--to", "rims", exits=75).stderr
    assert step(house, "project")["state"] == "open"
    assert "receipt 26GEN1001" in register(house, "submit", "--to", "rims").stdout
    assert len(calls(house, "register")) == 1


def test_what_did_not_arrive_is_asked_for_three_times_and_sent_again(registrar):
    house = registrar("drop")  # noqa: F811
    register(house, "submit", "--to", "rims", exits=75)
    assert "receipt 26GEN1001" in register(house, "submit", "--to", "rims").stdout
    assert len(calls(house, "register")) == 2 and len(calls(house, "registered")) == 3


def test_what_is_refused_is_recorded_with_its_reason_and_can_be_sent_again(registrar):
    house = registrar("refuse")  # noqa: F811
    assert "refused: The transaction is refused." in register(house, "submit", "--to", "rims", exits=65).stderr
    assert step(house, "project")["state"] == "refused"
    register(house, "submit", "--to", "rims")
    assert step(house, "project")["state"] == "submitted"


def test_nobody_there_is_not_handed_over(registrar):
    house = registrar()  # noqa: F811
    house.server.end()
    assert "not handed over" in register(house, "submit", "--to", "rims", exits=69).stderr


def test_no_other_identity_opens_rims_and_nothing_is_written(registrar):
    house = registrar(identity="sibr")  # noqa: F811
    result = register(house, "submit", "--to", "rims", exits=78)
    assert "rims has no identity: set `identities.rims`" in result.stderr and "that of sibr is never used" in result.stderr
    assert not (house.state / "registration").exists() and house.server.text().count("\n") == 1


def test_without_an_address_the_fields_are_written_for_a_person(house):  # noqa: F811
    assert "frozen for rims" in register(house, "submit", "--to", "rims").stdout
