"""Schedules on their way to SIBR and back: signed, each word of the receiver kept."""

import gzip
import pathlib
import shutil
import subprocess
import sys

import pytest
from programs import ROOT
from receivers import DAY, SIBR


@pytest.fixture
def market(make_house):
    return SIBR(make_house())


def test_a_schedule_goes_out_and_is_followed_until_it_is_valid(market):
    market.serve(delay=0.5)
    result = market.submit()
    assert result.stdout == f"EXAMPL_7_DERA1 {DAY} revision 1: valid, receipt SIBR-1\n"
    assert "sibr.yaml is unverified" in result.stderr
    [bid] = market.bids()
    assert (bid["state"], bid["revision"], bid["attempts"]) == ("valid", 1, 1)
    folder = pathlib.Path(bid["evidence"])
    payload = gzip.decompress((folder / "payload.xml.gz").read_bytes())
    assert payload.count(b"<selfSchedMw>0.500<") == 24
    names = {path.name.split("-")[0].split(".")[0] for path in folder.iterdir()}
    assert names == {"payload", "envelope", "answer", "question", "held"}
    assert "valid, receipt SIBR-1" in market.house.ask("schedule", "list").stdout
    log = market.house.command("dertelemetryd", "log", "verify", market.house.state / "schedules")
    assert log.returncode == 0 and "sound" in log.stdout, log.stdout + log.stderr
    told = market.house.command("dertelemetryd", "log", "dump", market.house.state / "schedules").stdout
    assert [line.split()[1] for line in told.splitlines()] == ["intended", "attempt", "answered", "verdict"]


def test_what_is_invalid_says_which_rule_failed(market):
    market.serve(capacity=400)
    result = market.submit(exits=65)
    assert "invalid, receipt SIBR-1: S-0002: 0.500 MW at" in result.stdout
    assert market.bids()[0]["rules"][0].startswith("S-0002: ")
    assert "was refused before, and nothing was sent" in market.submit(exits=65).stdout
    assert len(market.calls()) == 1
    assert "revision 2: invalid" in market.submit("--again", exits=65).stdout


def test_what_is_refused_as_a_whole_is_not_sent_again(market):
    market.serve("refuse")
    assert "rejected: The bid set is refused." in market.submit(exits=65).stdout
    assert len(market.calls()) == 1 and market.calls("results") == []


def test_who_has_no_access_is_told_and_the_schedule_waits(market):
    market.serve("denied")
    assert "You are not authorized" in market.submit(exits=69).stdout
    assert "revision 1: valid" in market.submit().stdout


def test_nobody_there_leaves_it_ready(market):
    market.serve()
    market.server.end()
    assert "not sent: " in market.submit(exits=69).stdout
    market.serve()
    assert "revision 1: valid" in market.submit().stdout
    assert len(market.calls()) == 1


def test_what_is_not_judged_in_time_is_followed_by_the_same_command(market):
    market.serve(delay=3, follow="1s")
    assert "not validated yet, receipt SIBR-1; run the same again" in market.submit(exits=75).stdout
    market.write("0.600")
    assert "is on its way, so that the changed one was not sent" in market.submit(exits=75).stdout
    market.settings("timeout: 2s, follow: 20s, spacing: 100ms")
    assert "revision 2: valid" in market.submit().stdout, "the changed one goes out after the first one has ended"
    assert len(market.calls()) == 2


def test_show_prints_what_would_be_sent_and_changes_nothing(market):
    market.serve()
    result = market.submit("--show")
    assert "would be sent as revision 1" in result.stderr and result.stdout.count("<BidSelfSched>") == 24
    assert market.calls() == [] and market.house.ask("schedule", "list").returncode == 69
    assert market.house.ask("schedule", "submit", "--at", "2026-11-23T12:00:00Z", "x").returncode == 64


def test_without_its_own_identity_nothing_is_sent(market):
    market.serve()
    market.settings("timeout: 2s", identity="rims")
    result = market.submit(exits=78)
    assert "sibr has no identity: set `identities.sibr`" in result.stderr and "rims" in result.stderr
    assert market.calls() == []


def test_nothing_is_half_sent_of_files_of_which_one_cannot_be(market):
    market.serve()
    market.write("9.000", "other.csv")
    (market.house.folder / "third.csv").write_text((market.house.folder / "day.csv").read_text().replace(
        "EXAMPL_7_DERA1", "ELSEWHERE"))
    result = market.submit(exits=65, files=("day.csv", "other.csv", "third.csv"))
    assert "hours.1: is 9 MW" in result.stderr and "is ELSEWHERE" in result.stderr
    assert market.calls() == [] and market.house.ask("schedule", "list").returncode == 69


def test_two_commands_do_not_submit_at_once(market):
    market.serve("hang", timeout="3s")
    first = market.house.start(
        "dertelemetryd", "schedule", "submit", market.house.folder / "day.csv", "--config", market.house.configuration,
        log="first")
    # The fault is in the log once the first has its lock and its call is on its way.
    market.server.says('"disturbed"')
    assert "another command is submitting" in market.submit(exits=75).stderr
    assert first.process.wait(30) == 0


def test_after_damage_the_receiver_is_asked_before_anything_is_sent(market):
    market.serve()
    market.submit()
    [segment] = (market.house.state / "schedules/ledger").iterdir()
    content = bytearray(segment.read_bytes())
    place = content.index(b"EXAMPL_7_DERA1")
    content[place] ^= 0xFF
    segment.write_bytes(content)
    result = market.submit()
    assert "missing or damaged: the receiver is asked before anything" in result.stderr
    assert "revision 1: valid" in result.stdout
    assert len(market.calls()) == 1


def test_a_stranger_checks_the_signature_takes_the_bid_and_tells_of_it(market, tmp_path):
    """`Tests/Peers/receiver.py` shares no code with us: Python's TLS and XML, and the xmlsec1 command."""
    folder = tmp_path / "receiver"
    shutil.copytree(market.house.certificates, folder)
    peer = subprocess.Popen(
        [sys.executable, ROOT / "Tests/Peers/receiver.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True)
    try:
        market.port = int(peer.stdout.readline().split()[1])
        market.settings("timeout: 10s, spacing: 100ms, follow: 20s")
        result = market.house.ask("schedule", "submit", market.house.folder / "day.csv")
        assert result.returncode == 0 and "revision 1: valid, receipt " in result.stdout, result.stdout + result.stderr
        [bid] = market.bids()
        kept = gzip.decompress((pathlib.Path(bid["evidence"]) / "payload.xml.gz").read_bytes())
        [received] = folder.glob("payload-*.xml")
        assert received.read_bytes() == kept and bid["payloadDigest"] == bid["receipt"] == received.stem.split("-")[1]
    finally:
        peer.stdin.close()
        peer.wait(10)
