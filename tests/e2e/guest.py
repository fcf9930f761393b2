"""A throw-away Debian with systemd as its first process, an ssh server and a network of its own, on this machine.

systemd-nspawn over an overlay of a root file system that prepare.sh made, in a network namespace. Not enforced in it, so not
tested with it: MemoryMax, TasksMax, IPAddressDeny, SocketBindDeny.
"""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "funding-e2e"
SUITE = os.environ.get("E2E_SUITE", "bookworm")
BOOT_SECONDS = 30
HANG_SECONDS = 300


def obstacle() -> str | None:
    """Why no guest can be booted here; None: one can."""
    if os.geteuid() != 0:
        return "needs root"
    for program in ("systemd-nspawn", "ip", "ssh", "ssh-keygen", "rsync"):
        if not shutil.which(program):
            return f"{program} is not installed: tests/e2e/prepare.sh"
    if not (CACHE / SUITE / ".complete").exists():
        return f"there is no root file system in {CACHE}: tests/e2e/prepare.sh {SUITE}"
    probe = f"fe2e-probe-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return f"no network namespace: {tried.stderr.strip()}" if tried.returncode else None


def run(*command: object, check: bool = True) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=HANG_SECONDS
    )
    if check and done.returncode:
        raise AssertionError(f"{shlex.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Guest:
    """`with Guest(folder, 7) as guest:` boots one at 10.99.7.2, this machine being 10.99.7.1 to it."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.name = folder, f"fe2e{number}"
        self.ours, self.address = f"10.99.{number}.1", f"10.99.{number}.2"
        self.root, self.key = folder / "root", folder / "key"
        self._machine: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._lay()
            self.boot()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    # Asking it

    @property
    def ssh_options(self) -> list[str]:
        return [
            "-i", str(self.key), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=2",
        ]  # fmt: skip

    def try_(self, script: str, given: str = "", seconds: float = HANG_SECONDS) -> subprocess.CompletedProcess[str]:
        """Runs a shell script as root there, whatever it comes to."""
        return subprocess.run(
            ["ssh", *self.ssh_options, f"root@{self.address}", script], input=given, capture_output=True, text=True,
            check=False, timeout=seconds,
        )  # fmt: skip

    def sh(self, script: str, given: str = "") -> str:
        done = self.try_(script, given)
        assert done.returncode == 0, f"{script}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def put(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Through the mounted file system, so also while it is off."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(mode)

    def until(self, script: str, what: str, seconds: float = 60) -> str:
        """Waits until the script succeeds; what it says then."""
        deadline = time.monotonic() + seconds
        while (done := self.try_(script)).returncode:
            assert time.monotonic() < deadline, f"{seconds} s without {what}: {done.stdout}{done.stderr}"
            time.sleep(0.1)
        return done.stdout.strip()

    # Its life

    def boot(self) -> float:
        """Seconds until all its units were started."""
        begun = time.monotonic()
        nspawn = [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "-D", str(self.root), "-b",
            f"--network-namespace-path=/run/netns/{self.name}", "--console=pipe",
        ]  # fmt: skip
        into = "; ".join(f"mkdir -p {folder} && echo $$ >{folder}/cgroup.procs" for folder in self._groups())
        with (self.folder / "console.log").open("ab") as log:
            self._machine = subprocess.Popen(
                ["sh", "-c", f'{into}; exec "$@"', "-", *nspawn], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while True:
            done = self.try_("systemctl is-system-running --wait")
            if done.stdout.strip() in ("running", "degraded"):
                return time.monotonic() - begun
            assert self._machine.poll() is None, f"it did not boot: {(self.folder / 'console.log').read_text()[-800:]}"
            assert time.monotonic() - begun < BOOT_SECONDS, f"no boot in {BOOT_SECONDS} s: {done.stdout}{done.stderr}"
            time.sleep(0.05)

    def power_off(self) -> None:
        """In good order."""
        self._end(signal.SIGRTMIN + 4)

    def drop_dead(self) -> None:
        """As without power, but for what the kernel still has to write."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        """The inner first process gets the signal: killing systemd-nspawn would orphan it."""
        if self._machine is None:
            return
        for inner in run("pgrep", "-P", self._machine.pid, check=False).split():
            os.kill(int(inner), number)
        try:
            self._machine.wait(30)
        except subprocess.TimeoutExpired:
            self._machine.kill()
            self._machine.wait(5)
        self._machine = None

    def _lay(self) -> None:
        for name in ("up", "work", "root"):
            (self.folder / name).mkdir(parents=True)
        run("mount", "-t", "overlay", "overlay", self.root, "-o",
            f"lowerdir={CACHE / SUITE},upperdir={self.folder / 'up'},workdir={self.folder / 'work'}")  # fmt: skip
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.put("/root/.ssh/authorized_keys", self.key.with_suffix(".pub").read_text(), 0o600)
        (self.root / "root/.ssh").chmod(0o700)
        outer = f"h-{self.name}"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "addr", "add", f"{self.ours}/24", "dev", outer)
        run("ip", "link", "set", outer, "up")
        self.inside("ip", "addr", "add", f"{self.address}/24", "dev", "eth0")
        self.inside("ip", "link", "set", "eth0", "up")
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("ip", "route", "add", "default", "via", self.ours)

    def inside(self, *command: object) -> str:
        """Runs a program of this machine in the guest's network."""
        return run("ip", "netns", "exec", self.name, *command)

    def _groups(self) -> Sequence[str]:
        """A control group of its own in each hierarchy that systemd uses: guests that share one stop each other's units."""
        found = []
        for line in Path("/proc/mounts").read_text().splitlines():
            _, place, kind, options, *_ = line.split()
            if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
                found.append(f"{place}/{self.name}")
        return found

    def _remove(self) -> None:
        self._end(signal.SIGKILL)
        run("umount", "--lazy", self.root, check=False)
        run("ip", "netns", "del", self.name, check=False)
        run("ip", "link", "del", f"h-{self.name}", check=False)
        for group in self._groups():
            run("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";", check=False)


class SmallDisk:
    """A file system of so many megabytes over a folder, with what is in that folder. Only while the guest is off."""

    def __init__(self, image: Path, place: Path, megabytes: int) -> None:
        self.image, self.place, self.megabytes = image, place, megabytes

    def __enter__(self) -> Self:
        content = self.place.with_name("content")
        with self.image.open("wb") as file:
            file.truncate(self.megabytes << 20)
        run("mkfs.ext4", "-q", "-m", 0, "-F", self.image)
        run("cp", "-a", self.place, content)
        run("mount", "-o", "loop", self.image, self.place)
        run("rsync", "-a", f"{content}/", f"{self.place}/")
        run("rm", "-rf", content)
        return self

    def turn_read_only(self) -> None:
        """As a file system does by itself when its disk fails: under everybody, open files included."""
        run("mount", "-o", "remount,abort", self.place, check=False)

    def mend(self) -> None:
        """Only while the guest is off."""
        run("umount", "--lazy", self.place)
        run("fsck.ext4", "-p", "-f", self.image, check=False)
        run("mount", "-o", "loop", self.image, self.place)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run("umount", "--lazy", self.place)
