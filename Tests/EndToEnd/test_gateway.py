"""Schedules to a coordinator's gateway, as JSON: the same promises as on the way to SIBR."""

import gzip
import json
import pathlib
import shutil

import pytest
from programs import ROOT
from test_schedule_submit import DAY, Market


class Gateway(Market):
    def __init__(self, house):
        super().__init__(house)
        shutil.copy(ROOT / "config/profiles/gateway.yaml", house.folder / "profiles")

    def serve(self, *faults, delay=0, timeout="2s", settle="300ms", follow="20s", **options):
        certificates = self.house.certificates
        words = ["--fault", *faults] if faults else []
        more = [word for key, value in options.items() for word in (f"--{key}", value)]
        self.server = self.house.start(
            "dersim", "gateway", "--json", "--port", self.port, "--certificate", certificates / "server.crt", "--key",
            certificates / "server.key", "--trust", certificates / "ca.crt", "--validation-delay", delay, *more, *words,
            log="gateway")
        self.server.says('"listening"')
        self.port = json.loads(self.server.text().splitlines()[0])["port"]
        self.settings(f"timeout: {timeout}, settle: {settle}, follow: {follow}, spacing: 100ms")

    def settings(self, more, identity="gateway", beside=""):
        folder = self.house.certificates
        (self.house.folder / "market.yaml").write_text(
            f"format: 1\n{identity}: {{ url: 'https://127.0.0.1:{self.port}/schedules', {more}, certificate: "
            f"{folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n{beside}")


@pytest.fixture
def gateway(make_house):
    return Gateway(make_house())


def test_the_transaction_of_the_text_is_posted_and_followed_until_it_is_valid(gateway):
    gateway.serve(delay=0.5)
    result = gateway.submit()
    assert result.stdout == f"EXAMPL_7_DERA1 {DAY} revision 1: valid, receipt GW-1\n"
    assert "gateway.yaml is unverified" in result.stderr
    [bid] = gateway.bids()
    document = json.loads(gzip.decompress((pathlib.Path(bid["evidence"]) / "payload.xml.gz").read_bytes()))
    assert (document["transaction"], document["resource"], document["trading_date"]) == (
        "SC_SCHEDULE", "EXAMPL_7_DERA1", f"{DAY}")
    assert document["hours"][0]["hour_ending"] == 1 and {hour["mw"] for hour in document["hours"]} == {"0.500"}
    told = gateway.house.command("dertelemetryd", "log", "dump", gateway.house.state / "schedules").stdout
    assert [line.split()[1] for line in told.splitlines()] == ["intended", "attempt", "answered", "verdict"]


def test_the_same_again_sends_nothing_and_a_changed_one_is_a_revision(gateway):
    gateway.serve()
    gateway.submit()
    assert "the same was submitted before, and nothing was changed: valid" in gateway.submit().stdout
    gateway.write("0.600")
    assert "revision 2: valid" in gateway.submit().stdout
    assert [call["batch"] for call in gateway.calls()] == [f"EXAMPL_7_DERA1-{DAY:%Y%m%d}-{n}" for n in (1, 2)]


@pytest.mark.parametrize("fault", ["lose-answer", "half-answer", "hang-taken"])
def test_what_arrived_is_found_by_asking_and_not_sent_again(gateway, fault):
    gateway.serve(fault, timeout="1s")
    result = gateway.submit()
    assert "no answer, so it may have arrived" in result.stderr and "revision 1: valid" in result.stdout
    assert len(gateway.calls()) == 1


@pytest.mark.parametrize("fault", ["drop", "hang", "breakdown"])
def test_what_did_not_arrive_is_sent_again_when_its_absence_has_held(gateway, fault):
    gateway.serve(fault, timeout="1s")
    assert "revision 1: valid" in gateway.submit().stdout
    assert len(gateway.calls()) == 2 and len(gateway.calls("results")) >= 4


def test_who_asks_too_often_tries_again_and_who_has_no_access_is_told(gateway):
    gateway.serve("throttle")
    assert "asked too often" in gateway.submit().stderr
    gateway.server.end()
    gateway.write("0.600")
    gateway.serve("denied")
    assert "not sent: HTTP 403" in gateway.submit(exits=69).stdout
    assert "revision 2: valid" in gateway.submit().stdout


def test_what_is_invalid_says_which_rule_failed_and_what_is_refused_why(gateway):
    gateway.serve(capacity=400)
    assert "invalid, receipt GW-1: G-0002: 0.500 MW in hour ending 1" in gateway.submit(exits=65).stdout
    gateway.server.end()
    gateway.write("0.300")
    gateway.serve("refuse")
    assert "rejected: The transaction is refused." in gateway.submit(exits=65).stdout


@pytest.mark.parametrize("moment", ["afterSync:1", "afterSync:2", "beforeFirstBodyByte:1", "bodyGiven:1", "answerBegun:1"])
def test_a_command_that_is_killed_sends_nothing_twice(gateway, moment):
    gateway.serve()
    gateway.house.environment = {"DERTELEMETRYD_STOP_AT": moment}
    killed = gateway.house.start(
        "dertelemetryd", "schedule", "submit", gateway.house.folder / "day.csv", "--config",
        gateway.house.configuration, log="killed")
    assert killed.process.wait(30) == -9
    gateway.house.environment = {}
    assert "revision 1: valid" in gateway.submit().stdout
    assert len([call for call in gateway.calls() if call["outcome"] == "accepted"]) == 1 == len(gateway.bids())


def test_show_prints_the_document_and_sends_nothing(gateway):
    gateway.serve()
    result = gateway.submit("--show")
    assert json.loads(result.stdout)["transaction"] == "SC_SCHEDULE" and gateway.calls() == []


def test_of_two_receivers_one_is_named_and_what_is_open_at_the_other_is_not_asked_here(gateway):
    gateway.serve(delay=60, follow="1s")
    gateway.submit(exits=75)
    folder = gateway.house.certificates
    gateway.settings(
        "timeout: 2s", beside="sibr: { url: 'https://127.0.0.1:1/' }\n"
        f"identities: {{ sibr: {{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }} }}\n")
    assert "name one of them with --through" in gateway.submit(exits=64).stderr
    assert "went to gateway and is open there" in gateway.submit("--through", "sibr", exits=75).stdout
    assert len(gateway.calls()) == 1


def test_a_profile_that_asks_for_what_is_not_known_is_refused_with_its_place(gateway):
    gateway.serve()
    path = gateway.house.folder / "profiles/gateway.yaml"
    path.write_text(path.read_text().replace("$trade_date           #", "$price #", 1))
    result = gateway.submit(exits=78)
    assert "gateway.yaml:" in result.stderr and "body.trading_date: expected one of the values known here" in result.stderr
    assert gateway.calls() == []
