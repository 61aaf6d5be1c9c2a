"""Finds the programs under test; set DER_BIN to a folder that has them."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent


def program(name):
    folders = [os.environ["DER_BIN"]] if "DER_BIN" in os.environ else [".build/debug", ".build/release"]
    for folder in folders:
        path = (ROOT / folder / name).absolute()
        if path.exists():
            return str(path)
    raise FileNotFoundError(f"{name} is not built: swift build, or set DER_BIN")


@pytest.fixture(scope="session")
def dertelemetryd():
    return program("dertelemetryd")


@pytest.fixture(scope="session")
def dersim():
    return program("dersim")
