"""Schedules to a coordinator's gateway, as JSON: what is not the same on each way."""

import gzip
import json
import pathlib

import pytest
from receivers import DAY, Gateway


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


def test_who_has_no_access_is_told_and_the_schedule_waits(gateway):
    gateway.serve("denied")
    assert "not sent: HTTP 403" in gateway.submit(exits=69).stdout
    assert "revision 1: valid" in gateway.submit().stdout


def test_what_is_invalid_says_which_rule_failed_and_what_is_refused_why(gateway):
    gateway.serve(capacity=400)
    assert "invalid, receipt GW-1: G-0002: 0.500 MW in hour ending 1" in gateway.submit(exits=65).stdout
    gateway.server.end()
    gateway.write("0.300")
    gateway.serve("refuse")
    assert "rejected: The transaction is refused." in gateway.submit(exits=65).stdout


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
