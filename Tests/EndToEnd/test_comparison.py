"""What was measured beside what was scheduled and what it is worth, with real readings."""

import datetime
import decimal
import json
import shutil
import time
import xml.etree.ElementTree

import pytest
from house import PACIFIC
from programs import ROOT

RESOURCE = "EXAMPL_7_DERA1"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def house(settled_house):
    # Not in the last minute before midnight, Pacific: a test is of one trade date.
    while (now := datetime.datetime.now(PACIFIC)).hour == 23 and now.minute == 59:
        time.sleep(1)
    house = settled_house(interval="5s")
    house.date = datetime.datetime.now(PACIFIC).date()
    house.start_daemon()
    house.await_accepted(house.now() + 15, 60)
    return house


def hours(date):
    start = datetime.datetime.combine(date, datetime.time(), PACIFIC).timestamp()
    end = datetime.datetime.combine(date + datetime.timedelta(days=1), datetime.time(), PACIFIC).timestamp()
    count = round((end - start) / 3_600)
    return [1, 2, *range(4, 25)] if count == 23 else list(range(1, count + 1))


def write_schedule(house, megawatts="0.125"):
    document = {
        "transaction": "SC_SCHEDULE", "resource": RESOURCE, "trading_date": house.date.isoformat(),
        "hours": {str(hour): megawatts for hour in hours(house.date)}}
    path = house.folder / "day.json"
    path.write_text(json.dumps(document))
    return path


def bring_prices(house):
    market = house.start(
        "dersim", "market", "--port", 0, "--certificate", house.certificates / "server.crt", "--key",
        house.certificates / "server.key", "--spacing", 0, log="market")
    market.says("listening on ")
    port = market.text().splitlines()[0].rsplit(":", 1)[1]
    (house.folder / "market.yaml").write_text(
        f"format: 1\noasis: {{ url: 'https://127.0.0.1:{port}/oasisapi/SingleZip', spacing: 1ms, "
        f"trust: {house.certificates}/ca.crt }}\n")
    result = house.ask("oasis", "prices", "--trade-date", house.date, "--node", "N1", "--format", "csv")
    assert result.returncode == 0, result.stderr


def compare(house, *words, exits=0):
    result = house.ask("intervals", "--resource", RESOURCE, "--trade-date", house.date, *words)
    assert result.returncode == exits, result.stdout[-500:] + result.stderr
    return result


def test_measured_scheduled_and_price_come_to_a_deviation_and_its_worth(house):
    bring_prices(house)
    result = compare(house, "--compare", "--schedule", write_schedule(house), "--node", "N1", "--format", "json")
    report = json.loads(result.stdout)
    assert result.stderr == "" and len(report["intervals"]) == len(hours(house.date)) * 720
    measured = {row["interval_ending"] if "interval_ending" in row else row["intervalEnding"]: row
                for row in json.loads(compare(house, "--format", "json").stdout) if row["measurement"] == "GEN"}
    rows = [row for row in report["intervals"] if row["measuredMW"]]
    assert rows and report["comparedCount"] == len(rows) == report["pricedCount"]
    worth = decimal.Decimal(0)
    for row in rows:
        energy = decimal.Decimal(measured[row["intervalEnding"]]["value"])
        power = energy * 720
        assert abs(decimal.Decimal(row["measuredMW"]) - power) <= decimal.Decimal("0.000001")
        assert row["scheduledMW"] == "0.125"
        deviation = power - decimal.Decimal("0.125")
        assert abs(decimal.Decimal(row["deviationMW"]) - deviation) <= decimal.Decimal("0.000001")
        worth += deviation / 720 * decimal.Decimal(row["price"])
    assert abs(decimal.Decimal(report["worth"]) - worth) < decimal.Decimal("0.001")


def test_what_is_not_known_is_said_and_left_empty(house):
    result = compare(house, "--compare")
    assert "note: no prices: EXAMPL_7_DERA1 is not registered; name its node with --node" in result.stderr
    assert result.stdout.splitlines()[-1].startswith(f"{RESOURCE} {house.date}, 0 intervals compared")
    assert "no prices yet: dertelemetryd oasis prices" in compare(house, "--compare", "--node", "N1").stderr
    broken = house.folder / "broken.json"
    broken.write_text("{}")
    assert "nothing can be submitted" in compare(house, "--compare", "--schedule", broken, exits=65).stderr
    compare(house, "--schedule", broken, exits=64)
    compare(house, "--compare", "--follow", exits=64)


def test_the_picture_has_the_series_that_are_known_and_shades_the_rest(house):
    bring_prices(house)
    path = house.folder / "day.svg"
    compare(house, "--plot", path, "--schedule", write_schedule(house), "--node", "N1")
    root = xml.etree.ElementTree.parse(path).getroot()
    assert {line.get("class") for line in root.iter(f"{SVG}path")} >= {"measured", "scheduled", "price"}
    labels = [text.text for text in root.iter(f"{SVG}text")]
    assert "dispatched, MW (none known)" in labels and "measured, MW" in labels and "price, $/MWh" in labels
    assert [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "missing"]


def test_what_was_submitted_and_dispatched_is_compared_without_being_named(house):
    folder = house.certificates
    ports = {}
    for name in ["sibr", "results"]:
        server = house.start(
            "dersim", name, "--json", "--port", 0, "--certificate", folder / "server.crt", "--key", folder / "server.key",
            "--trust", folder / "ca.crt", log=name)
        server.says('"listening"')
        ports[name] = json.loads(server.text().splitlines()[0])["port"]
    identity = f"{{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}"
    (house.folder / "market.yaml").write_text(
        f"format: 1\nsibr: {{ url: 'https://127.0.0.1:{ports['sibr']}/', spacing: 200ms }}\n"
        f"ads: {{ url: 'https://127.0.0.1:{ports['results']}/ads' }}\n"
        f"identities:\n  sibr: {identity}\n  ads: {identity}\n")
    shutil.copy(ROOT / "config/registration.yaml", house.folder)
    for name in ["sibr", "ads"]:
        shutil.copy(ROOT / f"config/profiles/{name}.yaml", house.folder / "profiles")
    today, house.date = house.date, house.date + datetime.timedelta(days=2)
    submitted = house.ask("schedule", "submit", write_schedule(house, "0.321"))
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    report = json.loads(compare(house, "--compare", "--format", "json").stdout)
    assert {row["scheduledMW"] for row in report["intervals"]} == {"0.321"}
    house.date = today
    assert house.ask("dispatch").returncode in (0, 1)
    report = json.loads(compare(house, "--compare", "--format", "json").stdout)
    assert {row["scheduledMW"] for row in report["intervals"]} == {""}
    assert [row for row in report["intervals"] if row["dispatchedMW"]]
