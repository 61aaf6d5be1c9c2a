"""A backup beside the running daemon, and what becomes of it when it is put back."""

import shutil

import pytest
from programs import until


@pytest.fixture
def house(settled_house):
    house = settled_house(count=2)
    house.start_daemon()
    house.daemon.says("sites accepted", 40)
    return house


def backup(house, name, exits=0):
    result = house.ask("backup", house.folder / name)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def restore(house, name, exits=0):
    result = house.ask("restore", house.folder / name)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def verify(house, path):
    result = house.command("dertelemetryd", "log", "verify", path)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def files(folder):
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def test_backups_of_a_running_daemon_are_sound_and_hold_what_they_name(house):
    for number in range(5):
        name = f"backup-{number}"
        assert backup(house, name).stdout.count(": sound") == 2
        said = verify(house, house.folder / name)
        assert "is writing it" not in said and "was never finished" not in said, "cut at a whole frame"
        # What the ledger of the copy says was sent and answered is in the copy.
        house.configuration.write_text(
            house.configuration.read_text().replace(f"state_directory: {house.state}\n", f"state_directory: {house.folder / name}\n"))
        audit = house.ask("audit", "--deep")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        shown = house.ask("submissions", "--state", "accepted")
        identifier = shown.stdout.splitlines()[1].split()[0]
        kept = house.ask("submissions", "show", identifier, "--request")
        assert kept.returncode == 0 and "Envelope" in kept.stdout, kept.stdout + kept.stderr
        house.configure()
    assert house.daemon.is_running
    assert house.audit()["exit"] == 0


def test_a_backup_is_there_whole_or_not_at_all(house):
    backup(house, "one")
    assert "there is something of this name" in backup(house, "one", exits=65).stderr
    (house.folder / "one/backup").unlink()
    house.daemon.stop()
    house.state.rename(house.folder / "away")
    assert "no backup, or one that is not whole" in restore(house, "one", exits=65).stderr
    assert "no such backup" in restore(house, "none", exits=69).stderr
    assert not house.state.exists()
    assert backup(house, "two", exits=69).stderr.count("no ledger") == 1


def test_a_damaged_backup_is_not_restored(house):
    backup(house, "one")
    house.daemon.stop()
    house.state.rename(house.folder / "away")
    segment, = (house.folder / "one/ledger").glob("*.log")
    bytes = bytearray(segment.read_bytes())
    written = [place for place, byte in enumerate(bytes) if byte]
    bytes[written[len(written) // 2]] ^= 1
    segment.write_bytes(bytes)
    assert "damaged: nothing was restored" in restore(house, "one", exits=65).stderr
    assert not house.state.exists()


def test_what_is_restored_in_the_same_place_submits_nothing_until_it_is_adopted(house):
    assert "is there: nothing is restored over accounts" in (backup(house, "one") and restore(house, "one", exits=65).stderr)
    house.daemon.stop()
    shutil.rmtree(house.state)
    restore(house, "one")
    assert {name for name in files(house.folder / "one")} - {"backup"} <= set(files(house.state))
    before = len(house.calls())
    house.start_daemon()
    house.daemon.says("looks like a copy")
    queued = lambda: [row for row in house.intervals().values() if row["state"] == "queued"]
    until(lambda: len(queued()) >= 2, 40, house.intervals)
    assert len(house.calls()) == before
    decided = house.ask("adopt", "--reason", "restored after the disk was replaced", "--yes")
    assert decided.returncode == 0, decided.stdout + decided.stderr
    until(lambda: not queued(), 40, house.intervals)
    assert len(house.calls()) > before and house.audit()["exit"] == 0
    # Restarted, it stays adopted.
    house.daemon.stop()
    house.start_daemon()
    house.daemon.says("sites accepted", 40)
    assert "looks like a copy" not in house.daemon.text()
