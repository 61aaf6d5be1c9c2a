"""kill -9 at any moment: nothing is lost, nothing is sent twice, everything adds up."""

import collections
import os
import random
import time

from house import ending
from ledger_file import UNKNOWN, Ledger
from line import Line
from test_recorded_day import check_every_position
from test_receipt import values_agree

KILLS = 25
SEED = int(os.environ.get("KILL_SEED", "20261123"))
LENGTH = 2


class Executioner:
    """Starts the daemon and kills it, at a moment that its seed chooses."""

    def __init__(self, house, line):
        self.house, self.line = house, line
        self.random = random.Random(SEED)
        self.moments = collections.Counter()

    def kill_one(self):
        daemon = self.house.start_daemon(ready=False)
        moment = self.random.choice(["starting", "anywhere", "anywhere", "request", "answer", "answer"])
        if moment == "starting":
            time.sleep(self.random.uniform(0, 0.25))
        elif moment == "anywhere":
            time.sleep(self.random.uniform(0.25, 3.5))
        else:
            self.line.hold_next(moment)
            if not self.line.struck.wait(8):
                moment = f"no {moment}"
        assert daemon.is_running, daemon.text()
        daemon.kill()
        self.line.pass_on()
        self.moments[moment] += 1


def check_accounts(house, through):
    """The audit, the stand-in and the ledger say the same: each interval once, and sums that telescope."""
    audit, intervals, (held, total) = house.audit(), house.intervals(), house.held()
    assert audit["exit"] == 0, audit
    assert total["exit"] == 0 and (total["duplicates"], total["revisions"], total["refused"]) == (0, 0, 0)
    values_agree(intervals, held)
    for resource, types in house.measurements.items():
        first = int(house.contributes_from(resource)) + house.settings.seconds
        for type in types:
            owed = set(range(first, int(through) + 1, house.settings.seconds))
            accepted = {
                ending(row) for row in intervals.values()
                if (row["resource"], row["measurement"], row["state"]) == (resource, type, "accepted")}
            received = {ending(row) for row in held.values() if (row["resource"], row["measurement"]) == (resource, type)}
            assert owed <= accepted and owed <= received
    ledger = Ledger(house.state)
    check_every_position(ledger)
    check_telescope(house, audit, ledger)
    return ledger, held, total


def check_telescope(house, audit, ledger):
    """What a resource's intervals come to is what its sites' registers rose by, from the first boundary that is owed to the last."""
    rows = house.intervals().values()
    for series in audit["series"]:
        resource, flow = series["resource"], {"GEN": "export", "LOAD": "import"}[series["measurement"]]
        begin = min(ending(row) for row in rows if row["resource"] == resource) - house.settings.seconds
        rise = 0
        for site in (site.name for site in house.sites if site.resource == resource):
            registers = ledger.registers[site, flow]
            first = min(boundary for boundary in registers if boundary >= begin)
            rise += registers[max(registers)].cumulative - registers[first].cumulative
        assert rise == int(series["exactMillijoules"])
        assert rise > 0 or flow == "import"


def test_after_kill_9_at_any_moment_the_operator_holds_each_interval_once(settled_house):
    house = settled_house(interval=f"{LENGTH}s", settle="1s", timeout="10s", scan="250ms")
    operator_port = house.settings.port
    line = Line(operator_port)
    house.configure(port=line.port)
    executioner = Executioner(house, line)
    for number in range(KILLS):
        if number == KILLS // 3:
            house.operator.kill()
        if number == KILLS // 3 + 2:
            house.settings.port = operator_port
            house.start_operator()
            house.settings.port = line.port
        executioner.kill_one()
    house.start_daemon()
    now = time.time()
    house.await_accepted(now, 60)
    assert house.daemon.stop() == 0
    ledger, held, total = check_accounts(house, now // LENGTH * LENGTH)
    unknown = ledger.kinds.count(UNKNOWN)
    print(
        f"{KILLS} kills {dict(executioner.moments)}, {len(held)} intervals in {total['batches']} batches, "
        f"{unknown} unknown outcomes, {total['duplicates']} duplicates")
    assert unknown > 0, "it was killed while submissions were on their way"
    line.close()


def test_after_kill_9_of_the_operator_nothing_is_lost_and_nothing_comes_twice(settled_house):
    house = settled_house(interval=f"{LENGTH}s", settle="1s", scan="250ms")
    operator_port = house.settings.port
    line = Line(operator_port)
    house.configure(port=line.port)
    house.start_daemon()
    for held_part in ["answer", "request"]:
        line.hold_next(held_part)
        assert line.struck.wait(20)
        house.operator.kill()
        line.drop()
        house.settings.port = operator_port
        house.start_operator()
        house.settings.port = line.port
    now = time.time()
    house.await_accepted(now, 60)
    assert house.daemon.stop() == 0
    check_accounts(house, now // LENGTH * LENGTH)
    line.close()
