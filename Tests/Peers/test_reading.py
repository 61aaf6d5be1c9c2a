"""Our reader on a device we did not write, and a reader we did not write on our devices."""

import json
import random
import subprocess
import time

import pytest
import sunspec2.modbus.client as sunspec_client
from reading_fixtures import free_port, garbage_server, peer_device, simulated_fleet

COMMON = {"Mn": "Peer", "Md": "Three phases", "Vr": "2.1", "SN": "PEER-7"}
METER = {"W": -1234, "W_SF": 1, "TotWhExp": 4000000123, "TotWhImp": 654321, "TotWh_SF": -1}
INVERTER = {"W": 999, "W_SF": 2, "WH": 65538, "WH_SF": 0, "St": 4}


def probe(dertelemetryd, port, *options):
    command = [dertelemetryd, "probe", f"127.0.0.1:{port}", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=40)


def probed(dertelemetryd, port, *options):
    result = probe(dertelemetryd, port, "--json", *options)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("base", [40000, 50000, 0])
def test_a_peers_meter_is_read_at_each_base(dertelemetryd, base):
    with peer_device({1: COMMON, 203: METER}, base) as port:
        reading = probed(dertelemetryd, port)
    assert reading["base"] == base
    assert (reading["manufacturer"], reading["model"]) == ("Peer", "Three phases")
    assert (reading["version"], reading["serialNumber"]) == ("2.1", "PEER-7")
    assert [model["id"] for model in reading["models"]] == [1, 203]
    # Positive power of a meter is into the site.
    assert reading["powerMilliwatts"] == 12_340_000
    assert reading["export"] == {"count": 4000000123, "scale": -1}
    assert reading["import"] == {"count": 654321, "scale": -1}


def test_a_peers_inverter_is_read(dertelemetryd):
    with peer_device({1: COMMON, 103: INVERTER}) as port:
        reading = probed(dertelemetryd, port)
    assert reading["meteredModel"] == 103
    assert reading["powerMilliwatts"] == 99_900_000
    assert reading["export"] == {"count": 65538, "scale": 0}
    assert "import" not in reading


@pytest.mark.parametrize("model", [201, 202, 204])
def test_every_meter_of_a_peer_is_read(dertelemetryd, model):
    with peer_device({1: COMMON, model: METER}) as port:
        reading = probed(dertelemetryd, port)
    assert (reading["meteredModel"], reading["powerMilliwatts"]) == (model, 12_340_000)
    assert reading["import"] == {"count": 654321, "scale": -1}


@pytest.mark.parametrize("model", [211, 212, 213, 214])
def test_every_meter_of_floats_of_a_peer_is_read(dertelemetryd, model):
    with peer_device({1: COMMON, model: {"W": 1500.5, "TotWhExp": 12345.75, "TotWhImp": 0.5}}) as port:
        reading = probed(dertelemetryd, port)
    assert (reading["meteredModel"], reading["powerMilliwatts"]) == (model, -1_500_500)
    assert reading["export"] == {"count": 12_345_750, "scale": -3}
    assert reading["import"] == {"count": 500, "scale": -3}


@pytest.mark.parametrize("model", [101, 102, 111, 112, 113])
def test_every_inverter_of_a_peer_is_read(dertelemetryd, model):
    points = INVERTER if model < 110 else {"W": 99900.0, "WH": 65538.0, "St": 4}
    with peer_device({1: COMMON, model: points}) as port:
        reading = probed(dertelemetryd, port)
    assert (reading["meteredModel"], reading["powerMilliwatts"]) == (model, 99_900_000)
    assert reading["export"]["count"] * 10 ** reading["export"]["scale"] == pytest.approx(65538)


def test_a_peer_with_serial_framing_is_read(dertelemetryd):
    with peer_device({1: COMMON, 203: METER}, 40000, "rtu") as port:
        assert probed(dertelemetryd, port, "--framing", "rtu")["powerMilliwatts"] == 12_340_000
        result = probe(dertelemetryd, port)
    assert result.returncode == 69, "without its framing it is no device"


def test_a_der_of_1547_is_read_from_a_peer(dertelemetryd):
    points = {"W": -2500, "W_SF": 1, "TotWhInj": 2**40 + 7, "TotWhAbs": 9, "TotWh_SF": 0, "InvSt": 3}
    with peer_device({1: COMMON, 701: points}) as port:
        reading = probed(dertelemetryd, port)
    assert (reading["meteredModel"], reading["powerMilliwatts"]) == (701, -25_000_000)
    assert reading["export"] == {"count": 2**40 + 7, "scale": 0}
    assert reading["import"] == {"count": 9, "scale": 0}


def test_a_peers_meter_is_preferred_to_its_inverter(dertelemetryd):
    with peer_device({1: COMMON, 103: INVERTER, 203: METER}) as port:
        assert probed(dertelemetryd, port)["meteredModel"] == 203


def test_points_that_a_peer_does_not_implement_are_absent(dertelemetryd):
    with peer_device({1: COMMON, 203: {"TotWhExp": 5, "TotWh_SF": 0}}) as port:
        reading = probed(dertelemetryd, port)
    assert "powerMilliwatts" not in reading and "import" not in reading
    assert reading["export"] == {"count": 5, "scale": 0}


