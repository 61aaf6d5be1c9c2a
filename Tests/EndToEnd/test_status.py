"""How it is doing, as people, monitoring and collectors are told."""

import json
import socket
import urllib.error
import urllib.request

import pytest
from programs import until
from prometheus_client.openmetrics.parser import text_string_to_metric_families


def status(house):
    result = house.ask("status", "--json")
    return json.loads(result.stdout), result.returncode


def figures(text):
    """What a strict reader of OpenMetrics makes of it, by name and label."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_status_of_a_running_and_of_a_stopped_daemon(settled_house):
    house = settled_house(spacing="100ms")
    file, port = house.folder / "dertelemetryd.prom", free_port()
    house.configure()
    plain = house.configuration.read_text()
    metrics = f"metrics: {{ file: {file}, port: {port} }}\n"
    daemon = house.start("dertelemetryd", "run", "--config", house.configuration, log="dertelemetryd")
    house.daemon = daemon
    daemon.says("ready: ")
    until(lambda: status(house)[0]["intervals"].get("accepted", 0) >= 2, 30, lambda: house.ask("status").stdout)
    told, exit_status = status(house)
    assert exit_status == 0 and told["isRunning"]
    assert told["sites"] == {"total": 3, "answering": 3, "quiet": 0, "unread": 0}
    channel = told["channels"][0]
    assert channel["name"] == "stand-in" and channel["certificateDays"] > 700 and not channel["isAway"]
    assert 0 < channel["callsLastHour"] < channel["callBudgetAnHour"] == 36_000
    assert told["disk"]["freeBytes"] > 0 and told["scanSlipMilliseconds"] <= 60_000
    assert "running, version" in house.ask("status").stdout
    # The first interval may be missing, when the fleet began within it.
    assert house.ask("status", "--check").returncode in (0, 1)

    # A site goes away, and a collector reads.
    daemon.stop()
    stopped, exit_status = status(house)
    assert exit_status == 69 and not stopped["isRunning"] and stopped["intervals"]["accepted"] >= 2
    check = house.ask("status", "--check")
    assert check.returncode == 2 and check.stdout.startswith("CRITICAL: the daemon is not running")
    house.fleet.stop()
    house.configuration.write_text(plain + metrics)
    daemon = house.start("dertelemetryd", "run", "--config", house.configuration, log="dertelemetryd")
    daemon.says("no reading")
    until(lambda: status(house)[0]["sites"]["quiet"] == 3, 20, daemon.text)
    check = house.ask("status", "--check")
    assert check.returncode in (1, 2) and "3 of 3 sites quiet" in check.stdout
    until(file.exists, 5, "the file for a collector")
    assert figures(file.read_text())["der_up",] == 1
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        read = figures(answer.read().decode())
    assert read["der_sites", "quiet"] == 3 and read["der_intervals", "accepted"] >= 2
    assert read["der_certificate_days", "stand-in"] == channel["certificateDays"]
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/other", timeout=5)
    # Nobody beyond this host is answered.
    listening = [line.split()[1] for line in open("/proc/net/tcp") if line.split()[3] == "0A"]
    assert f"0100007F:{port:04X}" in listening and f"00000000:{port:04X}" not in listening
    assert daemon.stop() == 0
