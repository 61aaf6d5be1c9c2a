"""A PKCS#12 file, as operators issue it, becomes the files that the service takes."""

import json
import os
import pty
import stat
import subprocess

import pytest
from programs import program

PASSWORD = "as issued, with a blank and an ä"


@pytest.fixture
def house(make_house):
    house = make_house()
    house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
    house.settings.port = 18443
    return house


@pytest.fixture
def archive(house):
    """Makes a PKCS#12 file of a test certificate, by the openssl command."""

    def make(name="client", *options, password=PASSWORD):
        path = house.folder / f"{name}.pfx"
        files = house.certificates
        subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", files / f"{name}.crt", "-inkey", files / f"{name}.key",
             "-certfile", files / "ca.crt", "-passout", f"pass:{password}", "-out", path, *options],
            check=True, capture_output=True, timeout=30)
        return path

    return make


def write_password(house, text=PASSWORD + "\n", mode=0o600):
    path = house.folder / "password"
    path.write_text(text)
    path.chmod(mode)
    return path


def take(house, path, *words, exits=0):
    result = house.command(
        "dertelemetryd", "certificate", "import", path, "--into", house.folder / "store", *words)
    assert result.returncode == exits, result.stdout + result.stderr
    return result


def subject(path):
    return subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-subject", "-nameopt", "RFC2253"], check=True, capture_output=True,
        text=True).stdout.strip()


def written(house):
    folder = house.folder / "store"
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} if folder.exists() else {}


@pytest.mark.parametrize("options", [
    pytest.param((), id="as today"),
    pytest.param(("-legacy",), id="by an old program: RC2 and 3DES"),
])
def test_what_was_issued_becomes_what_the_service_takes(house, archive, options):
    path = archive("client", *options)
    report = json.loads(take(house, path, "--password-file", write_password(house), "--json").stdout)
    store = house.folder / "store"
    assert report["certificate"]["subject"] == "CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US"
    assert report["certificate"]["issuer"].startswith("CN=Test authority")
    assert report["certificate"]["isExpired"] is False and report["certificate"]["warnings"] == []
    assert report["settings"] == {"certificate": f"{store}/client.crt", "key": f"{store}/client.key"}
    assert written(house) == {"client.crt": 0o600, "client.key": 0o600, "client.chain.crt": 0o600}
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert "test x0001" in subject(store / "client.crt") and "Test authority" in subject(store / "client.chain.crt")
    # The root stays at home; the service takes both files as they are.
    assert (store / "client.crt").read_text().count("BEGIN CERTIFICATE") == 1
    house.configure()
    text = house.configuration.read_text()
    for suffix in ("crt", "key"):
        text = text.replace(f"{house.certificates}/client.{suffix}", f"{store}/client.{suffix}")
    house.configuration.write_text(text)
    found = json.loads(house.ask("identities", "--json").stdout)[0]
    assert (found["state"], found["subject"]) == ("usable", report["certificate"]["subject"])


def test_a_rehearsal_writes_nothing_and_says_what_it_would(house, archive):
    said = take(house, archive(), "--password-file", write_password(house), "--dry-run").stdout
    assert f"would write {house.folder}/store/client.key" in said and "valid until" in said and "lientAuth" in said
    assert written(house) == {}


def test_other_files_stay_unless_they_are_to_be_replaced(house, archive):
    secret = write_password(house)
    path = archive()
    take(house, path, "--password-file", secret)
    before = (house.folder / "store/client.key").read_bytes()
    assert "is there already" in take(house, path, "--password-file", secret, exits=65).stderr
    (house.folder / "store/client.key").write_text("of another identity")
    take(house, path, "--password-file", secret, "--replace")
    assert (house.folder / "store/client.key").read_bytes() == before
    take(house, path, "--password-file", secret, "--name", "client-2027")
    assert "client-2027.key" in written(house)


