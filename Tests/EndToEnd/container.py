"""A real systemd as PID 1 of a container whose root is this machine's own, under a layer of its own that is thrown away.

It needs root, systemd-nspawn and overlayfs; where one is missing the tests that want it are skipped, with the reason.
"""

import os
import pathlib
import shutil
import subprocess
import time

from programs import until

START = r"""
set -e
mount -t tmpfs none "$0"; mkdir "$0"/upper "$0"/work "$0"/root
mount -t overlay none -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0"/root
rm -f "$0"/root/etc/systemd/system/*.wants/* "$0"/root/etc/machine-id
mkdir -p "$0"/root/var/log/journal
# A systemd never starts in the root of a hierarchy, where it would find the processes of others.
for hierarchy in unified systemd .; do
  group=/sys/fs/cgroup/$hierarchy
  [ -w "$group/cgroup.procs" ] || continue
  mkdir -p "$group/$1"
  echo $$ >"$group/$1/cgroup.procs"
done
shift
exec systemd-nspawn --quiet --directory="$0/root" --register=no --keep-unit --machine=dertelemetryd-test --boot \
  --console=pipe --private-users=no "$@" -- --unit=multi-user.target
"""


def obstacle():
    """Why there can be no container here; None where there can."""
    if os.geteuid() != 0:
        return "needs root"
    for command in ("systemd-nspawn", "nsenter", "unshare"):
        if not shutil.which(command):
            return f"needs {command}: apt-get install systemd-container"
    if "overlay" not in pathlib.Path("/proc/filesystems").read_text():
        return "needs overlayfs in the kernel"
    if os.environ.get("container"):
        return "is in a container already"
    return None


def comm(process):
    try:
        return pathlib.Path(f"/proc/{process}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


class Container:
    """Shares the network of this machine, so that its loopback has the sites and the operator of a house."""

    def __init__(self, folder, binds=()):
        self.folder = folder / "container"
        self.folder.mkdir()
        self.log = (folder / "container.log").open("wb")
        self.group = f"dertelemetryd-test-{os.getpid()}"
        arguments = [f"--bind-ro={path}" for path in binds]
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", START, str(self.folder), self.group, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.leader = None
        try:
            self.leader = until(self._find_leader, 20, self.text)
            until(self._is_up, 30, self.text)
        except AssertionError:
            self.close()
            raise

    def text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def _find_leader(self):
        assert self.process.poll() is None, self.text()
        process = pathlib.Path(f"/proc/{self.process.pid}")
        if (process / "comm").read_text().strip() != "systemd-nspawn":
            return None  # what comes before it has children too
        children = (process / f"task/{self.process.pid}/children").read_text().split()
        return next((int(child) for child in children if comm(child) == "systemd"), None)

    def _is_up(self):
        return self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def run(self, *command, check=False, input=None, timeout=120):
        result = subprocess.run(
            ["nsenter", "--target", str(self.leader), "--all", *map(str, command)], capture_output=True, text=True,
            timeout=timeout, input=input, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
        return result

    def write(self, path, text, mode="644"):
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, check=True, input=text)

    def copy(self, source, path, mode="644"):
        self.write(path, pathlib.Path(source).read_text(), mode)

    def show(self, property, unit="dertelemetryd"):
        return self.run("systemctl", "show", unit, "--property", property, "--value").stdout.strip()

    def journal(self, *arguments):
        return self.run("journalctl", "--no-pager", "--output=short-iso", *arguments).stdout

    def close(self):
        if self.leader and self.process.poll() is None:
            subprocess.run(["kill", "-RTMIN+4", str(self.leader)], check=False)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                pass
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        time.sleep(0.2)
        for hierarchy in ("unified", "systemd", "."):
            for path, _, _ in os.walk(f"/sys/fs/cgroup/{hierarchy}/{self.group}", topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    pass
