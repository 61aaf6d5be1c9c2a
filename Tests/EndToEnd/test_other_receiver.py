"""Another receiver is reached by editing YAML only."""

import json
import subprocess
import sys

from programs import ROOT

CODES = {"GEN": "PROD", "LOAD": "CONS"}


def test_a_receiver_that_is_like_ours_in_nothing_is_reached_by_a_profile(make_house, tmp_path):
    house = make_house(settle="2s", timeout="5s")
    house.fleet, sites = house.start_fleet(2)
    for index, site in enumerate(sites):
        house.add_site(site["site"], f"EXAMPL_7_DERA{index + 1}", site["port"])
    profile = (ROOT / "Tests/Fixtures/profiles/other.yaml").read_text()
    (house.folder / "profiles/mri-s.yaml").write_text(profile)
    log = (tmp_path / "receiver.log").open("w")
    receiver = subprocess.Popen(
        [sys.executable, ROOT / "Tests/Peers/other_receiver.py", house.certificates, tmp_path], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        house.configure(port=int(receiver.stdout.readline().split()[1]))
        house.start_daemon()
        intervals = house.await_accepted(house.now() + 30, 90)
        assert house.daemon.stop() == 0
    finally:
        receiver.stdin.close()
        receiver.wait(10)
    told = json.loads((tmp_path / "held.json").read_text())
    refused = (tmp_path / "receiver.log").read_text()
    assert refused == ""
    assert told["duplicates"] == 0
    accepted = [row for row in intervals.values() if row["state"] == "accepted"]
    assert len(accepted) >= 8
    for row in accepted:
        key = "/".join([row["resource"], CODES[row["measurement"]], row["intervalEnding"]])
        assert told["held"][key] == row["value"] and row["unit"] == "kWh", key
    assert house.audit()["exit"] == 0
    # The answer to one submission was lost, and what the receiver holds was asked for.
    listed = json.loads(house.ask("submissions", "--json").stdout)
    assert {story["state"] for story in listed[:-1]} == {"accepted"}
    assert [bool(story["questions"]) for story in listed].count(True) == 1
    print(f"{told['submissions']} submissions, {len(told['held'])} values")
