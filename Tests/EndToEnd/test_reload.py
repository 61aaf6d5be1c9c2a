"""A site list that is edited while the daemon runs: taken whole or not at all, and no reading of the others is lost."""

import json
import re
import signal
import time

from programs import until
from test_service import NotifySocket


def edit(house, take_out=(), **options):
    house.sites = [site for site in house.sites if site.name not in take_out]
    house.configure(**options)


def test_a_site_that_is_added_by_a_reload_contributes_and_the_others_lose_nothing(settled_house, tmp_path):
    house = settled_house(count=4, interval="2s")
    late = house.sites.pop()
    systemd = NotifySocket(tmp_path / "notify")
    daemon = house.start_daemon(NOTIFY_SOCKET=str(systemd.path))
    house.await_accepted(time.time() + 6, 40)

    house.sites.insert(0, late)
    house.configure()
    plan = json.loads(house.ask("reload", "--dry-run", "--json").stdout)
    assert (plan["sitesAdded"], plan["sitesUnchanged"], plan["isDone"]) == ([late.name], 3, False)
    assert [value["resource"] for value in plan["values"]] == [late.resource]
    assert late.name not in daemon.text() and "RELOADING=1" not in systemd.heard(), "a dry run changes nothing"

    done = house.ask("reload", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["isDone"], done.stderr
    heard = systemd.heard()
    after = heard[heard.index("RELOADING=1"):]
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", after[1])
    until(lambda: systemd.heard().count("READY=1") == 2, 5, lambda: systemd.messages)
    daemon.says(f"{late.name}: contributes ")
    house.await_accepted(time.time() + 6, 40)
    rows = house.intervals()
    assert max(row["sites"] for row in rows.values() if row["resource"] == late.resource) == 2
    assert not [row for row in rows.values() if row["state"] == "accepted" and row["quality"] != "measured"], \
        "no boundary lies further from a reading than before"
    assert "no reading" not in daemon.text() and daemon.text().count("metered by SunSpec") == 4, "each was met once"
    assert house.audit()["exit"] == 0 and house.held()[1]["duplicates"] == 0

    # What the edit says is what the next start goes by, too.
    kept = json.loads(house.ask("config", "show", "--kept", "--json").stdout)
    assert late.name in kept["files"][1]["text"]
    assert daemon.stop() == 0
    house.start_daemon()
    house.await_accepted(time.time() + 6, 40)
    assert house.audit()["exit"] == 0


def test_a_typo_is_refused_with_its_place_and_the_daemon_goes_on(settled_house):
    house = settled_house(interval="2s")
    daemon = house.start_daemon()
    house.await_accepted(time.time() + 6, 40)
    path = house.folder / "sites.d/all.yaml"
    text = path.read_text()
    path.write_text(text.replace("nameplate: 500 kW", "nameplate: 500 KW", 1))
    refused = house.ask("reload")
    assert refused.returncode == 78 and f"{path}:3:14: " in refused.stderr and "nothing was changed" in refused.stderr
    daemon.says("<3>")
    assert f"{path}:3:14: " in daemon.text()

    # What only a start can take is named, and refuses the rest too.
    path.write_text(text)
    edit(house, take_out=[house.sites[0].name], spacing="1s")
    refused = json.loads(house.ask("reload", "--json").stdout)
    assert [problem["key"] for problem in refused["problems"]] == ["channels"] and "spacing" in refused["problems"][0]["message"]
    assert "contributes until" not in daemon.text()
    house.await_accepted(time.time() + 6, 40)
    assert house.audit()["exit"] == 0


def test_sighup_takes_an_edit_and_what_is_removed_is_owed_no_longer(settled_house):
    house = settled_house(interval="2s")
    daemon = house.start_daemon()
    house.await_accepted(time.time() + 6, 40)
    gone = [site.name for site in house.sites if site.resource == "EXAMPL_7_DERA2"]
    del house.measurements["EXAMPL_7_DERA2"]
    edit(house, take_out=gone)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration taken, asked for by SIGHUP")
    for name in gone:
        assert f"{name}: taken out of the configuration" in daemon.text()
    assert daemon.text().count(": owed until ") == 2
    house.await_accepted(time.time() + 6, 40)
    assert house.audit()["exit"] == 0

    (house.folder / "sites.d/all.yaml").write_text("- id: [\n")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("it is refused, and nothing is changed")
    assert daemon.is_running
    house.await_accepted(time.time() + 6, 40)


def test_reload_says_where_no_daemon_is_running(settled_house):
    house = settled_house(start_operator=False)
    house.configure()
    assert house.ask("reload").returncode == 69
    house.start_daemon()
    other = house.folder / "other.yaml"
    other.write_text(house.configuration.read_text())
    refused = house.command("dertelemetryd", "reload", "--config", other)
    assert refused.returncode == 78 and "this daemon works by" in refused.stderr


def test_mended_files_are_taken_by_a_reload_where_a_start_had_fallen_back(settled_house, tmp_path):
    house = settled_house(interval="2s")
    house.start_daemon().stop()
    path = house.folder / "sites.d/all.yaml"
    text = path.read_text()
    path.write_text(text.replace("kW", "KW"))
    systemd = NotifySocket(tmp_path / "notify")
    house.daemon = house.start(
        "dertelemetryd", "run", "--config", house.configuration, environment={"NOTIFY_SOCKET": str(systemd.path)})
    house.daemon.says("ready: ")
    until(lambda: any("configuration not valid" in text for text in systemd.heard()), 5, lambda: systemd.messages)
    path.write_text(text)
    assert house.ask("reload").returncode == 0
    until(lambda: systemd.heard()[-1].startswith("STATUS=sites") or "STATUS=sites" in " ".join(systemd.heard()[-5:]), 10,
          lambda: systemd.messages)
    assert "configurationProblem" not in json.loads(house.ask("status", "--json").stdout)
