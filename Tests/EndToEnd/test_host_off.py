"""A host that was off: what it owes for the time is stated when it returns, once; and the audit finds what is planted."""

import datetime
import time

from house import ending
from ledger_file import SEALED, Ledger, Reader, rewrite
from programs import until
from test_recorded_day import check_every_position
from test_receipt import values_agree

AWAY = 37  # seconds, which are 36 whole intervals and more
LENGTH = 1


def test_a_host_that_was_off_for_36_intervals_states_each_of_them_once_when_it_returns(settled_house):
    house = settled_house(interval=f"{LENGTH}s", scan="250ms")
    house.start_daemon()
    house.await_accepted(time.time() + 4, 30)
    house.daemon.kill()
    stopped = time.time()
    time.sleep(AWAY)
    house.start_daemon()
    returned = time.time()
    rows = house.await_accepted(returned + 3, 60)

    off = {key: row for key, row in rows.items() if stopped + 1 < ending(row) <= returned}
    endings = {ending(row) for row in off.values()}
    assert len(endings) >= 36 and len(off) == 4 * len(endings), "two resources, two measurements"
    assert {row["state"] for row in off.values()} == {"accepted"}
    assert {row["quality"] for row in off.values()} == {"estimated"}
    audit, (held, total) = house.audit(), house.held()
    assert audit["exit"] == 0 and (total["duplicates"], total["revisions"]) == (0, 0)
    values_agree(house.intervals(), held)

    assert house.daemon.stop() == 0
    ledger = Ledger(house.state)
    check_every_position(ledger)
    for site in house.sites:
        registers = ledger.registers[site.name, "export"]
        energies = [
            share.energy for seal in ledger.seals if seal.flow == "export" and seal.ending in endings
            for share in seal.shares if share.site == site.name]
        assert sum(energies) == registers[max(endings)].cumulative - registers[min(endings) - LENGTH].cumulative
        assert max(energies) - min(energies) <= 1, "spread evenly"


def test_a_resource_that_was_taken_out_while_the_host_was_off_owes_the_time_before(settled_house):
    house = settled_house(interval="1s", scan="250ms")
    house.start_daemon()
    house.await_accepted(time.time() + 4, 30)
    house.daemon.kill()
    stopped = time.time()
    kept = [site for site in house.sites if site.resource == "EXAMPL_7_DERA1"]
    sites, house.sites = house.sites, kept
    types = house.measurements.pop("EXAMPL_7_DERA2")
    time.sleep(8)
    house.start_daemon()
    returned = time.time()
    house.await_accepted(returned + 4, 60)
    gone = [row for row in house.intervals().values() if row["resource"] == "EXAMPL_7_DERA2"]
    missing = {ending(row) for row in gone if row["state"] == "missing"}
    assert {row["state"] for row in gone} == {"accepted", "missing"}
    assert set(range(int(stopped) + 2, int(returned))) <= missing
    # Up to the first interval that the new list of sites can measure: two scans and two seconds, then the next boundary.
    assert max(map(ending, gone)) <= returned + 4, "it is owed no longer"
    assert house.audit()["exit"] == 0

    house.daemon.kill()
    house.sites, house.measurements["EXAMPL_7_DERA2"] = sites, types
    house.start_daemon()
    until(
        lambda: all(
            row["state"] == "accepted" for row in house.intervals().values()
            if row["resource"] == "EXAMPL_7_DERA2" and ending(row) in missing),
        30, house.describe)
    assert house.audit()["exit"] == 0 and house.held()[1]["duplicates"] == 0


def test_the_audit_names_each_hole_and_each_double_that_is_planted(settled_house):
    house = settled_house(interval="1s", scan="250ms", mode="hold")
    house.start_daemon()
    until(lambda: min(counts["states"]["queued"] for counts in series(house)) > 8, 40, "queued intervals")
    assert house.daemon.stop() == 0
    assert house.audit()["exit"] == 0
    seals = [seal for seal in Ledger(house.state).seals if seal.series == ("EXAMPL_7_DERA1", "GEN")]
    hole, double = seals[2].ending, seals[5].ending
    planted = {}

    def plant(kind, payload):
        seal = sealed(kind, payload)
        if seal == (0, hole):
            planted["hole"] = 0
            return []
        if seal == (0, double):
            planted["double"] = 2
            return [payload, payload]
        return [payload]

    numbers = {series: index for index, series in enumerate(Ledger(house.state).series.values())}
    assert numbers["EXAMPL_7_DERA1", "GEN"] == 0
    rewrite(house.state, plant)
    assert set(planted) == {"hole", "double"}
    audit = house.audit()
    assert audit["exit"] == 1 and audit["law"] == "broken"
    for kind, at in ("hole", hole), ("double", double):
        found = [fault for fault in audit["faults"] if fault["kind"] == kind]
        assert [(fault["resource"], fault["measurement"], fault["intervalEnding"]) for fault in found] == [
            ("EXAMPL_7_DERA1", "GEN", text(at))]


def series(house):
    found = house.audit()["series"]
    return found if len(found) == 4 else [{"states": {"queued": 0}}]


def sealed(kind, payload):
    """Series and ending of a seal."""
    if kind != SEALED:
        return None
    reader = Reader(payload)
    reader.byte()
    return reader.varint(), reader.zigzag()


def text(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
