"""What is wrong is said at once, and nothing is begun that cannot go well."""

import shutil

import pytest
from programs import ROOT, until

WRONG = ROOT / "Tests/Fixtures/configuration/wrong"


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_mistake_in_every_file_is_said_at_once_with_line_and_column(make_house, command):
    house = make_house()
    shutil.copytree(WRONG, house.folder, dirs_exist_ok=True)
    result = house.ask(command)
    told = result.stderr.replace(f"{house.folder}/", "").splitlines()
    expected = (WRONG / "expected.txt").read_text().splitlines()
    if command == "run":  # a certificate that cannot be used holds submission and never stops reading
        expected = [line for line in expected if "which cannot be read" not in line]
    assert result.returncode == 78
    assert told == [*expected, f"{len(expected)} problems: the configuration is refused"]
    assert result.stdout == "", "there is nothing to say but what is wrong"


def test_a_mistake_leaves_no_trace_on_the_disk(make_house):
    house = make_house()
    house.add_site("site-001", "EXAMPL_7_DERA1", 15020, nameplate="500 KW")
    house.settings.port = 18443
    house.configure()
    result = house.ask("run")
    assert result.returncode == 78
    assert f"{house.folder}/sites.d/all.yaml:3:14: " in result.stderr
    assert not house.state.exists()


def test_a_second_daemon_on_the_same_state_directory_gives_way_and_names_the_first(settled_house):
    house = settled_house()
    first = house.start_daemon()
    second = house.ask("run")
    assert second.returncode == 75
    assert f"process {first.pid}" in second.stderr and str(house.state) in second.stderr
    assert first.is_running
    first.kill()
    third = house.start_daemon()
    assert third.is_running, "the lock ends with its process"


def test_a_state_directory_keeps_its_interval(settled_house):
    house = settled_house(interval="5s")
    house.start_daemon().stop()
    house.configure(interval="10s")
    daemon = house.start_daemon()
    line = next(line for line in daemon.text().splitlines() if ": interval: " in line)
    assert line.startswith("<2>") and f"{house.configuration}:4:11: interval: is 10s" in line
    assert f"the accounts in {house.state} are kept in intervals of 5s" in line
    assert house.audit()["exit"] == 0
    daemon.stop()
    house.configure(interval="5s")
    assert "not valid" not in house.start_daemon().text()


def test_a_running_daemon_answers_to_check_audit_and_intervals(settled_house):
    house = settled_house()
    house.start_daemon()
    until(lambda: house.audit()["series"], 10, "series in the audit")
    assert house.ask("check").returncode == 0
    assert house.audit()["exit"] == 0
    assert house.ask("intervals").returncode == 0
