"""Who takes day-ahead schedules, as stand-ins that go wrong as they are told to."""

import datetime
import json
import shutil

from house import PACIFIC
from programs import ROOT

DAY = (datetime.datetime.now(PACIFIC) + datetime.timedelta(days=2)).date()


class SIBR:
    """A house that has registered its resource, and SIBR's stand-in."""

    program = "sibr"

    def __init__(self, house):
        self.house = house
        house.settings.port = 18443
        house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
        house.configure()
        shutil.copy(ROOT / "config/registration.yaml", house.folder)
        shutil.copy(ROOT / "config/profiles/sibr.yaml", house.folder / "profiles")
        self.write("0.500")
        self.port = 0

    def write(self, megawatts, name="day.csv", resource="EXAMPL_7_DERA1"):
        rows = "".join(f"{resource},{DAY},{hour},{megawatts}\n" for hour in range(1, 25))
        (self.house.folder / name).write_text("resource,trading_date,hour_ending,mw\n" + rows)

    def serve(self, *faults, delay=0, timeout="2s", settle="300ms", follow="20s", **options):
        certificates = self.house.certificates
        words = ["--fault", *faults] if faults else []
        more = [word for key, value in options.items() for word in (f"--{key}", value)]
        self.server = self.house.start(
            "dersim", self.program, "--json", "--port", self.port, "--certificate", certificates / "server.crt", "--key",
            certificates / "server.key", "--trust", certificates / "ca.crt", "--validation-delay", delay, *more, *words,
            log=self.program)
        self.server.says('"listening"')
        self.port = json.loads(self.server.text().splitlines()[0])["port"]
        self.settings(f"timeout: {timeout}, settle: {settle}, follow: {follow}, spacing: 100ms")

    def settings(self, more, identity="sibr"):
        folder = self.house.certificates
        (self.house.folder / "market.yaml").write_text(
            f"format: 1\nsibr: {{ url: 'https://127.0.0.1:{self.port}/', {more} }}\nidentities:\n  {identity}: "
            f"{{ certificate: {folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n")

    def submit(self, *words, exits=0, files=("day.csv",)):
        paths = [self.house.folder / name for name in files]
        result = self.house.ask("schedule", "submit", *words, *paths)
        assert result.returncode == exits, (result.returncode, result.stdout, result.stderr, self.server.text())
        return result

    def calls(self, service="submit"):
        lines = [json.loads(line) for line in self.server.text().splitlines()]
        return [line for line in lines if line["event"] == "call" and line.get("service") == service]

    def bids(self):
        return json.loads(self.house.ask("schedule", "list", "--json").stdout)


class Gateway(SIBR):
    """The same with a coordinator's gateway, and JSON."""

    program = "gateway"

    def __init__(self, house):
        super().__init__(house)
        shutil.copy(ROOT / "config/profiles/gateway.yaml", house.folder / "profiles")

    def settings(self, more, identity="gateway", beside=""):
        folder = self.house.certificates
        (self.house.folder / "market.yaml").write_text(
            f"format: 1\n{identity}: {{ url: 'https://127.0.0.1:{self.port}/schedules', {more}, certificate: "
            f"{folder}/client.crt, key: {folder}/client.key, trust: {folder}/ca.crt }}\n{beside}")