def test_a_unit_that_answers_with_an_exception_is_unavailable(dertelemetryd, dersim):
    with simulated_fleet(dersim) as [site]:
        result = probe(dertelemetryd, site["port"], "--unit", "9")
    assert result.returncode == 69
    assert "exception 11 (gateway target device failed to respond)" in result.stderr


def test_a_dead_port_is_unavailable(dertelemetryd):
    result = probe(dertelemetryd, free_port())
    assert result.returncode == 69
    assert result.stderr.rstrip().endswith("unreachable: Connection refused")


@pytest.mark.parametrize("seed", range(5))
def test_a_server_that_sends_garbage_is_unavailable(dertelemetryd, seed):
    garbage = random.Random(seed).randbytes(random.Random(seed).choice([300, 5_000, 200_000]))
    with garbage_server(b"\x00\x01\xde\xad" + garbage) as port:
        result = probe(dertelemetryd, port)
    assert result.returncode == 69
    assert result.stderr.count("\n") == 1, "one sentence says why"


def describe(dersim, at, epoch, *options):
    command = [dersim, "fleet", "--describe", "--at", str(at), "--epoch", str(epoch), *options]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()
    return [json.loads(line) for line in lines]


def read_by_peer(port, model):
    """The points of a model as pysunspec2 reads them."""
    device = sunspec_client.SunSpecModbusClientDeviceTCP(slave_id=1, ipaddr="127.0.0.1", ipport=port, timeout=5)
    try:
        device.scan()
        device.models[model][0].read()
        points = device.models[model][0].points
        return device.common[0].SN.value, {name: point.value for name, point in points.items()}
    finally:
        device.close()


@pytest.mark.parametrize(
    ("model", "kind", "export", "scale", "sign"),
    [(203, "meter", "TotWhExp", "TotWh_SF", -1), (103, "inverter", "WH", "WH_SF", 1)],
)
def test_a_peer_reads_from_our_fleet_what_the_replay_says(dersim, model, kind, export, scale, sign):
    options = ["--speed", "7", "--from", "06:30"]
    with simulated_fleet(dersim, *options, "--model", kind, count=3) as sites:
        site = sites[2]
        before = int(time.time())
        serial_number, points = read_by_peer(site["port"], model)
        after = int(time.time()) + 1
    first, last = (describe(dersim, at, site["epoch"], *options, "--model", kind)[2] for at in (before, after))
    assert serial_number == site["serial_number"] == "SIM-3"
    assert first["export_count"] <= points[export] <= last["export_count"]
    assert points[scale] == first["energy_scale"]
    assert points["W_SF"] == first["power_scale"]
    assert sign * points["W"] in {first["power_count"], last["power_count"]}
    if kind == "meter":
        assert first["import_count"] <= points["TotWhImp"] <= last["import_count"]


def test_our_reader_and_the_peer_read_the_same_registers(dertelemetryd, dersim):
    # At night the array only draws power, and so little that its registers stand still for a while.
    options = ["--from", "01:00", "--scale", "1"]
    with simulated_fleet(dersim, *options) as [site]:
        _, points = read_by_peer(site["port"], 203)
        reading = probed(dertelemetryd, site["port"])
        _, later = read_by_peer(site["port"], 203)
    assert points["TotWhExp"] == reading["export"]["count"] == later["TotWhExp"]
    assert points["TotWhImp"] <= reading["import"]["count"] <= later["TotWhImp"]
    assert reading["powerMilliwatts"] < 0 < points["W"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("dead", "no reply in time"),
        ("exception=6", "exception 6 (server device busy)"),
        ("zeros", "neither power nor energy in its answer"),
        ("wrong-block=3", "has another value in a longer read than alone"),
    ],
)
def test_a_device_with_a_fault_is_unavailable_and_says_why(dertelemetryd, dersim, fault, reason):
    with simulated_fleet(dersim, "--model", "inverter", "--fault", f"1:{fault}") as [site]:
        result = probe(dertelemetryd, site["port"])
    assert result.returncode == 69
    assert reason in result.stderr


@pytest.mark.parametrize("fault", ["slow=300", "stale", "wrong-block=17", "one-client", "rollover=5", "frozen"])
def test_a_device_with_a_fault_that_can_be_read_is_read(dertelemetryd, dersim, fault):
    with simulated_fleet(dersim, "--fault", f"1:{fault}") as [site]:
        reading = probed(dertelemetryd, site["port"])
    assert reading["serialNumber"] == "SIM-1"
    assert reading["export"]["count"] > 0 and reading["import"]["count"] > 0


def test_a_killed_fleet_goes_on_where_it_would_be(dersim):
    epoch = int(time.time()) - 100_000
    options = ["--epoch", str(epoch), "--speed", "3"]
    counts = []
    for _ in range(2):
        with simulated_fleet(dersim, *options) as [site]:
            before = describe(dersim, int(time.time()), epoch, "--speed", "3")[0]["export_count"]
            counts.append(read_by_peer(site["port"], 203)[1]["TotWhExp"])
            after = describe(dersim, int(time.time()) + 1, epoch, "--speed", "3")[0]["export_count"]
            assert before <= counts[-1] <= after
    assert counts[0] <= counts[1]
