"""Day-ahead schedules as a person writes them: what is taken, and what is refused in which words."""

import json
import shutil
import xml.etree.ElementTree

import pytest
from programs import ROOT

BEFORE = "2026-11-26T12:00:00Z"


@pytest.fixture
def house(make_house):
    house = make_house()
    house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
    house.settings.port = 18443
    house.configure()
    for name in ["registration.yaml", "schedule.yaml"]:
        shutil.copy(ROOT / "config" / name, house.folder)
    return house


def check(house, *files, at=BEFORE, exits=0, words=()):
    paths = [house.folder / file for file in files] or [house.folder / "schedule.yaml"]
    result = house.ask("schedule", "check", *paths, "--at", at, *words)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def change(house, old, new):
    path = house.folder / "schedule.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_example_is_taken_and_shown_with_its_hours(house):
    result = check(house)
    assert "EXAMPL_7_DERA1 2026-11-27: 24 hours, 8.4 MWh, the market closes at 2026-11-26T18:00:00Z" in result.stdout
    report = json.loads(check(house, words=["--json"]).stdout)
    hours = report["schedules"][0]["hours"]
    assert report["valid"] and len(hours) == 24
    assert hours[0]["intervalStart"] == "2026-11-27T08:00:00Z" and hours[11]["megawatts"] == "0.85"


def test_json_and_csv_say_the_same(house):
    day = {"transaction": "SC_SCHEDULE", "resource": "EXAMPL_7_DERA1", "trading_date": "2026-11-27"}
    hours = {str(hour): "0.5" for hour in range(1, 25)}
    (house.folder / "day.json").write_text(json.dumps([{**day, "hours": hours}]))
    lines = [f"EXAMPL_7_DERA1,2026-11-27,{hour},0.500" for hour in hours]
    (house.folder / "day.csv").write_text("\n".join(["resource,trading_date,hour_ending,mw", *lines]))
    both = [json.loads(check(house, name, words=["--json"]).stdout)["schedules"] for name in ["day.json", "day.csv"]]
    assert both[0] == both[1]


@pytest.mark.parametrize("date", ["11/23/2026", "2026-02-30", "20261123"])
def test_a_date_of_another_form_is_refused_with_the_right_one(house, date):
    change(house, "2026-11-27", date)
    result = check(house, exits=65)
    assert f"schedule.yaml:7:15: trading_date: expected a date as YEAR-MONTH-DAY, such as `2026-11-23` (ISO 8601); " \
        f"found `{date}`" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("old, new, words", [
    ('  7: "0.050"\n', "", "hours: lacks hour ending 7: 2026-11-27 has 1 to 24"),
    ('  7: "0.050"\n', '  7: "0.050"\n  7: "0.1"\n', "hours.7: is a second time here; the first is at"),
    ('  24: "0.000"\n', '  24: "0"\n  25: "0"\n', "hours: has hour ending 25: 2026-11-27 has 1 to 24"),
    ('"0.850"', "half", "hours.12: expected a number of MW"),
    ('"0.850"', '"1.051"', "hours.12: is 1.051 MW: expected at most the registered capacity of 1.05 MW"),
    ("EXAMPL_7_DERA1", "ELSEWHERE", "resource: is ELSEWHERE, which registration.yaml does not have"),
    ("2026-11-27", "2026-11-20", "the day-ahead market of 2026-11-20 closed at 2026-11-19T10:00:00-08:00"),
])
def test_what_stands_in_the_way_is_said(house, old, new, words):
    change(house, old, new)
    result = check(house, exits=65)
    assert words in result.stderr and "nothing can be submitted" in result.stderr


def test_the_deadline_is_dated_and_can_be_set(house):
    check(house, at="2026-11-26T18:00:00Z", exits=65)
    (house.folder / "market.yaml").write_text(
        "format: 1\nschedule:\n  deadlines: [{ from: 2026-11-27, time: '11:00' }]\n")
    check(house, at="2026-11-26T18:00:00Z")
    check(house, at="2026-11-26T19:00:00Z", exits=65)
    (house.folder / "market.yaml").write_text("format: 1\nschedule: { deadlines: [{ from: x, time: 25:00 }] }\n")
    assert check(house, exits=78).stderr.count("market.yaml:2:") == 2


def test_a_file_that_is_not_there_is_said(house):
    assert "none.yaml" in check(house, "none.yaml", exits=65).stderr


def payload(house, *words, exits=0):
    path = house.folder / "schedule.yaml"
    result = house.ask("schedule", "payload", path, "--at", BEFORE, "--created", BEFORE, *words)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def test_the_payload_is_a_raw_bid_set_with_a_self_schedule_for_each_hour(house):
    shutil.copy(ROOT / "config/profiles/sibr.yaml", house.folder / "profiles")
    result = payload(house)
    assert "sibr.yaml is unverified" in result.stderr
    root = xml.etree.ElementTree.fromstring(result.stdout)
    name = "{http://www.caiso.com/soa/RawBidSet_v1.xsd#}"
    assert root.tag == f"{name}RawBidSet"
    hours = [(hour.findtext(f"{name}timeIntervalStart"), hour.findtext(f"{name}selfSchedMw"))
             for hour in root.iter(f"{name}BidSelfSched")]
    assert len(hours) == 24 and hours[0] == ("2026-11-27T08:00:00Z", "0.000") and hours[11][1] == "0.850"
    assert payload(house, "--output", house.folder / "bid.xml").stdout == ""
    assert (house.folder / "bid.xml").read_text() == result.stdout, "the same bytes again"


def test_the_payload_for_a_gateway_is_the_transaction_of_the_text(house):
    [day] = json.loads(payload(house, "--form", "json").stdout)
    assert (day["transaction"], day["resource"], day["trading_date"]) == ("SC_SCHEDULE", "EXAMPL_7_DERA1", "2026-11-27")
    assert day["hours"][11] == {
        "hour_ending": 12, "interval_start": "2026-11-27T19:00:00Z", "interval_end": "2026-11-27T20:00:00Z",
        "mw": "0.850"}


def test_nothing_is_written_of_what_could_not_be_submitted(house):
    change(house, '"0.850"', '"9.000"')
    result = payload(house, "--form", "json", "--output", house.folder / "bid.json", exits=65)
    assert "hours.12: is 9 MW" in result.stderr and not (house.folder / "bid.json").exists()
    change(house, '"9.000"', '"0.850"')
    assert "the profile sibr is not there" in payload(house, exits=78).stderr
