"""Real processes, real sockets, real TLS and kill -9.

The programs are taken from .build/debug, or from the folder that DERTELEMETRYD_BIN_DIR names. Tests that take as long as
the clock on the wall are marked `slow` and run with `-m slow`.
"""

import itertools
import os
import subprocess

import pytest
from house import House
from programs import BINARIES, ROOT


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes many minutes; run with -m slow")


def pytest_collection_modifyitems(config, items):
    if "slow" in config.option.markexpr:
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow: run with -m slow"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Keys and certificates of everybody, good and bad ones."""
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([ROOT / "scripts/make-test-certificates", folder], check=True, timeout=60)
    return folder


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The package of the programs under test."""
    built = subprocess.run(
        ["scripts/deb"], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**os.environ, "BIN": str(BINARIES), "COMPRESSION": "none", "DIST": str(tmp_path_factory.mktemp("dist"))})
    assert built.returncode == 0, built.stderr
    return built.stdout.strip()


@pytest.fixture
def make_house(tmp_path, certificates):
    """Makes houses, as many as a test wants; they all end with the test."""
    houses = []
    numbers = itertools.count(1)

    def make(**settings):
        houses.append(House(tmp_path / f"house-{next(numbers)}", certificates, **settings))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def settled_house(make_house):
    """Makes a house with a fleet whose sites belong to two resources in turn, and a stand-in for the operator."""

    def make(count=3, fleet=None, start_operator=True, **settings):
        house = make_house(**settings)
        house.fleet, house.announcements = house.start_fleet(count, **(fleet or {}))
        for index, site in enumerate(house.announcements):
            house.add_site(site["site"], f"EXAMPL_7_DERA{index % 2 + 1}", site["port"])
        if start_operator:
            house.start_operator()
        return house

    return make
