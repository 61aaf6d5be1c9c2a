"""A whole house in a folder of its own: a fleet, a stand-in for the operator, the daemon, and the questions to them."""

import dataclasses
import datetime
import json
import re
import subprocess
import time
import zoneinfo

from programs import ROOT, Program, program, until

PACIFIC = zoneinfo.ZoneInfo("America/Los_Angeles")


@dataclasses.dataclass
class Site:
    name: str
    resource: str
    port: int
    nameplate: str = "500 kW"
    # In ten-thousandths, by flow.
    loss_factors: dict | None = None

    def yaml(self):
        factors = ", ".join(f'{flow}: "{value / 10_000:.4f}"' for flow, value in (self.loss_factors or {}).items())
        return (
            f"- id: {self.name}\n  resource: {self.resource}\n  nameplate: {self.nameplate}\n"
            f"  modbus: {{ host: 127.0.0.1, port: {self.port}, unit: 1 }}\n  map: sunspec\n"
            + (f"  loss_factor: {{ {factors} }}\n" if factors else ""))


@dataclasses.dataclass
class Settings:
    """What the daemon is told, beside its sites and resources."""

    interval: str = "5s"
    grace: str = "1s"
    scan: str = "500ms"
    spacing: str = "0ms"
    settle: str = "2s"
    timeout: str = "5s"
    submit: str = "each-interval"
    mode: str = "live"
    # As YAML; empty for the defaults.
    storage: str = ""
    certificate: str = "client"
    trust: str = "ca"
    port: int = 0

    @property
    def seconds(self):
        number, unit = re.fullmatch(r"(\d+)([sm])", self.interval).groups()
        return int(number) * {"s": 1, "m": 60}[unit]


