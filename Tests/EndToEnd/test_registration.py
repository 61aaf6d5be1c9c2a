"""From a list of sites to a registration that was handed over, as a person does it at the command line."""

import json

import pytest
from programs import ROOT


@pytest.fixture
def house(make_house):
    house = make_house()
    house.settings.port = 18443
    house.configure()
    # As a person copies them: the examples agree with each other.
    (house.folder / "sites.d/all.yaml").write_text((ROOT / "config/sites.d/fresno.yaml").read_text())
    main = (ROOT / "config/dertelemetryd.yaml").read_text()
    house.configuration.write_text(f"state_directory: {house.state}\n" + main)
    write(house)
    return house


def write(house, **replaced):
    text = (ROOT / "config/registration.yaml").read_text()
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    (house.folder / "registration.yaml").write_text(text)


def register(house, *arguments, exits=0):
    result = house.ask("register", *arguments)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def step(house, name):
    [report] = json.loads(register(house, "steps", "--json").stdout)
    return next(step for step in report["steps"] if step["step"] == name)


def test_the_example_would_be_taken_and_the_sum_is_shown_by_site(house):
    result = register(house, "check")
    assert "nothing stands in the way" in result.stdout
    assert "sum of registered capacity" in result.stdout and "1.05" in result.stdout


def test_a_little_less_than_half_a_megawatt_is_refused_until_its_date_is_set(house):
    write(house, a=("400 kW", "49 kW"), b=("250 kW", "150 kW"))
    result = register(house, "check", exits=65)
    assert "`capacity`, the registered capacity of each DER, is 0.499 MW: expected at least 0.5 MW" in result.stderr
    assert "registration.yaml:" in result.stderr and "0.049" in result.stdout
    assert register(house, "submit", "--to", "udc", exits=65).stdout == ""
    assert not (house.state / "registration").exists(), "nothing was written"
    rule = '\nrules:\n  - { rule: minimum-capacity, from: 2026-11-01, value: 100 kW, source: "a notice" }\n'
    with (house.folder / "registration.yaml").open("a") as file:
        file.write(rule)
    register(house, "check", "--on", "2026-11-02")
    register(house, "check", "--on", "2026-10-31", exits=65)


@pytest.mark.parametrize("line", ["pnode: FRESNO_7_N001", "caid_reservation: CAID-000123", "- site: DER-0001"])
def test_what_is_missing_is_named(house, line):
    key = line.removeprefix("- ").split(":")[0]
    write(house, a=(line, "- technology2: x" if line.startswith("-") else "# nothing"))
    result = register(house, "check", exits=65)
    assert f".{key}: is missing" in result.stderr


def test_the_list_and_the_site_files_are_compared_both_ways(house):
    write(house, a=("- site: fresno-02", "- site: fresno-09"))
    result = register(house, "check", exits=65)
    assert "names `fresno-09`, which no site file has" in result.stderr
    assert "lacks `fresno-02`: site fresno-02 is metered for EXAMPL_7_DERA1" in result.stderr


def test_a_registration_is_frozen_recorded_and_due_and_the_same_again_changes_nothing(house):
    first = register(house, "submit", "--to", "udc", "--on", "2026-11-24")
    [folder] = [path for path in (house.state / "registration").iterdir() if path.is_dir()]
    assert sorted(path.name for path in folder.iterdir()) == ["cover.txt", "ders.csv", "form.txt"]
    assert str(folder / "ders.csv") in first.stdout
    assert "EXAMPL_7_DERA1,DER-0001,250,solar,FRESNO_7_N001,PGFG,IA-2024-0117,," in (folder / "ders.csv").read_text()
    history = house.state / "registration/history.jsonl"
    before = history.read_bytes()
    assert "nothing was changed" in register(house, "submit", "--to", "udc").stdout
    assert history.read_bytes() == before
    concurrence = step(house, "concurrence")
    assert (concurrence["state"], concurrence["date"], concurrence["due"]) == ("submitted", "2026-11-24", "2027-01-05")
    register(
        house, "record", "concurrence", "--outcome", "approved", "--reference", "letter 7", "--date", "2026-11-24")
    concurrence = step(house, "concurrence")
    assert (concurrence["state"], concurrence["reference"]) == ("approved", "letter 7")
    # Another list of DERs needs the utility again.
    write(house, a=("400 kW", "500 kW"))
    assert step(house, "concurrence")["state"] == "changed"


def test_a_history_that_was_changed_by_hand_is_refused(house):
    register(house, "submit", "--to", "caiso", "--on", "2026-11-24")
    history = house.state / "registration/history.jsonl"
    history.write_text(history.read_text().replace("2026-11-24", "2026-11-23", 1))
    result = register(house, "steps", exits=65)
    assert "history.jsonl:2: does not follow from the line before it" in result.stderr
    register(house, "record", "metering", "--outcome", "noted", exits=65)


def test_what_will_happen_is_not_recorded_as_if_it_had(house):
    register(house, "record", "metering", "--outcome", "approved", "--date", "2099-01-01", exits=64)
    register(house, "record", "nonsense", "--outcome", "approved", exits=64)


def test_a_section_of_the_tariff_is_answered(house):
    assert register(house, "rules", "4.14").stdout == "4.14 is convergence bidding; DER aggregations are 4.17\n"
    rules = register(house, "rules").stdout
    assert "* from 2016-06-03  500 kW  confirmed: 155 FERC ¶ 61,229" in rules
    assert "no date set     100 kW  unconfirmed" in rules
    register(house, "rules", "1.2.3", exits=1)
