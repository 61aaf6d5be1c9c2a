"""OASIS as a person asks it, against the stand-in: what is added, every fault told, two at once spaced."""

import concurrent.futures
import csv
import io
import json
import shutil
import sqlite3
import time

import pytest
from programs import ROOT

REQUEST = "/oasis/singleZip?queryname=AS_RESULTS&market_run_id=RTM&startdatetime=2026-11-23"
SPACING = 50  # milliseconds, so that tests are short


class Market:
    def __init__(self, house):
        self.house = house

    def serve(self, *faults, spacing=0, settings=""):
        certificates = self.house.certificates
        words = ["--fault", *faults] if faults else []
        self.server = self.house.start(
            "dersim", "market", "--port", 0, "--certificate", certificates / "server.crt", "--key",
            certificates / "server.key", "--spacing", spacing, *words, log="market")
        self.server.says("listening on ")
        port = self.server.text().splitlines()[0].rsplit(":", 1)[1]
        self.point(f"https://127.0.0.1:{port}/oasisapi/SingleZip", settings)

    def point(self, url, settings=""):
        (self.house.folder / "market.yaml").write_text(
            f"format: 1\noasis:\n  url: {url}\n  spacing: {SPACING}ms\n  trust: {self.house.certificates}/ca.crt\n"
            f"{settings}")

    def ask(self, *arguments, exits=0):
        result = self.house.ask("oasis", *arguments)
        assert result.returncode == exits, (result.returncode, result.stdout[-2000:], result.stderr[-2000:])
        return result


@pytest.fixture
def market(make_house):
    house = make_house()
    house.settings.port = 18443
    house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
    house.configure()
    shutil.copy(ROOT / "config/registration.yaml", house.folder)
    return Market(house)


