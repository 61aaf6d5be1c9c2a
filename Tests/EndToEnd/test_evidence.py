"""What was sent and answered lies in the evidence as the ledger says."""

import gzip
import hashlib
import json
import subprocess

import ledger_file
from line import Line
from programs import program, until


def submissions(house):
    result = house.ask("submissions", "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def attempts(house):
    """Those that have ended."""
    return [attempt for story in submissions(house) for attempt in story["attempts"] if "ending" in attempt]


def show(house, *words):
    """The bytes that the command prints, and its exit status."""
    result = subprocess.run(
        [program("dertelemetryd"), "submissions", "show", *words, "--config", house.configuration], capture_output=True,
        timeout=60)
    return result.stdout, result.returncode


def test_everything_sent_and_answered_is_kept_with_the_digest_that_the_ledger_has(settled_house):
    house = settled_house(settle="1s", timeout="3s")
    operator_port = house.settings.port
    line = Line(operator_port)
    house.configure(port=line.port)
    house.start_daemon()
    # An answer is lost: what is held is asked for. Then the operator is away: what was signed is signed again.
    line.hold_next("answer")
    assert line.struck.wait(20)
    line.drop()
    house.daemon.says("answers again")
    house.operator.kill()
    until(lambda: any("not sent" in attempt["ending"] for attempt in attempts(house)), 30, house.describe)
    house.settings.port = operator_port
    house.start_operator()
    house.settings.port = line.port
    house.await_accepted(house.now() + 15, 60)
    assert house.daemon.stop() == 0
    line.close()

    folder = house.state / "evidence"
    told = list(ledger_file.digests(house.state))
    for file, digest in told:
        assert hashlib.sha256(gzip.decompress((folder / f"{file}.gz").read_bytes())).hexdigest() == digest, file
    names = {file.split("/")[-1] for file, _ in told}
    for kind in ["payload.xml", "envelope-1.xml", "envelope-2.xml", "answer-1.xml", "status.xml", "question-", "held-"]:
        assert any(name.startswith(kind) for name in names), kind
    kept = list(folder.glob("*/*/*"))
    assert {path.suffix for path in kept} == {".gz"}
    size, submissions = sum(path.stat().st_size for path in kept), len(list(folder.glob("*/*")))
    print(json.dumps({"digests": len(told), "files": len(kept), "bytes": size, "submissions": submissions}))


def test_a_submission_is_shown_byte_for_byte_or_not_at_all(settled_house):
    house = settled_house()
    house.start_daemon()
    house.await_accepted(house.now() + 15, 60)
    # Beside the running daemon.
    story = next(story for story in submissions(house) if story["state"] == "accepted")
    assert house.daemon.stop() == 0
    attempt = story["attempts"][0]
    digests = {
        "--payload": story["payloadDigest"], "--status": story["statusDigest"], "--request": attempt["envelopeDigest"],
        "--answer": attempt["answerDigest"]}
    for part, digest in digests.items():
        printed, code = show(house, story["id"], part)
        assert (hashlib.sha256(printed).hexdigest(), code) == (digest, 0), part
    assert show(house, story["id"], "--answer", "--attempt", "1")[1] == 0
    assert story["batch"].encode() in show(house, story["id"])[0]
    assert json.loads(show(house, story["id"], "--json")[0]) == story
    table = house.ask("submissions", "--state", "accepted").stdout.splitlines()
    assert table[0].startswith("SUBMISSION") and any(line.startswith(story["id"]) for line in table)

    assert show(house, story["id"], "--answer", "--attempt", "2")[1] == 1
    assert show(house, "nothing")[1] == 1
    assert house.ask("submissions", "--state", "lost").returncode == 64
    file = next((house.state / "evidence").glob(f"*/{story['id']}/answer-1.xml.gz"))
    whole = gzip.decompress(file.read_bytes())
    for damaged in [gzip.compress(whole.replace(b"INFO", b"info")), file.read_bytes()[:-5], b""]:
        file.write_bytes(damaged)
        assert show(house, story["id"], "--answer") == (b"", 65)
    file.unlink()
    assert show(house, story["id"], "--answer") == (b"", 65)
