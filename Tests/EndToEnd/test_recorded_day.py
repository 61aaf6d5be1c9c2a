"""P3, exact, on a whole recorded day: from the recorded power to the submitted values to the last wire unit.

The arithmetic. A simulated meter counts the energy that has passed since the replay's epoch, in counts of 10 mWh, and
the daemon interpolates between two readings what it stood at on an interval boundary. Interpolation is exact where both
readings hold the same count. So the registers are made to stand still at both ends of the accounts: the daemon starts
before the epoch, before which nothing moves, and the day is followed by a long calm of 0 W. In between the whole day
passes, at a speed at which it takes 30 seconds. Then these four are one number for each resource and flow, in
millijoules and without any tolerance:

    the day's energy by the recorded file, in whole counts
    = the difference of the registers between the first and the last boundary, by the ledger's facts
    = the exact energy, by the audit
    = the sum of the submitted values times the wire unit, and the residual

The residual is at most half a wire unit, so the sum of the values is the energy rounded to the last digit.
"""

import csv
import decimal
import json
import time

import pytest
from house import ending
from ledger_file import Ledger
from programs import ROOT

RECORD = ROOT / "data/nrel-serf-east-1min-ac-power.csv"
DAY = "2022-03-19"
SPEED = 2_880
WALL_SECONDS = 86_400 // SPEED
UNIT = 3_600_000  # mJ: the profile's MWh with 6 digits
COUNT = 36_000  # mJ: an energy scale of -2
LOSS_FACTORS = {"site-002": {"export": 9_873, "import": 10_211}}
FLOWS = {"GEN": "export", "LOAD": "import"}


@pytest.fixture
def day_and_calm(tmp_path):
    """The recorded day, and after it 0 W for as long as any test runs."""
    rows = [line for line in RECORD.read_text().splitlines() if line.startswith(DAY)]
    assert len(rows) == 1_440
    rows += [f"2022-03-{20 + n // 1440} {n // 60 % 24:02}:{n % 60:02}:00-07:00,0" for n in range(10 * 1_440)]
    path = tmp_path / "day-and-calm.csv"
    path.write_text("\n".join(["measured_on,ac_power", *rows]) + "\n")
    return path


def recorded_microjoules():
    """What one array moved on the day, by the recorded file alone."""
    moved = {"export": 0, "import": 0}
    with RECORD.open() as file:
        for instant, watts in list(csv.reader(file))[1:]:
            milliwatts = (decimal.Decimal(watts) * 1000).to_integral_value(decimal.ROUND_HALF_EVEN)
            if instant.startswith(DAY):
                moved["export" if milliwatts > 0 else "import"] += abs(int(milliwatts)) * 60_000
    return moved


def reaching(site, flow, millijoules):
    """What reaches the metering point of what a site's register stands for."""
    return millijoules * LOSS_FACTORS.get(site, {}).get(flow, 10_000) // 10_000


def test_the_energies_submitted_for_the_recorded_day_equal_the_registers_to_the_last_wire_unit(
        settled_house, day_and_calm):
    epoch = int(time.time()) + 8
    replay = {"data": day_and_calm, "from": "00:00", "speed": SPEED, "epoch": epoch, "energy_scale": -2}
    house = settled_house(interval="1s", scan="250ms", fleet=replay)
    for site, told in zip(house.sites, house.announcements):
        site.nameplate = f"{told['nameplate_watts']} W"
        site.loss_factors = LOSS_FACTORS.get(site.name)
    house.start_daemon()
    house.await_accepted(epoch + WALL_SECONDS + 2, WALL_SECONDS + 60)
    assert house.daemon.stop() == 0

    audit, intervals, (held, total) = house.audit(), house.intervals(), house.held()
    ledger = Ledger(house.state)
    assert audit["exit"] == 0 and total["duplicates"] == total["revisions"] == 0
    check_every_position(ledger)
    recorded = recorded_microjoules()
    for series in audit["series"]:
        resource, flow = series["resource"], FLOWS[series["measurement"]]
        sites = [site.name for site in house.sites if site.resource == resource]
        exact, residual = int(series["exactMillijoules"]), series["residualMillijoules"]
        values = submitted(intervals, held, series)
        assert sum(values) == decimal.Decimal(series["submittedValue"]).scaleb(6)
        assert sum(values) * UNIT + residual == exact
        assert exact == sum(by_the_ledger(ledger, site, flow) for site in sites)
        assert exact == sum(by_the_record(house, site, flow, recorded, replay) for site in sites)
        assert abs(residual) * 2 <= UNIT
        assert sum(values) == round(decimal.Decimal(exact) / UNIT), "rounded to the last wire unit"
        print(
            f"{resource} {series['measurement']}: {len(values)} intervals, {series['submittedValue']} MWh, "
            f"exact {exact} mJ, residual {residual} mJ")
    check_boundaries_on_the_way(house, ledger, epoch, replay)


