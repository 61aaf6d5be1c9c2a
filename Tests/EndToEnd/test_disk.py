"""The readings log beside the ledger, and a disk that is full."""

import json
import os
import subprocess
import time

import pytest
from programs import until


def readings(house):
    """Every stored reading, in the order of the log."""
    result = house.command("dertelemetryd", "log", "dump", house.state / "readings", "--json", "--kind", "readings")
    assert result.returncode == 0, result.stderr
    return [reading for line in result.stdout.splitlines() for reading in json.loads(line)["fields"]["readings"]]


def verified(house):
    result = house.command("dertelemetryd", "log", "verify", house.state)
    return result.returncode == 0 and result.stdout.count(": sound") == 2, result.stdout


def test_every_seal_stands_on_readings_that_are_stored_whenever_it_is_killed(settled_house):
    house = settled_house(interval="2s", mode="hold", scan="250ms", storage="{ readings: { commit: 60s }, reserve: 0B }")
    for seconds in [5.2, 0.7, 3.1, 4.0]:
        daemon = house.start_daemon()
        time.sleep(seconds)
        daemon.kill()
    stored = {(reading["site"], reading["instant"]) for reading in readings(house)}
    result = house.command("dertelemetryd", "log", "dump", house.state / "ledger", "--json")
    epochs, seals = {}, 0
    for record in map(json.loads, result.stdout.splitlines()):
        if record["kind"] == "epoch":
            epochs[record["fields"]["number"]] = record["fields"]["configurationEpoch"]["sites"]
        if record["kind"] == "sealed":
            seals += 1
            for share in record["fields"]["shares"]:
                place = share["siteRegister"]
                site = epochs[record["fields"]["epoch"]][place["site"]]["id"]
                for end in ["earlier", "later"]:
                    assert (site, place["register"][end]["instant"]) in stored
    assert seals >= 8
    assert verified(house)[0], verified(house)[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_takes_the_reserve_and_gives_it_back(settled_house):
    house = settled_house(interval="2s", mode="hold", scan="250ms", storage="{ readings: { commit: 200ms }, reserve: 4MB }")
    house.state.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", house.state]).returncode:
        pytest.skip("this kernel does not allow to mount a file system here")
    try:
        (house.state / "reserve").write_bytes(bytes(4_000_000))
        ballast = house.state / "ballast"
        ballast.write_bytes(bytes(40 * 1024 * 1024 - 4_000_000 - 160 * 1024))
        daemon = house.start_daemon()
        daemon.says("the disk is full: the reserve of 4MB is in use", 60)
        assert not (house.state / "reserve").exists()
        ballast.unlink()
        daemon.says("the disk has room again, and the reserve of 4MB is back", 30)
        assert (house.state / "reserve").stat().st_size == 4_000_000
        until(lambda: daemon.text().count(" sealed") > 4, 20, daemon.text)
        assert daemon.stop() == 0
        audit = house.audit()
        assert audit["exit"] == 0 and not audit["damage"], audit
        assert verified(house)[0], verified(house)[1]
    finally:
        house.close()
        subprocess.run(["umount", house.state], check=True)
