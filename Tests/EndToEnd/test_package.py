"""What is installed, and the package of it."""

import os
import shutil
import subprocess

import pytest
from programs import BINARIES, ROOT


def run(*command, **environment):
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**os.environ, "BIN": str(BINARIES), **environment})


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_the_package_is_in_order(package):
    # A build for development finds the Swift runtime at its place, and is not compressed for haste.
    of_this_build = "custom-library-search-path,uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball"
    judged = run("lintian", "--fail-on", "error,warning", "--allow-root", "--suppress-tags", of_this_build, package)
    assert (judged.returncode, judged.stdout) == (0, ""), judged.stdout + judged.stderr


def test_an_installation_over_another_keeps_the_configuration(tmp_path):
    first = run("make", "install", DESTDIR=str(tmp_path))
    assert first.returncode == 0, first.stderr
    configuration = tmp_path / "etc/dertelemetryd/dertelemetryd.yaml"
    program = tmp_path / "usr/bin/dertelemetryd"
    assert run(program, "check", "--config", configuration).returncode == 0
    configuration.write_text("format: 1\n# mine\nresources: []\nchannels: []\n")
    again = run("make", "install", DESTDIR=str(tmp_path))
    assert again.returncode == 0, again.stderr
    assert "# mine" in configuration.read_text()
    assert run("bash", "-n", tmp_path / "usr/share/bash-completion/completions/dertelemetryd").returncode == 0
    for page in ("man8/dertelemetryd.8.gz", "man5/dertelemetryd.yaml.5.gz", "man1/dersim.1.gz"):
        assert (tmp_path / "usr/share/man" / page).stat().st_size > 0


@pytest.mark.skipif(not shutil.which("man"), reason="man-db is not installed")
@pytest.mark.parametrize("page", ["dertelemetryd.8", "dertelemetryd.yaml.5", "dersim.1"])
def test_a_page_of_the_manual_is_set_without_a_warning(page):
    shown = run("man", "--warnings", "--local-file", f"docs/man/{page}", LC_ALL="C.UTF-8", MANWIDTH="80")
    assert shown.returncode == 0 and shown.stderr == "" and "NAME" in shown.stdout