def submitted(intervals, held, series):
    """The values of a series in wire units, as the operator holds them; those not told yet when the daemon stopped are 0."""
    name = series["resource"], series["measurement"]
    rows = {key: row for key, row in intervals.items() if key[:2] == name and row["revision"] > 0}
    late = [row["value"] for key, row in rows.items() if key not in held]
    assert set(late) <= {"0.000000"}, "the calm had come"
    return [int(decimal.Decimal(held[key]["value"] if key in held else "0").scaleb(6)) for key in rows]


def by_the_ledger(ledger, site, flow):
    """The difference of a site's register between its first and its last boundary, both of which it stood still at."""
    registers = ledger.registers[site, flow]
    first, last = registers[min(registers)], registers[max(registers)]
    for register in (first, last):
        counts = {register.earlier[1], register.later[1]}
        assert len(counts) == 1, "the register stands still around its first and its last boundary"
        assert register.cumulative == counts.pop() * COUNT
    return reaching(site, flow, last.cumulative) - reaching(site, flow, first.cumulative)


def by_the_record(house, site, flow, recorded, replay):
    """The same from the recorded file; the register's count at the epoch is the fleet's to choose."""
    announced = next(told for told in house.announcements if told["site"] == site)
    start = describe(house, replay["epoch"], replay)[site][f"{flow}_count"]
    counts = recorded[flow] * announced["factor"] // (COUNT * 1_000)
    assert describe(house, replay["epoch"] + WALL_SECONDS, replay)[site][f"{flow}_count"] == start + counts
    return reaching(site, flow, (start + counts) * COUNT) - reaching(site, flow, start * COUNT)


def describe(house, at, replay):
    """What the fleet's registers are at a second, by site."""
    words = [word for key, value in replay.items() for word in (f"--{key.replace('_', '-')}", value)]
    result = house.command("dersim", "fleet", "--describe", "--at", at, "--sites", 3, *words)
    assert result.returncode == 0, result.stderr
    return {line["site"]: line for line in map(json.loads, result.stdout.splitlines())}


def check_every_position(ledger):
    """At every seal of the ledger the values, the unit and the residual are the exact energies so far."""
    value, exact = {}, {}
    for seal in ledger.seals:
        assert seal.revision == 1 and seal.energy == sum(share.energy for share in seal.shares)
        value[seal.series] = value.get(seal.series, 0) + seal.value
        exact[seal.series] = exact.get(seal.series, 0) + seal.energy
        assert value[seal.series] * UNIT + seal.residual == exact[seal.series]
        assert abs(seal.residual) * 2 <= UNIT


def check_boundaries_on_the_way(house, ledger, epoch, replay):
    """At midday, when the registers run, a boundary register is the true one to within the rise of one scan."""
    noon = epoch + WALL_SECONDS // 2
    for site, truth in describe(house, noon, replay).items():
        register = ledger.registers[site, "export"][noon]
        rise = (register.later[1] - register.earlier[1]) * COUNT
        assert rise > 0
        assert abs(register.cumulative - truth["export_count"] * COUNT) <= rise + COUNT
