"""Under fire: every fault of the operator, kills and restarts meanwhile, a resource that goes, a disk that is full.

After each, the audit explains every interval, nothing is there twice, and once the faults end everything comes to its end.
"""

import collections
import concurrent.futures
import datetime
import os
import random
import re
import subprocess
import threading
import time

import pytest
from house import ending
from programs import ROOT, until

SEED = int(os.environ.get("FAULT_SEED", "20261125"))
# How many times each fault has its turn.
ROUNDS = int(os.environ.get("ROUNDS", "1"))
FAULTS = re.findall(
    r'^  case \w+ = "([a-z-]+)"|^  case (hang|fault|away|throttle|refuse|reject|pending|forget)$',
    (ROOT / "Sources/DERSimulator/Operator/Faults/OperatorFault.swift").read_text(), re.M)
FAULTS = [first or second for first, second in FAULTS]
# What is kept back comes after the client has given up, and long before it counts as absent.
LATE = {"late_by": "1500ms", "away_for": "1s", "asks": 2}
SETTINGS = {"interval": "1s", "scan": "250ms", "timeout": "1s", "settle": "4s"}
FINAL = ("accepted", "rejected")
REMOVED = "EXAMPL_7_DERA2"


@pytest.fixture
def faulty_house(settled_house):
    def make(**settings):
        house = settled_house(start_operator=False, **{**SETTINGS, **settings})
        house.set_faults(fault_seed=SEED)
        house.start_operator()
        return house

    return make


def faults_met(house):
    return collections.Counter(call["fault"] for call in house.calls() if "fault" in call)


def check_every_interval(house, intervals):
    """The audit holds, nothing came twice, and what the daemon says of an interval is what the operator holds."""
    audit, (held, total) = house.audit(), house.held()
    assert audit["exit"] == 0, audit
    assert (total["exit"], total["duplicates"]) == (0, 0), [row for row in held.values() if row["duplicates"]]
    for key, row in intervals.items():
        value = held.get(key, {}).get("value")
        if row["state"] == "accepted":
            assert value == row["value"], (key, value, row)
        elif row["state"] == "rejected":
            assert value is None, (key, value, row)
    assert not [key for key, row in held.items() if row.get("value") and intervals[key]["state"] in ("due", "missing")]
    return total


def end_of_faults(house, seconds=150):
    """No fault from now on: waits until everything has come to its end and checks it."""
    house.set_faults(fault_seed=SEED)
    now = time.time()
    house.await_accepted(now, seconds, final=FINAL)
    assert house.daemon.stop() == 0
    intervals = house.intervals()
    total = check_every_interval(house, intervals)
    states = collections.Counter(row["state"] for row in intervals.values())
    print(
        f"{sum(faults_met(house).values())} faults {dict(faults_met(house))}; intervals {dict(states)}; "
        f"{total['batches']} batches, {total['duplicates']} duplicates")
    return intervals


def put_under_fire(house, faults, seed):
    """Lets each fault happen, and kills the daemon behind most of them."""
    chance = random.Random(seed)
    house.start_daemon()
    for fault in faults:
        before = faults_met(house)[fault]
        house.set_faults(fault_seed=SEED, **{fault: "70%", **LATE})
        until(lambda: faults_met(house)[fault] > before, 60, lambda: f"{fault}, seed {SEED}\n{house.describe()}")
        if chance.random() < 0.6:
            time.sleep(chance.uniform(0, 0.5))
            house.daemon.kill()
            assert house.audit()["exit"] == 0, f"after {fault}, seed {SEED}"
            house.start_daemon()
    end_of_faults(house)
    return faults_met(house)


def test_with_every_fault_of_the_operator_and_kills_meanwhile_everything_comes_to_its_end_once(faulty_house):
    chance = random.Random(SEED)
    faults = [fault for _ in range(ROUNDS) for fault in chance.sample(FAULTS, len(FAULTS))]
    houses = [faulty_house(), faulty_house()]
    with concurrent.futures.ThreadPoolExecutor(len(houses)) as pool:
        fires = [
            pool.submit(put_under_fire, house, faults[index::len(houses)], SEED + index)
            for index, house in enumerate(houses)]
        met = sum((fire.result() for fire in fires), collections.Counter())
    assert set(met) == set(FAULTS)


