"""What systemd sees, and what a person sees on a terminal."""

import fcntl
import os
import pty
import re
import socket
import struct
import subprocess
import termios
import threading
import time

from line import Line
from programs import program, until


class NotifySocket:
    """Where systemd would listen, at all times as it does: a queue that is full would hold up whoever speaks."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.messages = []
        self._turn = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while self.socket.fileno() >= 0:
            self.heard()
            time.sleep(0.05)

    def heard(self):
        with self._turn:
            try:
                while True:
                    self.messages += self.socket.recv(4096).decode().splitlines()
            except OSError:  # nothing more for now, or the test has closed it
                return list(self.messages)


def test_systemd_is_told_ready_status_watchdog_and_stopping_in_this_order(settled_house, tmp_path):
    house = settled_house()
    systemd = NotifySocket(tmp_path / "notify")
    daemon = house.start_daemon(NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="3000000")
    until(lambda: "READY=1" in systemd.heard(), 5, lambda: systemd.messages)
    until(lambda: systemd.heard().count("WATCHDOG=1") >= 3, 10, lambda: systemd.messages)
    until(
        lambda: any(re.fullmatch(r"STATUS=sites 3/3, last interval accepted .*, certificate \d+ days", text) for text in systemd.heard()), 20,
        lambda: systemd.messages)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 2
    heard = systemd.heard()
    assert heard[-1] == "STOPPING=1" and heard.count("READY=1") == heard.count("STOPPING=1") == 1
    assert heard.index("READY=1") < heard.index("WATCHDOG=1")


def hung_at(house, tmp_path, point):
    """A daemon whose thread stands still at a moment, and what systemd hears of it."""
    systemd = NotifySocket(tmp_path / f"notify-{point.split(':')[0]}")
    house.start_daemon(NOTIFY_SOCKET=str(systemd.path), DERTELEMETRYD_STOP_AT=f"{point}:hang")
    return systemd


def test_a_stage_that_hangs_is_named_and_systemd_is_asked_for_a_new_start(settled_house, tmp_path):
    log, channel, pipeline = (settled_house(count=2) for _ in range(3))
    of_log = hung_at(log, tmp_path, "beforeSync:15")
    of_channel = hung_at(channel, tmp_path, "envelopeStored:1")
    of_pipeline = hung_at(pipeline, tmp_path, "beforeRelease:5")
    for systemd, house in ((of_log, log), (of_channel, channel)):
        until(lambda: "WATCHDOG=trigger" in systemd.heard(), 50, lambda: systemd.messages)
        heard = systemd.heard()
        assert "WATCHDOG=1" not in heard[heard.index("WATCHDOG=trigger"):], "it says no more that it is alive"
    assert re.search(r"<2>\S+ stalled: (a commit, )?the log", log.daemon.text())
    assert re.search(r"<2>\S+ stalled: channel stand-in does not come", channel.daemon.text())
    # It cannot speak for itself, so systemd finds out by its silence.
    assert of_pipeline.heard().count("WATCHDOG=1") < 20
    for house in (log, channel, pipeline):
        house.daemon.kill()
        house.start_daemon().stop()
        assert house.audit()["exit"] == 0


def test_sigterm_ends_a_start_that_is_still_recovering(settled_house):
    house = settled_house(start_operator=False)
    house.start_daemon().stop()
    daemon = house.start_daemon(ready=False, DERTELEMETRYD_STOP_AT="recovered:1:hang")
    until(lambda: (house.state / "lock").read_text().strip() == str(daemon.pid), 10, daemon.text)
    assert daemon.stop(seconds=2) == 0
    assert "ready: " not in daemon.text()
    house.start_daemon()


def test_a_certificate_that_cannot_be_used_holds_submission_and_never_stops_reading(settled_house, tmp_path):
    house = settled_house(certificate="expired")
    systemd = NotifySocket(tmp_path / "notify")
    daemon = house.start_daemon(NOTIFY_SOCKET=str(systemd.path))
    daemon.says("the certificate has expired")
    until(lambda: any("certificate EXPIRED" in text for text in systemd.heard()), 10, lambda: systemd.messages)
    until(lambda: any(row["state"] == "queued" for row in house.intervals().values()), 20, house.describe)
    assert "<2>" in next(line for line in daemon.text().splitlines() if "has expired" in line)
    daemon.stop()
    house.configure(certificate="missing")
    daemon = house.start_daemon()
    daemon.says("nothing can be submitted, sites are read all the same")
    daemon.says("metered by SunSpec")
    daemon.stop()
    assert house.calls() == [], "nobody hears of us meanwhile"
    house.configure(certificate="client")
    house.start_daemon()
    house.await_accepted(time.time(), 30)


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


def test_a_site_is_read_by_a_process_that_may_do_nothing_special(settled_house):
    house = settled_house(count=1, start_operator=False)
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    if os.geteuid() != 0:
        bare = []  # an ordinary user has no more than the service
    result = subprocess.run(
        [*bare, program("dertelemetryd"), "probe", f"127.0.0.1:{house.sites[0].port}"], capture_output=True, text=True,
        timeout=30)
    assert result.returncode == 0 and "metered by     203" in result.stdout, result.stdout + result.stderr


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
