"""A configuration that is not valid costs no interval: the daemon goes on with the last one that it accepted."""

import json
import time

import pytest
from programs import until
from test_service import NotifySocket


def start(house, **environment):
    """Starts the daemon on the files as they are."""
    house.daemon = house.start("dertelemetryd", "run", "--config", house.configuration, environment=environment)
    house.daemon.says("ready: ")
    return house.daemon


def accepted_then_stopped(house):
    house.start_daemon()
    house.await_accepted(time.time() + 6, 30)
    assert house.daemon.stop() == 0


def test_a_daemon_goes_on_with_the_last_configuration_that_it_accepted_and_says_so(settled_house, tmp_path):
    house = settled_house(interval="2s")
    accepted_then_stopped(house)
    files = {path: path.read_text() for path in (house.configuration, house.folder / "sites.d/all.yaml")}
    for path, text in files.items():
        path.write_text(text.replace("scan: 500ms", "scan: half a second").replace("500 kW", "500 KW"))
    (house.folder / "profiles/mri-s.yaml").unlink()

    systemd = NotifySocket(tmp_path / "notify")
    daemon = start(house, NOTIFY_SOCKET=str(systemd.path))
    told = [line for line in daemon.text().splitlines() if line.startswith("<2>")]
    places = [f"{house.configuration}:6:7: scan: ", f"{house.folder}/sites.d/all.yaml:3:14: ", "wire profile `mri-s`"]
    for place in places:
        assert any(place in line for line in told), told
    problems = json.loads(house.ask("check", "--json").stdout)["problems"]
    assert f"{house.configuration} has {len(problems)} problems and is not used" in told[-1]
    until(
        lambda: any(text.startswith("STATUS=configuration not valid, running on that of ") for text in systemd.heard()),
        10, lambda: systemd.messages)
    systemd.socket.close()  # nobody listens any more, and a full socket would stop who writes

    house.await_accepted(time.time() + 4, 30)
    assert house.audit()["exit"] == 0 and house.held()[1]["duplicates"] == 0
    assert "note: " in house.ask("intervals").stderr
    dump = house.command("dertelemetryd", "log", "dump", house.state / "ledger", "--kind", "configuration")
    assert "scan: 500ms\\n" in dump.stdout, "its files as text, on one line"
    check = house.ask("check")
    assert check.returncode == 78
    assert "run would start on the last configuration that was accepted, " in check.stderr.splitlines()[-1]
    since = json.loads(house.ask("check", "--json").stdout)["lastAccepted"]
    assert since in told[-1]
    kept = json.loads(house.ask("config", "show", "--kept", "--json").stdout)
    assert kept["acceptedAt"] == since and kept["path"] == str(house.configuration)
    assert [file["text"] for file in kept["files"]][:2] == list(files.values())
    assert house.ask("config", "show").returncode == 78

    assert daemon.stop() == 0
    for path, text in files.items():
        path.write_text(text)
    (house.folder / "profiles/mri-s.yaml").write_text(kept["files"][2]["text"])
    assert "not valid" not in start(house).text()
    assert json.loads(house.ask("config", "show", "--kept", "--json").stdout)["acceptedAt"] == since


@pytest.mark.parametrize("harm", ["no YAML", "gone"])
def test_a_file_that_cannot_be_read_at_all_stops_nothing(settled_house, harm):
    house = settled_house(interval="2s")
    accepted_then_stopped(house)
    text = house.configuration.read_text()
    if harm == "gone":
        house.configuration.unlink()
    else:
        house.configuration.write_text(text.replace("resources:", "resources: ["))
    # Where the file cannot say it any more, systemd does.
    start(house, STATE_DIRECTORY=str(house.state) if harm == "gone" else "/nowhere")
    house.daemon.kill()
    house.configuration.write_text(text)
    assert house.audit()["exit"] == 0


def test_another_file_never_takes_what_was_kept_for_this_one(settled_house):
    house = settled_house(interval="2s")
    house.start_daemon().stop()
    other = house.folder / "other.yaml"
    other.write_text(f"format: 2\nstate_directory: {house.state}\n")
    result = house.command("dertelemetryd", "run", "--config", other)
    assert result.returncode == 78
    assert f"was that of {house.configuration}" in result.stderr.splitlines()[-1]