def test_a_resource_that_is_removed_while_the_channel_is_away_comes_to_its_end_and_owes_nothing_more(faulty_house):
    house = faulty_house()
    house.start_daemon()
    begin = until(lambda: house.contributes_from(REMOVED), 20, house.describe)
    house.operator.kill()
    until(lambda: [row["state"] for row in of(REMOVED, house.intervals())].count("queued") >= 2, 20, house.describe)
    house.daemon.kill()
    house.sites = [site for site in house.sites if site.resource != REMOVED]
    del house.measurements[REMOVED]
    house.start_daemon()
    # What is owed ends with an interval that may not have begun yet: the first that could have readings on both sides.
    until(lambda: time.time() > owed_until(REMOVED, house), 10, house.describe)
    owed = owed_of(REMOVED, house)
    assert set(owed) == {"GEN", "LOAD"}
    house.set_faults(fault_seed=SEED, **{"lose-answer": "40%", "throttle": "20%", **LATE})
    house.start_operator()
    until(lambda: faults_met(house).total() >= 3, 30, house.describe)
    house.set_faults(fault_seed=SEED)
    until(lambda: all(row["state"] in (*FINAL, "missing") for row in of(REMOVED, house.intervals())), 60, house.describe)
    rows = of(REMOVED, end_of_faults(house))
    assert owed_of(REMOVED, house) == owed
    assert [row["state"] for row in rows].count("accepted") >= 2
    # Nobody reads its register any more after the start without it, and the first start of an interval that the new list of
    # sites can measure is up to six seconds later.
    last = max(map(ending, rows))
    assert all(ending(row) <= begin or ending(row) > last - 6 for row in rows if row["state"] == "missing")


def of(resource, intervals):
    return [row for row in intervals.values() if row["resource"] == resource]


def owed_of(resource, house):
    return {
        series["measurement"]: series["owed"] for series in house.audit()["series"] if series["resource"] == resource}


def owed_until(resource, house):
    """The end of the last interval that is owed, which the daemon says at its start."""
    ends = re.findall(rf"{resource} \w+: owed until (\S+) and no longer", house.daemon.text())
    assert len(ends) == 2, house.daemon.text()
    return max(datetime.datetime.fromisoformat(end).timestamp() for end in ends)


class Supervisor:
    """Starts the daemon again whenever it has ended, as systemd does."""

    def __init__(self, house):
        self.house, self.ends = house, collections.Counter()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._stopping.wait(0.2):
            if not self.house.daemon.is_running:
                self.ends[self.house.daemon.process.returncode] += 1
                self.house.start_daemon(ready=False)

    def stop(self):
        self._stopping.set()
        self._thread.join()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 32 MiB."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_is_full_and_freed_loses_nothing(faulty_house, small_disk):
    house = faulty_house()
    house.state.symlink_to(small_disk)
    house.start_daemon()
    until(lambda: any(row["state"] == "accepted" for row in house.intervals().values()), 20, house.describe)
    supervisor = Supervisor(house)
    fill(small_disk)
    log = house.folder / "dertelemetryd.log"
    until(lambda: "No space left" in log.read_text(), 60, house.describe)
    # For some intervals it goes on as it can, or ends and is started again.
    full_since = time.time()
    until(lambda: time.time() > full_since + 6 and house.audit()["exit"] == 0, 30, lambda: house.audit())
    assert set(supervisor.ends) <= {74}, supervisor.ends
    (small_disk / "filling").unlink()
    until(lambda: house.daemon.is_running and "ready: " in house.daemon.text(), 20, house.describe)
    supervisor.stop()
    assert set(supervisor.ends) <= {74}, supervisor.ends
    end_of_faults(house)
    print(f"ended {supervisor.ends[74]} times with 74")


def fill(folder):
    """Leaves not a byte."""
    with (folder / "filling").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
