"""Registers that begin anew, read by the real daemon: nothing is lost but what nobody can know, and it is said."""

import json
import time

from ledger_file import REPLACED, Ledger
from programs import until

COUNT = 36_000  # mJ: an energy scale of -2
BOUNCE, RESET, ROLLOVER, SWAP = "site-001", "site-002", "site-003", "site-004"
RESET_AT, SWAP_AT, END = 12, 22, 45


def test_registers_that_begin_anew_cost_what_is_not_known_and_nothing_else(settled_house):
    epoch = int(time.time()) + 6
    replay = {"epoch": epoch, "energy_scale": -2, "speed": 1}
    faults = ["1:bounce", f"2:reset={RESET_AT}", "3:rollover=30000", f"4:swap={SWAP_AT}"]
    house = settled_house(count=4, interval="5s", fleet={**replay, "fault": faults})
    house.start_daemon()
    until(lambda: time.time() > epoch + SWAP_AT - 3, 60, house.describe)
    # The meter is changed while nobody looks.
    assert house.daemon.stop() == 0
    told = house.daemon.text()
    until(lambda: time.time() > epoch + SWAP_AT + 1, 60, house.describe)
    house.start_daemon()
    house.await_accepted(epoch + END, END + 60)
    assert house.daemon.stop() == 0
    told += house.daemon.text()

    assert house.audit()["exit"] == 0
    ledger = Ledger(house.state)
    turns = {(turn.site, turn.reason) for turn in ledger.turns if turn.flow == "export"}
    assert turns == {(RESET, "reset"), (ROLLOVER, "rollover"), (SWAP, "replaced")}
    assert ledger.kinds.count(REPLACED) == 1
    for words in (
            f"{RESET}: the export register", f"{ROLLOVER}: the export register", "came to the end of its width",
            f"{SWAP}: another device: DERTelemetryd dersim, serial number SIM-4-B stands where"):
        assert words in told, told
    for site in (BOUNCE, ROLLOVER):
        counted, true, slack = energies(house, ledger, site, replay)
        assert abs(counted - true) <= slack, (site, counted, true)
    for site in (RESET, SWAP):
        counted, true, slack = energies(house, ledger, site, replay)
        turn = next(turn for turn in ledger.turns if (turn.site, turn.flow) == (site, "export"))
        unknown = counts(house, site, turn.first_new[0] / 1000, replay) - counts(
            house, site, turn.last_old[0] / 1000, replay)
        assert abs(true - unknown * COUNT - counted) <= slack, (site, counted, true, unknown)
        assert 0 < unknown < counts(house, site, epoch + END, replay) / 2


def energies(house, ledger, site, replay):
    """By the ledger and in truth, between the site's first and last boundary, and what interpolation may be off."""
    registers = ledger.registers[site, "export"]
    first, last = min(registers), max(registers)
    counted = registers[last].cumulative - registers[first].cumulative
    true = counts(house, site, last, replay) - counts(house, site, first, replay)
    return counted, true * COUNT, 4 * COUNT * rise(house, site, replay)


def rise(house, site, replay):
    """Counts of one second, more than a scan's."""
    return counts(house, site, replay["epoch"] + 21, replay) - counts(house, site, replay["epoch"] + 20, replay)


def counts(house, site, at, replay):
    words = [word for key, value in replay.items() for word in (f"--{key.replace('_', '-')}", value)]
    result = house.command("dersim", "fleet", "--describe", "--at", int(at), "--sites", 4, *words)
    assert result.returncode == 0, result.stderr
    return next(line["export_count"] for line in map(json.loads, result.stdout.splitlines()) if line["site"] == site)
