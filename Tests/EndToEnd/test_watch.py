"""The service follows the market by itself, on its own time: new things come to the journal, and metering never waits."""

import datetime
import json
import shutil
import time

import pytest
from house import PACIFIC
from programs import ROOT, until
from test_comparison import hours

RESOURCE = "EXAMPL_7_DERA1"


class Watch:
    """A house with one real site and the stand-ins of the market."""

    def __init__(self, house):
        self.house = house
        house.measurements.pop("EXAMPL_7_DERA2", None)
        shutil.copy(ROOT / "config/registration.yaml", house.folder)
        for name in ["ads", "cmri", "sibr"]:
            shutil.copy(ROOT / f"config/profiles/{name}.yaml", house.folder / "profiles")
        self.ports = {"market": 0, "results": 0, "sibr": 0}

    def serve(self, name, *faults):
        folder = self.house.certificates
        trust = [] if name == "market" else ["--trust", folder / "ca.crt", "--json"]
        words = ["--fault", *faults] if faults else []
        server = self.house.start(
            "dersim", name, "--port", self.ports[name], "--certificate", folder / "server.crt", "--key",
            folder / "server.key", *trust, *(["--spacing", 0] if name == "market" else []), *words, log=name)
        server.says("listening")
        first = server.text().splitlines()[0]
        self.ports[name] = int(first.rsplit(":", 1)[1]) if name == "market" else json.loads(first)["port"]
        return server

    def settings(self, watch, identities=("ads", "cmri", "sibr"), timeout="2s"):
        folder = self.house.certificates
        known = "".join(
            f"  {name}: {{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n"
            for name in identities)
        results = f"https://127.0.0.1:{self.ports['results']}"
        (self.house.folder / "market.yaml").write_text(
            "format: 1\n"
            f"oasis: {{ url: 'https://127.0.0.1:{self.ports['market']}/oasisapi/SingleZip', spacing: 1ms, timeout: "
            f"{timeout}, trust: {folder}/ca.crt }}\n"
            f"ads: {{ url: '{results}/ads', timeout: {timeout} }}\ncmri: {{ url: '{results}/cmri' }}\n"
            f"sibr: {{ url: 'https://127.0.0.1:{self.ports['sibr']}/', spacing: 100ms }}\n"
            # Of the trade date itself, so that there is a schedule to compare with.
            "schedule: { deadlines: [{ from: 2020-01-01, time: '23:59', days_before: 0 }] }\n"
            f"identities:\n{known}watch: {watch}\n")

    def submit(self, megawatts):
        while (now := datetime.datetime.now(PACIFIC)).hour == 23 and now.minute > 56:
            time.sleep(5)
        rows = "".join(f"{RESOURCE},{now.date()},{hour},{megawatts}\n" for hour in hours(now.date()))
        self.house.configure()
        path = self.house.folder / "day.csv"
        path.write_text("resource,trading_date,hour_ending,mw\n" + rows)
        result = self.house.ask("schedule", "submit", path)
        assert result.returncode == 0, result.stdout + result.stderr

    def sealed(self):
        """Whether intervals go on being sealed: one that ends after now is waited for."""
        begun = time.time()

        def condition():
            rows = [row for row in self.house.intervals().values() if row["value"] is not None]
            return [row for row in rows if datetime.datetime.fromisoformat(row["intervalEnding"]).timestamp() > begun]

        return until(condition, 30, self.house.daemon.text)


@pytest.fixture
def watch(settled_house):
    return Watch(settled_house(1, interval="5s", mode="hold", start_operator=False))


ALL = ("{ dispatch: 1s, awards: 1s, prices: 1s, reports: [{ request: 'queryname=AS_RESULTS', every: 1s }], "
       "deviation: { share: '0.20', least: 10 kW, for: 10s } }")


