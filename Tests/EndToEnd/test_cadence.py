"""When a channel's turn comes: `submit` of the configuration."""

import datetime

import pytest
from house import PACIFIC, ending
from programs import until


def clock(seconds):
    """A time of day in California, as the configuration has it."""
    return datetime.datetime.fromtimestamp(seconds, PACIFIC).strftime("%H:%M")


def queued(house):
    return [row for row in house.intervals().values() if row["state"] == "queued"]


def test_nothing_leaves_before_the_turn_of_its_channel(settled_house):
    house = settled_house()
    house.configure(submit=f"daily {clock(house.now() + 12 * 3_600)}")
    house.start_daemon()
    until(lambda: len(queued(house)) >= 8, 40, house.describe)
    assert house.held()[0] == {}
    assert not any(call for call in house.calls())
    house.daemon.kill()
    house.configure(submit="each-interval")
    now = house.now()
    house.start_daemon()
    house.await_accepted(now, 40)
    assert house.audit()["exit"] == 0 and house.held()[1]["exit"] == 0


@pytest.mark.slow
def test_what_is_sealed_by_the_time_of_day_leaves_then(settled_house):
    house = settled_house()
    turn = (house.now() + 30) // 60 * 60 + 60
    house.configure(submit=f"daily {clock(turn)}")
    house.start_daemon()
    until(lambda: house.now() >= turn - 2, 100, house.describe, every=0.5)
    assert house.held()[0] == {}
    house.await_accepted(turn - 1, 20)
    until(lambda: len(queued(house)) >= 4, 30, house.describe)
    assert all(ending(row) <= turn - 1 for row in house.held()[0].values())
    assert house.held()[1]["exit"] == 0
