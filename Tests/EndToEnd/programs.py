"""The programs under test as processes: started, watched, stopped and killed."""

import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARIES = ROOT / os.environ.get("DERTELEMETRYD_BIN_DIR", ".build/debug")


def program(name):
    path = BINARIES / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: swift build, or set DERTELEMETRYD_BIN_DIR")
    return str(path)


def until(condition, seconds, what, every=0.1):
    """The first true value of a condition; fails when it is not true in time.

    `what` is a text, or a function that says at the end how far things came.
    """
    deadline = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(every)


class Program:
    """A process that writes to a log file, which goes on where an earlier process of the same name ended."""

    def __init__(self, arguments, log, environment=None):
        self.log = pathlib.Path(log)
        self.start_of_log = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return self.process.poll() is None

    def text(self):
        """What this process has written."""
        with self.log.open("rb") as file:
            file.seek(self.start_of_log)
            return file.read().decode(errors="replace")

    def says(self, text, seconds=20):
        """Waits until the process has written a text."""
        def condition():
            if text in self.text():
                return True
            assert self.is_running, f"ended with {self.process.returncode}:\n{self.text()}"
            return False

        until(condition, seconds, lambda: f"{text!r} in\n{self.text()}", every=0.02)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=10):
        """SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def end(self):
        if self.is_running:
            self.kill()