def test_what_is_new_comes_to_the_journal_and_is_kept(watch):
    for name in ["market", "results", "sibr"]:
        watch.serve(name)
    watch.settings(ALL)
    watch.submit("1.000")
    daemon = watch.house.start_daemon()
    for text in [
        f"{RESOURCE}: dispatched to 0.", f"{RESOURCE}: 24 new awards of the market dam for ", "PRC_INTVL_LMP: ",
        "NODE=FRESNO_7_N001 LMP_TYPE=LMP VALUE=", "AS_RESULTS: ",
        "that is further apart than 20 % and 0.01 MW for 10s",
    ]:
        daemon.says(text, 60)
    assert "away" not in daemon.text() and daemon.text().count("further apart") == 1
    lines = {line["watch"]: line for line in json.loads(watch.house.ask("oasis", "watch", "--json").stdout)}
    assert set(lines) == {"dispatch", "awards", "prices", "queryname=AS_RESULTS", "deviation", "old rows"}
    assert lines["dispatch"]["news"] >= 1 and lines["deviation"]["news"] == 1
    assert "LAST NEWS" in watch.house.ask("oasis", "watch").stdout
    # What the service has brought is there for the comparison, and nobody asked for it.
    result = watch.house.ask("intervals", "--resource", RESOURCE, "--compare", "--format", "json")
    rows = [row for row in json.loads(result.stdout)["intervals"] if row["measuredMW"]]
    assert rows and all(row["scheduledMW"] == "1" and row["price"] for row in rows)
    assert [row for row in rows if row["dispatchedMW"]]
    assert daemon.stop() == 0 and watch.house.audit()["exit"] == 0


def test_who_is_away_is_said_once_and_comes_back(watch):
    server = watch.serve("results")
    server.end()
    watch.settings("{ dispatch: 1s }")
    daemon = watch.house.start_daemon()
    daemon.says("dispatch: ADS was not reached", 30)
    watch.sealed()
    assert daemon.text().count("was not reached") == 1
    watch.serve("results")
    daemon.says("dispatch: comes again", 60)
    daemon.says(f"{RESOURCE}: dispatched to", 30)


@pytest.mark.parametrize("faults", [["hang"] * 3, ["half"] * 3, ["no-gzip"] * 3, ["breakdown"] * 3])
def test_no_answer_of_ads_holds_up_an_interval(watch, faults):
    watch.serve("results", *faults)
    watch.settings("{ dispatch: 1s }")
    daemon = watch.house.start_daemon()
    daemon.says("dispatch: ", 30)
    watch.sealed()
    assert daemon.is_running and "stalled" not in daemon.text()


@pytest.mark.parametrize("fault", ["bomb", "cut-short", "trickle", "page", "other-columns", "out-of-folder"])
def test_no_answer_of_oasis_holds_up_an_interval_or_is_kept(watch, fault):
    watch.serve("market", *[fault] * 9)
    watch.settings("{ reports: [{ request: 'queryname=AS_RESULTS', every: 60s }] }", timeout="1s")
    daemon = watch.house.start_daemon()
    daemon.says("queryname=AS_RESULTS: not ", 30)
    watch.sealed()
    assert "new rows" not in daemon.text() and "stalled" not in daemon.text()


@pytest.mark.parametrize("watched, identities, words", [
    ("{ dispatch: never }", ["ads"], "nothing of the market is watched: "),
    ("{ dispatch: 1s }", ["rims", "sibr"], "ads is not watched: ads has no identity: set `identities.ads`"),
    ("{ awards: 1s }", ["ads"], "cmri is not watched: cmri has no identity: set `identities.cmri`"),
])
def test_what_cannot_be_watched_is_said_and_sites_are_read_all_the_same(watch, watched, identities, words):
    watch.serve("results")
    watch.settings(watched, identities=identities)
    daemon = watch.house.start_daemon()
    daemon.says(words, 30)
    watch.sealed()


def test_a_database_that_cannot_be_used_is_said_and_metering_goes_on(watch):
    watch.serve("results")
    watch.settings("{ dispatch: 1s }")
    watch.house.state.mkdir(exist_ok=True)
    (watch.house.state / "market.sqlite").write_bytes(b"A" * 8192)
    daemon = watch.house.start_daemon()
    daemon.says("is not a database", 30)
    watch.sealed()
    assert watch.house.audit()["exit"] == 0


def test_without_a_word_nothing_is_asked(watch):
    server = watch.serve("results")
    watch.settings("{ keep_days: 30 }")
    daemon = watch.house.start_daemon()
    watch.sealed()
    assert '"call"' not in server.text()
    assert watch.house.ask("oasis", "watch").returncode == 1
    assert daemon.stop() == 0
