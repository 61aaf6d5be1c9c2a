"""The whole path: from readings to receipt."""

import itertools
import time

from house import ending
from programs import until


def values_agree(intervals, held):
    """What the operator holds is what the daemon says, text for text, and nothing else."""
    assert set(held) <= set(intervals)
    for key, row in held.items():
        assert row["received"] == 1, key
        assert row["value"] == intervals[key]["value"], key


def all_but_the_current_accepted(intervals):
    """Whether there are intervals and each series has them all accepted but for the one that is being measured."""
    series = itertools.groupby(intervals.values(), key=lambda row: (row["resource"], row["measurement"]))
    states = [[row["state"] for row in sorted(rows, key=ending)] for _, rows in series]
    return len(states) == 4 and all(
        len(row) >= 3 and row[-1] == "measuring" and set(row[:-1]) == {"accepted"} for row in states)


def test_within_40_seconds_every_interval_but_the_current_one_is_accepted(settled_house):
    house = settled_house(interval="10s")
    house.start_daemon()
    began = time.monotonic()
    intervals = until(
        lambda: (rows := house.intervals()) and all_but_the_current_accepted(rows) and rows, 40, house.describe)
    print(f"after {time.monotonic() - began:.1f} s: {len(intervals)} intervals")
    audit = house.audit()
    held, total = house.held()
    accepted = {key for key, row in intervals.items() if row["state"] == "accepted"}

    assert audit["exit"] == 0 and audit["law"] == "holds"
    assert all(series["states"]["missing"] == 0 for series in audit["series"])
    assert accepted <= set(held)
    assert total["exit"] == 0
    assert (total["duplicates"], total["revisions"], total["refused"]) == (0, 0, 0)
    values_agree(house.intervals(), held)
    assert any(float(row["value"]) > 0 for row in held.values()), "the recorded day begins in sunshine"
    assert {row["quality"] for row in intervals.values() if row["state"] == "accepted"} == {"measured"}