def test_the_request_of_the_text_is_answered_and_what_was_added_is_said(market):
    market.serve()
    result = market.ask("get", REQUEST, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 2 * 96, "every 15 minutes, two regions"
    starts = [row["INTERVALSTARTTIME_GMT"] for row in rows]
    assert starts == sorted(starts) and starts[0] == "2026-11-23T08:00:00-00:00"
    for name in ["enddatetime=20261124T08:00-0000", "version=1", "anc_type=ALL", "anc_region=ALL", "resultformat=6"]:
        assert f"added: {name}" in result.stderr
    assert "/oasisapi/SingleZip in place of /oasis/singleZip" in result.stderr
    assert "note: AS_RESULTS is ancillary service procured by region" in result.stderr
    assert "five-minute dispatch comes from ADS" in result.stderr
    database = sqlite3.connect(market.house.state / "market.sqlite")
    assert database.execute("select count(*) from report_rows where report = 'AS_RESULTS'").fetchone() == (192,)


@pytest.mark.parametrize("date, count", [("2026-03-08", 276), ("2026-11-23", 288), ("2026-11-01", 300)])
def test_prices_are_those_of_the_registered_node_on_days_of_every_length(market, date, count):
    market.serve()
    rows = market.ask("prices", "--trade-date", date).stdout.splitlines()[1:]
    assert len(rows) == count and all(" FRESNO_7_N001 " in row for row in rows)
    parts = json.loads(market.ask("prices", "--trade-date", date, "--format", "json").stdout)
    assert len(parts) == 3 * count


def test_results_and_long_spans(market):
    market.serve()
    assert "AS_SP26" in market.ask("results", "--trade-date", "2026-11-23").stdout
    request = "queryname=AS_RESULTS&startdatetime=2026-01-01&enddatetime=2026-03-31"
    result = market.ask("get", request, "--format", "csv")
    assert "3 calls of at most 30 days" in result.stderr
    assert len(result.stdout.splitlines()) == 1 + 2 * (90 * 96 - 4), "no row twice, none left out"


def test_a_resource_is_listed_as_it_is_registered_or_not(market):
    market.serve()
    listed = market.ask("resource", "EXAMPL_7_DERA1")
    assert "is listed in OASIS, as it is registered" in listed.stdout and "node: FRESNO_7_N001" in listed.stdout
    assert "NOBODY is not listed" in market.ask("resource", "NOBODY", exits=1).stdout
    path = market.house.folder / "registration.yaml"
    path.write_text(path.read_text().replace("capacity: 400 kW", "capacity: 500 kW").replace(": PGAE", ": SCE"))
    differs = json.loads(market.ask("resource", "EXAMPL_7_DERA1", "--format", "json").stdout)
    assert differs["listed"] and differs["differences"] == [
        "UDC is PGAE in OASIS and SCE in the registration",
        "capacity is 1.05 MW in OASIS and 1.15 MW in the registration",
    ]


def test_whoever_is_not_there_is_not_reachable(market):
    market.point("https://127.0.0.1:1/oasisapi/SingleZip")
    assert "not reachable" in market.ask("resource", "EXAMPL_7_DERA1", exits=69).stderr
    market.serve()
    # Another certificate authority than its own.
    text = (market.house.folder / "market.yaml").read_text()
    (market.house.folder / "market.yaml").write_text(
        "".join(line for line in text.splitlines(True) if "trust" not in line))
    market.ask("get", REQUEST, exits=69)


@pytest.mark.parametrize("fault, exits, words", [
    ("no-data", 1, "1000 no data"),
    ("cut-short", 65, "the ZIP cannot be used"),
    ("wrong-checksum", 65, "the ZIP cannot be used"),
    ("out-of-folder", 65, "leads out of the archive"),
    ("bomb", 65, "larger than 268435456 bytes together"),
    ("page", 65, "no ZIP but"),
    ("other-columns", 65, "AS_RESULTS without ANC_TYPE, ANC_REGION, MW"),
])
def test_what_is_no_answer_is_said_and_not_kept(market, fault, exits, words):
    market.serve(fault)
    result = market.ask("get", REQUEST, exits=exits)
    assert words in result.stderr and result.stdout == ""
    assert not (market.house.state / "market.sqlite").exists()
    assert market.server.is_running
    assert market.ask("get", REQUEST).stdout, "the next call is answered"


@pytest.mark.parametrize("fault", ["throttle", "throttle-200", "busy-there", "half-body"])
def test_what_passes_is_asked_again(market, fault):
    market.serve(fault)
    result = market.ask("get", REQUEST, "--format", "csv")
    assert "asked again, try 2 of 3" in result.stderr and len(result.stdout.splitlines()) == 193


def test_what_does_not_pass_ends(market):
    market.serve("throttle", "throttle-200", "throttle")
    assert "asked too often" in market.ask("get", REQUEST, exits=75).stderr
    market.server.end()
    market.serve("busy-there", "busy-there", "busy-there")
    market.ask("get", REQUEST, exits=69)


def test_a_body_that_trickles_ends_with_the_time_for_the_whole_of_it(market):
    market.serve("trickle", "trickle", "trickle", settings="  timeout: 1s\n")
    began = time.monotonic()
    assert "no whole answer within 1s" in market.ask("get", REQUEST, exits=69).stderr
    assert time.monotonic() - began < 30


def test_xml_is_read_as_csv_is(market):
    market.serve("xml")
    rows = list(csv.DictReader(io.StringIO(market.ask("get", REQUEST, "--format", "csv").stdout)))
    assert len(rows) == 192 and rows[0]["TZ"] == "PPT" and rows[0]["MW"]


def test_what_oasis_refuses_says_its_code(market):
    market.serve()
    result = market.ask("get", "queryname=NO_REPORT&startdatetime=2026-11-23", exits=65)
    assert "refused: 1001" in result.stderr and "NO_REPORT is not known here" in result.stderr


def test_a_request_that_cannot_be_sent_is_not_sent(market):
    market.serve()
    for request in ["queryname=PRC_LMP", REQUEST + "x", "queryname=AS_RESULTS&startdatetime=11/23/2026"]:
        market.ask("get", request, exits=64)
    assert len(market.server.text().splitlines()) == 1, "nothing came"
    shown = market.ask("get", REQUEST, "--show").stdout
    assert shown.startswith("https://") and "version=1" in shown
    assert len(market.server.text().splitlines()) == 1


def test_several_processes_keep_the_spacing_together(market):
    global SPACING
    SPACING = 700
    try:
        market.serve(spacing=600)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda _: market.ask("get", REQUEST), range(4)))
    finally:
        SPACING = 50
    assert len(results) == 4
    assert "too early" not in market.server.text()


def test_the_version_of_a_report_can_be_set(market):
    market.serve(settings="  versions: { AS_RESULTS: 7 }\n")
    assert "added: version=7" in market.ask("get", REQUEST).stderr
    (market.house.folder / "market.yaml").write_text("format: 1\noasis: { url: 'http://x' }\n")
    assert "market.yaml:2:" in market.ask("get", REQUEST, exits=78).stderr
