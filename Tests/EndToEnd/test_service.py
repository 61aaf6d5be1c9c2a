"""What systemd sees, and what a person sees on a terminal."""

import fcntl
import os
import pty
import re
import socket
import struct
import subprocess
import termios
import time

from line import Line
from programs import program, until


class NotifySocket:
    """Where systemd would listen."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.messages = []

    def heard(self):
        try:
            while True:
                self.messages += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.messages


def test_systemd_is_told_ready_status_watchdog_and_stopping_in_this_order(settled_house, tmp_path):
    house = settled_house()
    systemd = NotifySocket(tmp_path / "notify")
    daemon = house.start_daemon(NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="3000000")
    until(lambda: "READY=1" in systemd.heard(), 5, lambda: systemd.messages)
    until(lambda: systemd.heard().count("WATCHDOG=1") >= 3, 10, lambda: systemd.messages)
    until(
        lambda: any(re.fullmatch(r"STATUS=sites 3/3, last interval accepted .*", text) for text in systemd.heard()), 20,
        lambda: systemd.messages)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 2
    heard = systemd.heard()
    assert heard[-1] == "STOPPING=1" and heard.count("READY=1") == heard.count("STOPPING=1") == 1
    assert heard.index("READY=1") < heard.index("WATCHDOG=1")


def test_sigterm_ends_the_daemon_within_two_seconds_whatever_is_under_way(settled_house):
    house = settled_house(interval="2s", timeout="60s")
    line = Line(house.settings.port)
    house.configure(port=line.port)
    line.hold_next("answer")
    daemon = house.start_daemon()
    assert line.struck.wait(20), "a submission is on its way"
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 2
    assert house.audit()["exit"] == 0
    line.close()


def screens_of(program_arguments, seconds, rows=24, columns=80):
    """What a program draws on a terminal of this size, screen by screen, until each of its words was drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(program_arguments, stdin=slave, stdout=slave, stderr=slave, close_fds=True)
    os.close(slave)
    os.set_blocking(master, False)
    drawn = b""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            try:
                drawn += os.read(master, 65536)
            except BlockingIOError:
                pass
            yield drawn.decode().split("\x1b[H")[1:-1]
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def lines_of(screen):
    """A screen's lines; a line that is drawn ends with the end of the row before it moves on."""
    assert screen.endswith("\x1b[J"), "what an earlier screen left is wiped"
    lines = screen.removesuffix("\x1b[J").split("\x1b[K\r\n")
    assert lines.pop() == "" and not any("\x1b" in line for line in lines)
    return lines


def test_the_live_view_fits_80_columns_and_24_rows_and_shows_every_resource(settled_house):
    house = settled_house(count=8)
    for index, site in enumerate(house.sites):
        site.resource = f"EXAMPL_7_DERA{index + 1}"
        house.measurements[site.resource] = ["GEN"]
    house.start_daemon()
    follow = [program("dertelemetryd"), "intervals", "--follow", "--config", str(house.configuration)]
    wanted = [f"EXAMPL_7_DERA{index + 1} GEN" for index in range(8)]
    for screens in screens_of(follow, seconds=30):
        for screen in screens:
            lines = lines_of(screen)
            # The cursor stands below the last line: one row fewer than the terminal has, or it would scroll.
            assert len(lines) <= 23 and max(map(len, lines)) <= 80, screen
        shown = "".join(screens[-1:])
        if all(name in shown for name in wanted) and "accepted" in shown and len(screens) >= 3:
            return
    raise AssertionError("\n".join(screens[-1:]))