def test_an_expired_one_is_refused(house, archive):
    result = take(house, archive("expired"), "--password-file", write_password(house), exits=65)
    assert "expired at 2020-01-31" in result.stderr and "nothing was written" in result.stderr
    assert written(house) == {}


def test_a_key_without_its_certificate_is_refused(house):
    path = house.folder / "keyless.pfx"
    files = house.certificates
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-nokeys", "-in", files / "client.crt", "-passout", f"pass:{PASSWORD}", "-out", path],
        check=True, capture_output=True)
    secret = write_password(house)
    assert "no private key" in take(house, path, "--password-file", secret, exits=65).stderr
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-nocerts", "-inkey", files / "client.key", "-passout", f"pass:{PASSWORD}", "-out", path],
        check=True, capture_output=True)
    assert "no certificate that fits" in take(house, path, "--password-file", secret, exits=65).stderr
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-nocerts", "-inkey", files / "client.key", "-certfile", files / "server.crt",
         "-passout", f"pass:{PASSWORD}", "-out", path], check=True, capture_output=True)
    listed = subprocess.run(
        ["openssl", "pkcs12", "-in", path, "-passin", f"pass:{PASSWORD}", "-nodes"], check=True, capture_output=True, text=True)
    assert "BEGIN CERTIFICATE" in listed.stdout and "BEGIN PRIVATE KEY" in listed.stdout
    assert "no certificate that fits" in take(house, path, "--password-file", secret, exits=65).stderr
    assert written(house) == {}


def test_what_does_not_open_says_why(house, archive):
    path = archive()
    wrong = take(house, path, "--password-file", write_password(house, "another\n"), exits=65)
    assert "does not open with this password" in wrong.stderr
    unsealed = take(house, archive("server", "-nomac"), "--password-file", write_password(house), exits=65)
    assert "no code that would show" in unsealed.stderr
    opened = take(house, path, "--password-file", write_password(house, mode=0o644), exits=65)
    assert "expected mode 600" in opened.stderr
    bytes = path.read_bytes()
    secret = write_password(house)
    for count in (0, 1, 20, len(bytes) // 2, len(bytes) - 1):
        path.write_bytes(bytes[:count])
        assert "nothing was written" in take(house, path, "--password-file", secret, exits=65).stderr
    assert written(house) == {}


def test_a_file_without_a_password_is_taken(house, archive):
    take(house, archive(password=""), "--password-file", write_password(house, "\n"))
    assert "client.key" in written(house)


def test_without_a_terminal_a_password_file_is_asked_for(house, archive):
    result = subprocess.run(
        [program("dertelemetryd"), "certificate", "import", archive(), "--into", house.folder / "store"],
        capture_output=True, text=True, start_new_session=True, timeout=30)
    assert result.returncode == 64 and "expected --password-file" in result.stderr


def test_the_password_is_asked_for_and_not_shown(house, archive):
    path = archive()
    process, terminal = pty.fork()
    if process == 0:
        name = program("dertelemetryd")
        os.execv(name, [name, "certificate", "import", str(path), "--into", str(house.folder / "store")])
    seen = b""
    while b"Password of" not in seen:
        seen += os.read(terminal, 1000)
    os.write(terminal, b"wrongly begun\x15" + PASSWORD.encode() + "ö\x7f\n".encode())
    try:
        while part := os.read(terminal, 1000):
            seen += part
    except OSError:
        pass  # how a terminal ends
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0, seen
    assert b"wrote " in seen and b"as issued" not in seen and b"wrongly" not in seen
    assert written(house)["client.key"] == 0o600


def test_show_says_what_a_certificate_is_for(house):
    result = house.command("dertelemetryd", "certificate", "show", house.certificates / "server.crt", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["uses"] == ["digital signature"] and "not for clients" in report["warnings"][0]
    result = house.command("dertelemetryd", "certificate", "show", house.certificates / "client.key")
    assert result.returncode == 65 and "no certificate in PEM form" in result.stderr
