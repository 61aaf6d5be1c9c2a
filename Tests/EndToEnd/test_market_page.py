"""Every command of the page on the market does what the page says."""

import json
import re
import shlex
import shutil

import pytest
from programs import ROOT

PAGE = ROOT / "docs/from-registration-to-settlement.md"
SECTIONS = re.findall(r"^## (.*?)\n\n```sh\n(.*?)```\n\n```\n(.*?)```\n", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def house(settled_house):
    house = settled_house(5, interval="5s", start_operator=False, mode="hold")
    for name in ["registration.yaml", "schedule.yaml"]:
        shutil.copy(ROOT / "config" / name, house.folder)
    for name in ["sibr", "ads"]:
        shutil.copy(ROOT / f"config/profiles/{name}.yaml", house.folder / "profiles")
    # The sites of this house are those that are registered, and a second resource has no place in it.
    for site, name in zip(house.sites, ["DER-0001", "fresno-02", "fresno-03", "fresno-04", "fresno-05"]):
        site.resource, site.name = "EXAMPL_7_DERA1", name
    house.measurements.pop("EXAMPL_7_DERA2", None)
    certificates = house.certificates
    market = house.start(
        "dersim", "market", "--port", 0, "--certificate", certificates / "server.crt", "--key",
        certificates / "server.key", "--spacing", 0, log="market")
    market.says("listening on ")
    port = market.text().splitlines()[0].rsplit(":", 1)[1]
    results = house.start(
        "dersim", "results", "--json", "--port", 0, "--certificate", certificates / "server.crt", "--key",
        certificates / "server.key", "--trust", certificates / "ca.crt", log="results")
    results.says('"listening"')
    results_port = json.loads(results.text().splitlines()[0])["port"]
    identity = "certificate: {0}/client.crt, key: {0}/client.key, trust: {0}/ca.crt".format(certificates)
    (house.folder / "market.yaml").write_text(
        f"format: 1\noasis: {{ url: 'https://127.0.0.1:{port}/oasisapi/SingleZip', spacing: 1ms, trust: "
        f"{certificates}/ca.crt }}\nads: {{ url: 'https://127.0.0.1:{results_port}/ads' }}\nidentities:\n"
        f"  rims: {{ {identity} }}\n  ads: {{ {identity} }}\n")
    house.start_daemon().stop()
    return house


def test_the_page_has_a_section_for_each_sentence():
    assert len(SECTIONS) == PAGE.read_text().count("\n## ") == 9


@pytest.mark.parametrize("title, commands, output", SECTIONS, ids=[title[:40] for title, _, _ in SECTIONS])
def test_the_commands_say_what_the_page_says(house, title, commands, output):
    told = ""
    for command in commands.splitlines():
        program, *words = shlex.split(command)
        words = [str(house.folder / word) if word == "schedule.yaml" else word for word in words]
        result = house.ask(*words)
        expected = {"identities": 78}.get(words[0], 0)
        assert result.returncode == expected, result.stdout + result.stderr
        told += result.stderr + result.stdout
    rest = told
    for line in output.splitlines():
        # Columns are as wide as what stands in them.
        pattern = r"\s+".join(re.escape(word).replace("…", ".*?") for word in line.split())
        found = re.search(pattern, rest)
        assert found, f"{line!r} is not in what is left of\n{told}"
        rest = rest[found.end():]
