"""A trade date as CSV."""

import csv
import datetime
import io

from house import PACIFIC


def test_an_export_has_a_line_for_each_owed_interval_and_is_whole(settled_house):
    house = settled_house()
    house.start_daemon()
    house.await_accepted(house.now() + 15, 60)
    date = datetime.datetime.fromtimestamp(house.now(), PACIFIC).date()
    path = house.folder / "day.csv"
    result = house.ask("export", "--trade-date", date, "--resource", "EXAMPL_7_DERA1", "--output", path)
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert {row["resource_id"] for row in rows} == {"EXAMPL_7_DERA1"}
    assert {row["sc_id"] for row in rows} == {"EXSC"}
    held, _ = house.held()
    accepted = [row for row in rows if row["state"] == "accepted"]
    assert accepted
    for row in accepted:
        assert held[row["resource_id"], row["measurement_type"], row["interval_end_gmt"]]["value"] == row["value"]
        local = datetime.datetime.fromisoformat(row["interval_end_ppt"])
        assert local == datetime.datetime.fromisoformat(row["interval_end_gmt"])
        assert local.utcoffset() == local.astimezone(PACIFIC).utcoffset()
    assert house.ask("export", "--trade-date", date, "--output", "/nowhere/day.csv").returncode == 74
    assert house.ask("export", "--trade-date", "2026-02-30").returncode == 64
