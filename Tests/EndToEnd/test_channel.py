"""`channel test`: what works on the way to the operator, and what to do about what does not, with real servers."""

import json
import shutil
import socket

import pytest
from programs import Program, until


@pytest.fixture
def house(make_house):
    house = make_house(timeout="3s")
    house.add_site("fresno-01", "EXAMPL_7_DERA1", 15020)
    return house


@pytest.fixture
def start(house):
    """Starts a server in the house that listens on the house's port."""

    def make(*arguments):
        process = Program(arguments, house.folder / "server.log")
        house.programs.append(process)
        until(lambda: is_listening(house.settings.port), 10, process.text)
        return process

    return make


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_listening(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def try_channel(house, *words, exits=0):
    """The steps of the only channel: state, message and what to do, by step."""
    house.configure()
    result = house.ask("channel", "test", "--json", *words)
    assert result.returncode == exits, result.stdout + result.stderr
    report, = json.loads(result.stdout)
    assert report["exit"] == exits and report["channel"] == "stand-in"
    return {step["step"]: (step["state"], step["message"], step.get("whatToDo", "")) for step in report["steps"]}


ALL = ["certificate", "clock", "name", "connection", "TLS", "question"]


def test_everything_works_and_nothing_is_submitted(house):
    house.start_operator()
    steps = try_channel(house, "stand-in")
    assert list(steps) == ALL
    assert {state for state, _, _ in steps.values()} <= {"works", "warning"}
    assert steps["certificate"][1].startswith("CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US, valid until")
    assert "TLS 1.3; the server is CN=localhost" in steps["TLS"][1]
    assert "no value is held for EXAMPL_7_DERA1 GEN" in steps["question"][1]
    assert [call["service"] for call in house.calls()] == ["retrieve"]
    assert not house.state.exists()
    said = house.ask("channel", "test").stdout
    assert said.startswith("channel stand-in, https://127.0.0.1:") and "\nworks    question" in said
    assert house.ask("channel", "test", "another").returncode == 78


def test_what_is_wrong_with_our_files_is_found_before_a_call(house):
    house.start_operator()
    house.configure(certificate="expired")
    steps = try_channel(house, exits=78)
    assert list(steps) == ["certificate"] and "expired at 2020" in steps["certificate"][1]
    assert "certificate import" in steps["certificate"][2]
    assert house.calls() == []


def test_nobody_is_there(house):
    house.settings.port = free_port()
    steps = try_channel(house, exits=69)
    assert steps["connection"][0] == "failed" and "firewalls" in steps["connection"][2]
    assert "question" not in steps


def test_a_server_that_nobody_vouches_for_is_told_nothing(house):
    house.start_operator()
    house.configure(trust="foreign-ca")
    steps = try_channel(house, exits=69)
    assert steps["TLS"][0] == "failed" and "`trust` does not vouch for" in steps["TLS"][2]
    assert house.calls() == []


def test_a_port_without_tls(house, start):
    house.settings.port = free_port()
    start("python3", "-m", "http.server", "--bind", "127.0.0.1", house.settings.port)
    steps = try_channel(house, exits=69)
    assert steps["TLS"][0] == "failed" and "speaks no TLS" in steps["TLS"][2]


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
@pytest.mark.parametrize("certificate", ["client", "foreign"])
def test_nginx_lets_our_certificate_through_and_answers_another_with_400(house, start, certificate):
    house.start_operator()
    operator, house.settings.port = house.settings.port, free_port()
    files = house.certificates
    (house.folder / "nginx").mkdir()
    path = house.folder / "nginx.conf"
    temporary = "\n".join(
        f"  {kind}_temp_path {house.folder}/nginx/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path.write_text(f"""\
daemon off;
pid {house.folder}/nginx/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
{temporary}
  server {{
    listen 127.0.0.1:{house.settings.port} ssl;
    ssl_certificate {files}/server.crt;
    ssl_certificate_key {files}/server.key;
    ssl_client_certificate {files}/ca.crt;
    ssl_verify_client on;
    location / {{
      proxy_pass https://127.0.0.1:{operator};
      proxy_ssl_certificate {files}/client.crt;
      proxy_ssl_certificate_key {files}/client.key;
    }}
  }}
}}
""")
    start("/usr/sbin/nginx", "-c", path, "-e", "stderr", "-p", house.folder)
    house.configure(certificate=certificate)
    if certificate == "client":
        assert try_channel(house)["question"][0] == "works"
    else:
        steps = try_channel(house, exits=69)
        assert steps["TLS"][0] == "works"
        assert steps["question"][0] == "failed" and steps["question"][1].startswith("HTTP 400")
        assert "may not accept this certificate" in steps["question"][2]
        assert house.calls() == []


@pytest.mark.skipif(not shutil.which("stunnel4"), reason="stunnel4 is not installed")
@pytest.mark.parametrize("newest, where", [("TLSv1.2", "TLS"), ("TLSv1.3", "question")])
def test_stunnel_breaks_off_where_it_does_not_know_our_authority(house, start, newest, where):
    house.settings.port = free_port()
    files = house.certificates
    path = house.folder / "stunnel.conf"
    path.write_text(f"""\
foreground = yes
pid =
[operator]
accept = 127.0.0.1:{house.settings.port}
connect = 127.0.0.1:1
cert = {files}/server.crt
key = {files}/server.key
CAfile = {files}/foreign-ca.crt
verifyChain = yes
sslVersionMax = {newest}
""")
    start("stunnel4", path)
    steps = try_channel(house, exits=69)
    assert list(steps)[-1] == where and steps[where][0] == "failed", steps
    assert "may not accept this certificate" in steps[where][2], steps
