"""What a person decides, beside a running daemon and without one."""

import getpass
import json
import shutil
import socket

from house import ending
from programs import until


def states(house, resource="EXAMPL_7_DERA1", measurement="GEN"):
    rows = [row for row in house.intervals().values() if (row["resource"], row["measurement"]) == (resource, measurement)]
    return {row["intervalEnding"]: row["state"] for row in sorted(rows, key=ending)}


def decide(house, *words, code=0):
    result = house.ask(*words, "--reason", "a drill", "--yes", "--json")
    assert result.returncode == code, result.stdout + result.stderr
    return json.loads(result.stdout)


def steps(house, text):
    found = house.ask("explain", "EXAMPL_7_DERA1", text, "--measurement", "GEN", "--json")
    assert found.returncode == 0, found.stderr
    return [step["sentence"] for step in json.loads(found.stdout)[0]["steps"]]


def test_a_held_channel_sends_nothing_and_a_released_one_everything(settled_house):
    house = settled_house()
    house.start_daemon()
    dry = house.ask("hold", "stand-in", "--dry-run")
    assert dry.returncode == 0 and "a dry run: nothing was changed" in dry.stdout
    assert decide(house, "hold", "stand-in")["isDone"]
    calls = len(house.calls())
    until(lambda: list(states(house).values()).count("queued") >= 2, 30, house.describe)
    house.daemon.kill()
    house.start_daemon()
    house.daemon.says("is held by " + getpass.getuser())
    until(lambda: list(states(house).values()).count("queued") >= 3, 30, house.describe)
    assert len(house.calls()) == calls
    again = decide(house, "hold", "stand-in", code=65)
    assert "held already, by" in again["problem"]
    assert decide(house, "release", "stand-in")["isDone"]
    now = house.now()
    house.await_accepted(now, 40)
    assert house.audit()["exit"] == 0 and house.held()[1]["exit"] == 0


def test_a_missing_interval_is_waived_and_explained(settled_house):
    house = settled_house(count=2)
    house.start_daemon()
    until(lambda: "accepted" in states(house).values(), 40, house.describe)
    house.fleet.kill()
    until(lambda: list(states(house).values()).count("missing") >= 2, 40, house.describe)
    missing = [key for key, state in states(house).items() if state == "missing"][-1]
    refused = decide(house, "waive", "EXAMPL_7_DERA1", f"{list(states(house))[0]}..{missing}", code=65)
    assert not refused["isDone"] and any("refusal" in row for row in refused["intervals"])
    assert states(house)[missing] == "missing"
    assert decide(house, "waive", "EXAMPL_7_DERA1", missing)["isDone"]
    assert states(house)[missing] == "waived"
    assert f"waived, by {getpass.getuser()}" in steps(house, missing)[-1] and "a drill" in steps(house, missing)[-1]
    assert house.daemon.stop() == 0
    # Without a daemon the command takes the lock itself.
    other = [key for key, state in states(house).items() if state == "missing"][0]
    assert decide(house, "waive", "EXAMPL_7_DERA1", other, "--measurement", "GEN")["isDone"]
    assert states(house)[other] == "waived"
    assert house.audit()["exit"] == 0


def test_a_copy_of_the_state_directory_submits_nothing_until_it_is_adopted(settled_house):
    house = settled_house()
    house.start_daemon()
    until(lambda: "accepted" in states(house).values(), 40, house.describe)
    assert house.daemon.stop() == 0
    shutil.copytree(house.state, house.folder / "copy")
    shutil.rmtree(house.state)
    (house.folder / "copy").rename(house.state)
    calls = len(house.calls())
    house.start_daemon()
    house.daemon.says("looks like a copy")
    until(lambda: list(states(house).values()).count("queued") >= 2, 30, house.describe)
    assert len(house.calls()) == calls
    assert decide(house, "adopt")["isDone"]
    house.await_accepted(house.now(), 40)
    assert house.audit()["exit"] == 0 and house.held()[1]["exit"] == 0


def test_what_makes_no_sense_on_the_socket_is_answered_and_harms_nothing(settled_house):
    house = settled_house(count=1)
    house.start_daemon()
    for sent in [b"\n", b"{}\n", b'{"verb":"waive"}\n', b"\xff" * 70_000, b'{"verb":"hold","reason":"' + b"x" * 900 + b'","isDryRun":false,"channel":"stand-in"}\n']:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(house.state / "control.sock"))
            client.sendall(sent)
            assert json.loads(client.makefile().readline())["problem"]
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(house.state / "control.sock"))
        client.sendall(b'{"verb":"ho')
    assert house.ask("hold", "nowhere", "--dry-run").returncode == 65
    assert house.ask("waive", "EXAMPL_7_DERA1", "yesterday", "--dry-run").returncode == 64
    assert house.ask("waive", "EXAMPL_7_DERA1", "2026-11-23/HE15", "--yes").returncode == 64, "no reason was given"
    assert house.daemon.is_running
    assert (house.state / "control.sock").stat().st_mode & 0o777 == 0o660
