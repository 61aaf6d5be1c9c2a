"""The package under a real systemd: installed, started, watched, given credentials, hung, stopped, upgraded and purged."""

import re
import time

import pytest
from container import Container, obstacle
from programs import until

REASON = obstacle()
pytestmark = pytest.mark.skipif(REASON is not None, reason=f"no container with systemd here: it {REASON}")
CONFIGURATION = "/etc/dertelemetryd/dertelemetryd.yaml"


@pytest.fixture
def container(tmp_path, package):
    try:
        made = Container(tmp_path, [package])
    except AssertionError as error:
        pytest.skip(f"a container with systemd does not come up here: {error}")
    yield made
    made.close()


def install(container, package):
    return container.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", package, check=True)


def take_over(container, house):
    """The configuration of a house, with credentials by name and the service's own folders."""
    text = house.configuration.read_text().replace(f"state_directory: {house.state}\n", "")
    for key, name in (("certificate", "client.crt"), ("key", "client.key"), ("trust", "ca.crt")):
        text = re.sub(rf"    {key}: .*", f"    {key}: credential:{name}", text)
    container.write(CONFIGURATION, text)
    container.copy(house.folder / "sites.d/all.yaml", "/etc/dertelemetryd/sites.d/all.yaml")


def says(container, pattern, seconds, *matches):
    until(
        lambda: re.search(pattern, container.journal("-u", "dertelemetryd", *matches)), seconds,
        lambda: f"{pattern} in\n{container.journal('-u', 'dertelemetryd')}", every=0.3)


def test_from_the_package_to_the_receipt_and_back_under_a_real_systemd(container, package, settled_house):
    house = settled_house(count=2)
    house.configure()

    # Installed, nothing runs yet; started with no site, it runs and says so.
    install(container, package)
    assert container.run("id", "dertelemetryd").returncode == 0
    assert container.show("ActiveState") == "inactive"
    # Accounts keep their interval, and nobody wants to wait for one of five minutes.
    container.run("sed", "-i", "s/^interval: 5m/interval: 5s\\ngrace: 1s\\nscan: 500ms/", CONFIGURATION, check=True)
    container.run("systemctl", "enable", "--now", "dertelemetryd", check=True)
    assert container.show("ActiveState") == "active"
    until(lambda: container.show("StatusText").startswith("no sites yet"), 5, lambda: container.show("StatusText"))
    analysed = container.run("systemd-analyze", "verify", "dertelemetryd.service")
    assert (analysed.returncode, analysed.stderr) == (0, "")
    assert container.run("systemd-analyze", "security", "--threshold=12", "dertelemetryd").returncode == 0, "1.2 at most"
    assert "thread priority" not in container.journal("-u", "dertelemetryd")

    # Sites, and no credential yet: they are read, and nothing is submitted.
    take_over(container, house)
    container.run("systemctl", "restart", "dertelemetryd", check=True)
    says(container, "nothing can be submitted, sites are read all the same", 10, "DER_MESSAGE=channel-unusable")
    says(container, "metered by SunSpec", 10, "DER_SITE=site-001")
    assert house.calls() == []

    # Credentials: at the next start they are taken, and what was queued is accepted.
    for name in ("client.crt", "client.key", "ca.crt"):
        container.copy(house.certificates / name, f"/etc/credstore/{name}", mode="600")
    container.run("systemctl", "restart", "dertelemetryd", check=True)
    says(container, r"EXAMPL_7_DERA1 \S+ GEN \S+ MWh 1/1 sites accepted", 30, "DER_MESSAGE=interval-accepted")
    until(
        lambda: re.fullmatch(
            r"sites 2/2, last interval accepted \S+, backlog \d+, certificate \d+ days", container.show("StatusText")),
        10, lambda: container.show("StatusText"))
    assert container.run("dertelemetryd", "status").stdout.startswith("running, version")
    assert container.run("dertelemetryd", "audit").returncode == 0

    # An edit with a mistake: the reload has failed, and nothing is changed. Mended, it is taken by the same process.
    before, sites = container.show("MainPID"), "/etc/dertelemetryd/sites.d/all.yaml"
    container.run("sed", "-i", "0,/500 kW/s//500 KW/", sites, check=True)
    assert container.run("systemctl", "reload", "dertelemetryd").returncode != 0
    says(container, rf"{sites}:3:14: ", 10, "DER_MESSAGE=reload-refused")
    container.run("sed", "-i", "s/500 KW/501 kW/", sites, check=True)
    container.run("systemctl", "reload", "dertelemetryd", check=True)
    says(container, r"configuration taken, asked for by dertelemetryd: changed: site-001 \(nameplate\)", 10)
    assert container.show("ActiveState") == "active" and container.show("MainPID") == before
    assert container.show("NRestarts") == "0"

    # What a message means stands beside it.
    explained = container.run(
        "journalctl", "-x", "--no-pager", "-u", "dertelemetryd", "DER_MESSAGE=channel-unusable").stdout
    assert "Subject: Nothing can be submitted through a channel" in explained and "What to do: Mend" in explained

    # A hang of the pipeline, which cannot speak for itself.
    container.write(
        "/etc/systemd/system/dertelemetryd.service.d/hang.conf",
        "[Service]\nWatchdogSec=3s\nRestartSec=100ms\nEnvironment=DERTELEMETRYD_STOP_AT=beforeRelease:8:hang\n")
    container.run("systemctl", "daemon-reload", check=True)
    container.run("systemctl", "restart", "dertelemetryd", check=True)
    until(lambda: int(container.show("NRestarts")) >= 1, 30, lambda: container.journal("-u", "dertelemetryd"))
    says(container, "Watchdog timeout", 5)
    container.run("rm", "-r", "/etc/systemd/system/dertelemetryd.service.d", check=True)
    container.run("systemctl", "daemon-reload", check=True)
    container.run("systemctl", "restart", "dertelemetryd", check=True)

    # An upgrade keeps what runs, the configuration and the accounts.
    before = container.show("MainPID")
    install(container, package)
    until(lambda: container.show("ActiveState") == "active", 10, lambda: container.show("ActiveState"))
    assert container.show("MainPID") != before
    assert "credential:client.crt" in container.run("cat", CONFIGURATION).stdout
    assert container.run("dertelemetryd", "audit").returncode == 0

    # It stops at once, and a purge without an answer deletes no accounts.
    began = time.monotonic()
    container.run("systemctl", "stop", "dertelemetryd", check=True)
    assert time.monotonic() - began < 2
    assert container.show("Result") == "success"
    container.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--purge", "dertelemetryd", check=True)
    assert container.run("test", "-e", "/usr/bin/dertelemetryd").returncode == 1
    assert container.run("test", "-d", "/var/lib/dertelemetryd/ledger").returncode == 0