class House:
    """Starts nothing by itself; everything that was started ends with `close`."""

    def __init__(self, folder, certificates, **settings):
        self.folder = folder
        self.certificates = certificates
        self.settings = Settings(**settings)
        self.sites = []
        self.measurements = {}
        self.began = time.time()
        self.programs = []
        self.daemon = self.operator = None
        # How a command of this house is run, and with which clock.
        self.environment = {}
        self.wrapper = []
        (folder / "sites.d").mkdir(parents=True)
        (folder / "profiles").mkdir()
        profile = (ROOT / "config/profiles/mri-s.yaml").read_text()
        (folder / "profiles/mri-s.yaml").write_text(profile)

    # Starting and stopping

    def start(self, name, *arguments, log=None, environment=None):
        process = Program(
            [*self.wrapper, program(name), *arguments], self.folder / f"{log or name}.log",
            {**self.environment, **(environment or {})})
        self.programs.append(process)
        return process

    def start_fleet(self, count=3, log="fleet", **options):
        """Gives the process and what the fleet says about each of its sites."""
        options = {"base_port": 0, **options}
        words = [
            word for key, value in options.items() for each in (value if isinstance(value, list) else [value])
            for word in (f"--{key.replace('_', '-')}", each)]
        fleet = self.start("dersim", "fleet", "--sites", count, *words, log=log)
        until(
            lambda: fleet.text().count("\n") >= count or not fleet.is_running, 20, fleet.text, every=0.02)
        assert fleet.is_running, fleet.text()
        return fleet, [json.loads(line) for line in fleet.text().splitlines()[:count]]

    def start_operator(self, validation_delay=0.2):
        """Starts the stand-in, at the port that it had before, with the faults that were set last."""
        path = self.certificates
        faults = ["--faults", self.faults, "--seed", self.fault_seed] if self.faults.exists() else []
        self.operator = self.start(
            "dersim", "operator", "serve", "--json", "--port", self.settings.port, "--interval",
            self.settings.seconds, "--state", self.folder / "operator", "--certificate", path / "server.crt", "--key",
            path / "server.key", "--trust", path / "ca.crt", "--profile", self.folder / "profiles/mri-s.yaml",
            "--validation-delay", validation_delay, *faults, log="operator")
        self.operator.says('"listening"')
        self.settings.port = json.loads(self.operator.text().splitlines()[0])["port"]
        return self.operator

    def set_faults(self, fault_seed=1, **lines):
        """Writes the menu of faults, which a stand-in that was started with one reads again at its next call."""
        self.fault_seed = fault_seed
        text = "".join(f"{key}: {value}\n" for key, value in lines.items())
        draft = self.faults.with_suffix(".new")
        draft.write_text(text)
        draft.rename(self.faults)

    def start_daemon(self, ready=True, **environment):
        self.configure()
        self.daemon = self.start("dertelemetryd", "run", "--config", self.configuration, environment=environment)
        if ready:
            self.daemon.says("ready: ")
        return self.daemon

    def close(self):
        for process in self.programs:
            process.end()

    # The configuration

    @property
    def configuration(self):
        return self.folder / "dertelemetryd.yaml"

    @property
    def state(self):
        return self.folder / "state"

    @property
    def faults(self):
        return self.folder / "faults.yaml"

    def add_site(self, name, resource, port, **options):
        self.sites.append(Site(name, resource, port, **options))
        self.measurements.setdefault(resource, ["GEN", "LOAD"])

    def configure(self, **changes):
        """Writes the configuration, with these settings changed from now on."""
        self.settings = dataclasses.replace(self.settings, **changes)
        told = self.settings
        flows = {"GEN": "export", "LOAD": "import"}
        resources = "".join(
            f"  - id: {name}\n    scheduling_coordinator: EXSC\n    channel: stand-in\n    measurements:\n"
            + "".join(f"      - {{ type: {type}, flow: {flows[type]} }}\n" for type in types)
            for name, types in self.measurements.items())
        self.configuration.write_text(f"""\
format: 1
state_directory: {self.state}
sites: sites.d/*.yaml
interval: {told.interval}
grace: {told.grace}
scan: {told.scan}
{f"storage: {told.storage}" if told.storage else ""}
resources:
{resources}channels:
  - name: stand-in
    kind: mri-s
    mode: {told.mode}
    url: https://127.0.0.1:{told.port}/
    certificate: {self.certificates / told.certificate}.crt
    key: {self.certificates / told.certificate}.key
    trust: {self.certificates / told.trust}.crt
    spacing: {told.spacing}
    settle: {told.settle}
    timeout: {told.timeout}
    submit: {told.submit}
""")
        (self.folder / "sites.d/all.yaml").write_text("".join(site.yaml() for site in self.sites))

    # Questions

    def now(self):
        """The time on the clock that the programs of this house see."""
        return time.time()

    def command(self, name, *arguments):
        words = [program(name), *(str(argument) for argument in arguments)]
        return subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=60, env=self._command_environment())

    def _command_environment(self):
        return None

    def ask(self, *arguments):
        """A command of the daemon's program about this house."""
        return self.command("dertelemetryd", *arguments, "--config", self.configuration)

    def audit(self):
        """What `audit --json` says, with its exit status as `exit`."""
        result = self.ask("audit", "--json")
        assert result.returncode in (0, 1), result.stderr
        return {**json.loads(result.stdout), "exit": result.returncode}

    def intervals(self):
        """The intervals of the trade dates since this house began, by resource, measurement and ending."""
        dates = sorted({datetime.datetime.fromtimestamp(t, PACIFIC).date() for t in (self.began, self.now() + 60)})
        rows = []
        for date in dates:
            result = self.ask("intervals", "--format", "json", "--trade-date", date)
            assert result.returncode == 0, result.stderr
            rows += json.loads(result.stdout)
        return {key(row): row for row in rows}

    def held(self):
        """What the stand-in holds by resource, measurement and ending, and its sum, with the exit status as `exit`."""
        result = self.command("dersim", "operator", "held", "--json", "--state", self.folder / "operator")
        assert result.returncode in (0, 1), result.stderr
        *rows, summary = [json.loads(line) for line in result.stdout.splitlines()]
        return {key(row): row for row in rows}, {**summary, "exit": result.returncode}

    def calls(self):
        """The calls that the stand-in has answered, as it tells them."""
        lines = (self.folder / "operator.log").read_text().splitlines()
        return [line for line in map(json.loads, filter(is_json, lines)) if line["event"] == "call"]

    # Waiting

    def contributes_from(self, resource):
        """The first interval start that is owed and from which each site of a resource contributes; None before.

        An interval that begins earlier may be missing for good: nobody knows what the registers stood at.
        """
        rows = [row for row in self.intervals().values() if row["resource"] == resource]
        owed = min(map(ending, rows), default=0) - self.settings.seconds
        log = (self.folder / "dertelemetryd.log").read_text()
        told = dict(re.findall(r"(\S+): contributes \w+ from (\S+) on", log))
        sites = [site.name for site in self.sites if site.resource == resource]
        if set(sites) <= set(told):
            return max(owed, *(datetime.datetime.fromisoformat(told[site]).timestamp() for site in sites))
        # A kill between the record and the word about it: then the first interval with a value tells.
        sealed = [ending(row) for row in rows if row["revision"]]
        return min(sealed) - self.settings.seconds if sealed else None

    def await_accepted(self, through, seconds, resources=None, final=("accepted",)):
        """Waits until each interval that ends at `through` or before is accepted, or in another final state that is named.

        The first one that is owed at least.

        Gives all intervals.
        """
        length = self.settings.seconds
        resources = resources or list(self.measurements)

        def condition():
            starts = {name: self.contributes_from(name) for name in resources}
            if None in starts.values():
                return None
            rows = self.intervals()
            last = max(int(through // length) * length, *(int(start) + length for start in starts.values()))
            due = [
                row for row in rows.values() if row["resource"] in resources
                and starts[row["resource"]] + length <= ending(row) <= last]
            reached = {(row["resource"], row["measurement"]) for row in due if ending(row) == last}
            wanted = {(name, type) for name in resources for type in self.measurements[name]}
            return rows if reached == wanted and all(row["state"] in final for row in due) else None

        return until(condition, seconds, self.describe, every=0.25)

    def describe(self):
        """For a person who reads a failure."""
        rows = [row for row in self.intervals().values() if row["state"] != "accepted"]
        return (
            "\n".join(f"{row['resource']} {row['measurement']} {ending_text(row)} {row['state']}" for row in rows)
            + "\nthe daemon's last words:\n" + "\n".join(self.daemon.text().splitlines()[-30:]))


def ending_text(row):
    """The daemon's commands and the stand-in's write the same in two ways."""
    return row.get("intervalEnding") or row["interval_ending"]


def key(row):
    return row["resource"], row["measurement"], ending_text(row)


def ending(row):
    return int(datetime.datetime.fromisoformat(ending_text(row)).timestamp())


def is_json(line):
    return line.startswith("{") and line.endswith("}")
