"""One identity for each application, and none in place of another."""

import itertools
import json
import re

import pytest
from programs import ROOT

APPLICATIONS = ["sibr", "ads", "cmri", "rims"]


@pytest.fixture
def house(make_house):
    house = make_house()
    house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
    house.settings.port = 18443
    house.configure()
    return house


def write(house, **certificates):
    lines = "".join(
        f"  {name}: {{ certificate: {house.certificates}/{certificate}.crt, key: {house.certificates}/{key}.key, "
        f"trust: {house.certificates}/ca.crt }}\n" for name, (certificate, key) in certificates.items())
    (house.folder / "market.yaml").write_text(f"format: 1\nidentities:\n{lines}")


def identities(house, *words, exits=0):
    result = house.ask("identities", *words)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


@pytest.mark.parametrize("given, asked", itertools.permutations(APPLICATIONS, 2))
def test_what_opens_one_application_opens_no_other(house, given, asked):
    write(house, **{given: ("client", "client")})
    identities(house, "--for", given)
    result = identities(house, "--for", asked, exits=78)
    assert result.stderr.startswith(f"{asked} has no identity: set `identities.{asked}` in market.yaml; that of {given}")
    assert result.stdout == ""


def test_two_may_point_to_the_same_files_and_the_rest_is_not_set(house):
    write(house, sibr=("client", "client"), rims=("client", "client"))
    found = {report["application"]: report for report in json.loads(identities(house, "--json").stdout)}
    assert {name: report["state"] for name, report in found.items()} == {
        "mri-s": "usable", "sibr": "usable", "ads": "not set", "cmri": "not set", "rims": "usable"}
    assert found["sibr"]["subject"] == "CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US"


def test_the_example_of_the_file_is_taken_and_sets_none(house):
    text = (ROOT / "config/market.yaml").read_text()
    (house.folder / "market.yaml").write_text(text)
    found = json.loads(identities(house, "--json").stdout)
    assert [report["state"] for report in found] == ["usable", *["not set"] * 4]
    # What is offered in comments is taken too.
    offered = re.sub(r"^# (?=identities|  (?:sibr|ads|cmri|rims))", "", text, flags=re.MULTILINE)
    offered = re.sub(r"^  # (?=trust|versions|deadlines)", "  ", offered, flags=re.MULTILINE)
    (house.folder / "market.yaml").write_text(offered)
    found = json.loads(identities(house, "--json", exits=78).stdout)
    assert [report["state"] for report in found] == ["usable", "not looked at", *["unusable"] * 3]


@pytest.mark.parametrize("certificate, key, words", [
    ("expired", "expired", "expired"), ("client", "foreign", "do not belong together"), ("none", "client", "none.crt"),
    ("client.key", "client", "cannot be read"),
])
def test_what_cannot_be_used_is_said(house, certificate, key, words):
    write(house, ads=(certificate, key))
    result = identities(house, exits=78)
    line = next(line for line in result.stdout.splitlines() if line.startswith("ads"))
    assert " unusable " in line and words in line


def test_a_key_that_others_can_read_is_refused(house):
    key = house.folder / "open.key"
    key.write_bytes((house.certificates / "client.key").read_bytes())
    key.chmod(0o644)
    write(house, cmri=("client", "client"))
    path = house.folder / "market.yaml"
    path.write_text(path.read_text().replace(f"{house.certificates}/client.key", str(key)))
    assert "others than its owner" in identities(house, exits=78).stdout
