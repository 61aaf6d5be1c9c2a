"""kill -9 at the worst moments, by name: before and after each write, sync, submission and answer.

A debug build ends itself as `kill -9` would when a moment of `StopPoint` has come for the n-th time. KILLS says how many
times in all; `make drill` asks for many more than `make test`.
"""

import collections
import concurrent.futures
import os
import random
import re
import signal
import subprocess
import time

from ledger_file import UNKNOWN, frames, segments
from programs import ROOT
from test_kill import check_accounts

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("KILL_SEED", "20261124"))
HOUSES = 2
LENGTH = 1
# A start, the first seals and a submission take two seconds; a moment that has not come in this time is killed from outside.
PATIENCE = 6
POINTS = re.findall(
    r"\b(\w+)(?:,|$)", "\n".join(re.findall(
        r"^  case (.*)$", (ROOT / "Sources/DERTelemetryd/Dispatch/StopPoint.swift").read_text(), re.M)), re.M)
# How many times a moment may have come before; the log's come often, those of a start once.
TIMES = {"locked": 1, "recovered": 1, "started": 1, "payloadStored": 2, "envelopeStored": 2}
OFTEN = {"beforeWrite": 10, "amidWrite": 10, "afterWrite": 10, "beforeSync": 10, "afterSync": 10, "beforeRelease": 8}


class Executioner:
    """Starts the daemon of one house, again and again, so that it dies at each moment in turn."""

    def __init__(self, house, seed, kills):
        self.house, self.kills = house, kills
        self.random = random.Random(seed)
        self.moments = collections.Counter()
        self.missed = collections.Counter()
        self.cut_off = 0
        self.records = 0

    def kill_all(self):
        for number in range(self.kills):
            point = POINTS[number % len(POINTS)]
            self.kill_at(point, self.random.randint(1, {**TIMES, **OFTEN}.get(point, 3)))

    def kill_at(self, point, times):
        daemon = self.house.start_daemon(ready=False, DERTELEMETRYD_STOP_AT=f"{point}:{times}")
        try:
            daemon.process.wait(PATIENCE)
            self.moments[point] += 1
        except subprocess.TimeoutExpired:
            daemon.kill()
            self.missed[point] += 1
        assert daemon.process.returncode == -signal.SIGKILL, daemon.text()
        self.read_what_was_said(daemon)
        audit = self.house.audit()
        assert audit["exit"] == 0, f"after {point}:{times}, seed {SEED}: {audit}"
        assert audit["records"] >= self.records, f"after {point}:{times}, seed {SEED}: records are lost"
        self.records = audit["records"]

    def read_what_was_said(self, daemon):
        """A write that was cut off is called so, and never damage."""
        text = daemon.text()
        assert "damaged" not in text, text
        self.cut_off += text.count("the last write to the ledger was cut off")


def test_after_kill_9_at_each_named_moment_nothing_is_lost_and_nothing_is_there_twice(settled_house):
    assert len(POINTS) == 17
    settings = {"interval": f"{LENGTH}s", "settle": "1s", "timeout": "10s", "scan": "250ms"}
    houses = [settled_house(count=2, **settings) for _ in range(HOUSES)]
    executioners = [Executioner(house, SEED + index, KILLS // HOUSES) for index, house in enumerate(houses)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(HOUSES) as pool:
        for done in [pool.submit(each.kill_all) for each in executioners]:
            done.result()
    seconds = time.monotonic() - began
    moments = sum((each.moments for each in executioners), collections.Counter())
    missed = sum((each.missed for each in executioners), collections.Counter())
    held_count = unknown = duplicates = losses = 0
    for house in houses:
        executioners[houses.index(house)].read_what_was_said(house.start_daemon())
        now = time.time()
        house.await_accepted(now, 60)
        assert house.daemon.stop() == 0
        ledger, held, total = check_accounts(house, now // LENGTH * LENGTH)
        held_count += len(held)
        duplicates += total["duplicates"]
        accepted = {key for key, row in house.intervals().items() if row["state"] == "accepted"}
        losses += len(accepted - set(held))
        unknown += ledger.kinds.count(UNKNOWN)
    print(
        f"{moments.total() + missed.total()} kills in {seconds:.0f} s, {moments.total()} at a named moment "
        f"{dict(moments)}, missed {dict(missed)}; {held_count} intervals, {unknown} unknown outcomes, "
        f"{losses} losses, {duplicates} duplicates, {sum(each.cut_off for each in executioners)} writes cut off")
    assert (losses, duplicates) == (0, 0)
    assert set(moments) == set(POINTS), "each moment came"


def test_a_write_that_a_kill_cut_off_is_no_damage_and_a_flipped_bit_in_the_last_frame_is(settled_house):
    house = settled_house(count=1, interval="1s", scan="250ms")
    house.start_daemon()
    assert house.daemon.stop() == 0
    # Among the first writes of a start is the last frame of the ledger, once more; the readings log opens beside it.
    said = ""
    for number in range(1, 4):
        assert house.start_daemon(ready=False, DERTELEMETRYD_STOP_AT=f"amidWrite:{number}").process.wait(20) == -9
        house.start_daemon()
        text = house.daemon.text()
        assert "damaged" not in text, text
        said += text
        assert house.daemon.stop() == 0
    assert "the last write to the ledger was cut off" in said, said
    path = segments(house.state)[-1]
    last = frames(path.read_bytes())[-1]
    with path.open("r+b") as file:
        file.seek(last.offset + last.length // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 4]))
    assert house.audit()["exit"] == 1
    house.start_daemon()
    assert "the ledger was damaged" in house.daemon.text()
    assert house.daemon.stop() == 0
    assert house.audit()["exit"] in (0, 1)
