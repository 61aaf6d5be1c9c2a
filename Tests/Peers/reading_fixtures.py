"""What the tests of reading start and stop: devices, garbage, a simulated fleet."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(command, line_count=1):
    """Runs a command, waits for its first lines and gives them; ends it at the end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield [process.stdout.readline() for _ in range(line_count)]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def peer_device(models, base=40000, *options):
    """pymodbus and pysunspec2 as a device; gives its port."""
    port = free_port()
    command = [sys.executable, str(HERE / "sunspec_meter.py"), str(port), str(base), json.dumps(models), *options]
    with started(command) as lines:
        assert lines == ["ready\n"], "the peer did not start"
        yield port


@contextlib.contextmanager
def simulated_fleet(dersim, *options, count=1):
    """`dersim fleet`; gives what it writes about each site."""
    command = [dersim, "fleet", "--base-port", "0", "--sites", str(count), *options]
    with started(command, count) as lines:
        yield [json.loads(line) for line in lines]


@contextlib.contextmanager
def garbage_server(garbage):
    """Answers whatever it is asked with bytes that are not Modbus; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(1024)
                        connection.sendall(garbage)

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]
