"""A resource's own results: dispatch from ADS and awards from CMRI, kept, and each failure told."""

import datetime
import json
import shutil

import pytest
from house import PACIFIC
from programs import ROOT, until

RESOURCE = "EXAMPL_7_DERA1"


class Market:
    def __init__(self, house):
        self.house = house
        house.settings.port = 18443
        house.add_site("fresno-01", RESOURCE, 15020)
        house.configure()
        shutil.copy(ROOT / "config/registration.yaml", house.folder)
        for name in ["ads", "cmri"]:
            shutil.copy(ROOT / f"config/profiles/{name}.yaml", house.folder / "profiles")

    def serve(self, *faults, since=30, identities=("ads", "cmri"), every="200ms", timeout="2s"):
        folder = self.house.certificates
        words = ["--fault", *faults] if faults else []
        self.server = self.house.start(
            "dersim", "results", "--json", "--port", 0, "--certificate", folder / "server.crt", "--key",
            folder / "server.key", "--trust", folder / "ca.crt", "--since", since, *words, log="results")
        self.server.says('"listening"')
        port = json.loads(self.server.text().splitlines()[0])["port"]
        known = "".join(
            f"  {name}: {{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n"
            for name in identities)
        (self.house.folder / "market.yaml").write_text(
            f"format: 1\nads: {{ url: 'https://127.0.0.1:{port}/ads', every: {every}, timeout: {timeout} }}\n"
            f"cmri: {{ url: 'https://127.0.0.1:{port}/cmri' }}\nidentities:\n{known}")

    def ask(self, *words, exits=0):
        result = self.house.ask(*words)
        assert result.returncode == exits, (result.returncode, result.stdout, result.stderr, self.server.text())
        return result

    def calls(self, service):
        lines = [json.loads(line) for line in self.server.text().splitlines()]
        return [line for line in lines if line["event"] == "call" and line.get("service") == service]

    def dispatched(self, *words):
        """Of both days that half an hour can touch."""
        today = datetime.datetime.now(PACIFIC).date()
        found = []
        for date in [today - datetime.timedelta(days=1), today]:
            result = self.house.ask("dispatch", "--json", "--kept", "--trade-date", date, *words)
            found += json.loads(result.stdout) if result.returncode == 0 else []
        return found


@pytest.fixture
def market(make_house):
    return Market(make_house())


def target(start):
    """What the stand-in says, in kW."""
    return 100 + int(datetime.datetime.fromisoformat(start).timestamp()) // 300 % 12 * 25


def test_dispatch_is_fetched_once_and_kept(market):
    market.serve()
    result = market.house.ask("dispatch")
    assert "4 new instructions" in result.stderr and "ads.yaml is unverified" in result.stderr
    found = market.dispatched("--resource", RESOURCE)
    assert len(found) == 4, "the newest ones at first"
    assert all(float(row["megawatts"]) * 1_000 == target(row["start"]) for row in found)
    again = market.house.ask("dispatch")
    assert "0 new instructions" in again.stderr or "1 new instructions" in again.stderr
    assert len(market.calls("batch")) in (4, 5)
    assert market.dispatched("--resource", "ELSEWHERE") == []


def test_dispatch_that_is_followed_comes_by_itself_and_outlives_a_failure(market):
    market.serve("breakdown", "drop", timeout="1s")
    follower = market.house.start(
        "dertelemetryd", "dispatch", "--follow", "--config", market.house.configuration, log="follow")
    follower.says(f"{RESOURCE} ")
    assert "a fault: internal error" in follower.text() and "ADS was not reached" in follower.text()
    assert follower.is_running
    until(lambda: len(market.calls("since")) >= 4, 10, follower.text)
    assert len(market.calls("batch")) in (4, 5), "none is fetched twice"


@pytest.mark.parametrize("faults, exits, words", [
    (["breakdown"], 65, "a fault: internal error"), (["denied"], 65, "ADS refuses the call: HTTP 403"),
    (["drop"], 69, "ADS was not reached"), (["half"], 69, "ADS was not reached"), (["hang"], 69, "ADS was not reached"),
])
def test_what_is_no_answer_is_said_and_asked_for_again(market, faults, exits, words):
    market.serve(*faults, timeout="1s")
    assert words in market.ask("dispatch", exits=exits).stderr
    assert market.dispatched() == []


@pytest.mark.parametrize("fault, words", [
    ("other-shape", "an instruction without resource, start or MW"), ("no-gzip", "is not gzip"),
])
def test_a_batch_that_cannot_be_read_is_not_passed_over(market, fault, words):
    # The first call is which batches there are; the fault is one of a batch.
    market.serve(fault, fault)
    result = market.ask("dispatch", exits=65)
    assert "batch DISP-" in result.stderr and words in result.stderr
    market.house.ask("dispatch")
    assert len(market.dispatched()) == 4


def test_awards_of_both_markets_are_shown_and_kept(market):
    market.serve()
    rows = json.loads(market.ask("awards", "--trade-date", "2026-11-01", "--json").stdout)
    assert len(rows) == 25, "the day on which clocks go back"
    assert rows[0] == {"megawatts": rows[0]["megawatts"], "resource": RESOURCE, "source": "dam", "start": "2026-11-01T07:00:00Z"}
    quarters = json.loads(market.ask("awards", "--trade-date", "2026-11-01", "--market", "fmm", "--json").stdout)
    assert len(quarters) == 100
    assert "INTERVAL START" in market.ask("awards", "--trade-date", "2026-11-02").stdout


def test_no_awards_are_not_a_failure(market):
    market.serve()
    path = market.house.folder / "registration.yaml"
    path.write_text(path.read_text().replace(RESOURCE, "EXAMPL_7_OTHER"))
    market.ask("awards", "--trade-date", "2026-11-01", exits=1)


@pytest.mark.parametrize("command, application", [("dispatch", "ads"), ("awards", "cmri")])
def test_each_has_an_identity_of_its_own(market, command, application):
    market.serve(identities=["rims"])
    result = market.ask(command, exits=78)
    assert f"{application} has no identity: set `identities.{application}`" in result.stderr
    assert market.calls("since") == market.calls("awards") == []
