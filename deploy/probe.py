"""Run inside a unit's sandbox (sandbox.sh): tries the escapes. A line each: blocked, ESCAPED, or allowed where a unit may.

    probe.py [--may inet,state,backups]

Exit 1 if anything escaped. Outside a sandbox most of them work: that is how one knows that the probe can tell.
"""
# ruff: noqa: S108, S603, T201 - what it does is what the rules warn of

import ctypes
import mmap
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SYSCALLS = {  # name → number on x86-64 and on arm64
    "ptrace": (101, 117), "mount": (165, 40), "unshare": (272, 97), "personality": (135, 92), "keyctl": (250, 219),
    "bpf": (321, 280), "clock_settime": (227, 112), "sethostname": (170, 161), "io_uring_setup": (425, 425),
    "process_vm_readv": (310, 270), "sched_setscheduler": (144, 119), "kexec_load": (246, 104), "perf_event_open": (298, 241),
}  # fmt: skip
NEW_USER_NAMESPACE, NO_RANDOM_ADDRESSES, REALTIME = 0x10000000, 0x0040000, 1


def call(name: str, *arguments: object) -> object:
    """A system call by its number. Raises OSError."""
    number = SYSCALLS[name][0 if platform.machine() == "x86_64" else 1]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"


def write(folder: str) -> str:
    path = Path(folder) / "probe"
    path.write_text("x")
    path.unlink()
    return f"wrote {path}"


def read(pattern: str) -> str:
    """The first file that fits."""
    folder, name = os.path.split(pattern)
    found = sorted(path for path in Path(folder).iterdir() if path.match(name))
    return f"{len(found[0].read_bytes())} bytes of {found[0]}"


def names(folder: str) -> str:
    found = [path.name for path in Path(folder).iterdir()]
    if not found:
        raise FileNotFoundError(f"{folder} is empty")
    return f"{folder} has {len(found)} entries"


def execute(folder: str) -> str:
    path = Path(folder) / "probe.sh"
    path.write_text("#!/bin/sh\necho ran")
    path.chmod(0o700)
    try:
        return subprocess.run([str(path)], capture_output=True, text=True, check=True).stdout.strip()
    finally:
        path.unlink()


def set_uid(folder: str) -> str:
    path = Path(folder) / "probe.suid"
    path.touch()
    try:
        path.chmod(0o4755)
    finally:
        path.unlink()
    return "made a set-uid file"


def write_and_run() -> str:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    return "mapped memory that is writable and executable"


def open_socket(family: int, kind: int = socket.SOCK_STREAM) -> str:
    socket.socket(family, kind).close()
    return "opened it"


def others() -> str:
    found = [path.name for path in Path("/proc").iterdir() if path.name.isdecimal() and path.name != str(os.getpid())]
    seen = [number for number in found if Path(f"/proc/{number}").stat().st_uid != os.getuid()]
    if not seen:
        raise PermissionError("no process of anybody else is seen")
    return f"{len(seen)} processes of others are seen"


def special_devices() -> str:
    found = [
        name
        for name in ("mem", "kmsg", "kvm", "sda", "vda", "fuse", "loop-control", "net/tun")
        if Path("/dev", name).exists()
    ]
    if not found:
        raise FileNotFoundError("none")
    return f"/dev has {', '.join(found)}"


def core_files() -> str:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    if soft == 0:
        raise PermissionError("limited to 0")
    return "would leave a core file"


STATE, BACKUPS = "/var/lib/funding", "/var/backups/funding"
ATTEMPTS: tuple[tuple[str, str, Callable[[], object]], ...] = (  # what it is, the word that allows it, the attempt
    ("write to /etc", "", lambda: write("/etc")),
    ("write to the releases", "", lambda: write("/opt/funding/releases")),
    ("write to /usr", "", lambda: write("/usr")),
    ("write to /run", "", lambda: write("/run")),
    ("write to the database's folder", "state", lambda: write(STATE)),
    ("write to the backups", "backups", lambda: write(BACKUPS)),
    ("read a secret that is not its own", "", lambda: read("/etc/funding/credentials/*")),
    ("read the key of the certificate", "", lambda: read("/etc/funding/tls/key.pem")),
    ("read the shadow file", "", lambda: read("/etc/shadow")),
    ("see root's home", "", lambda: names("/root")),
    ("see others' homes", "", lambda: names("/home")),
    ("see others' processes", "", others),
    ("run a file from /tmp", "", lambda: execute("/tmp")),
    ("run a file from /dev/shm", "", lambda: execute("/dev/shm")),
    ("run a file from the database's folder", "", lambda: execute(STATE)),
    ("run a file from the backups", "", lambda: execute(BACKUPS)),
    ("make a set-uid file", "", lambda: set_uid("/tmp")),
    ("run memory that it has written", "", write_and_run),
    ("open an IPv4 socket", "inet", lambda: open_socket(socket.AF_INET)),
    ("open an IPv6 socket", "inet", lambda: open_socket(socket.AF_INET6)),
    ("open a netlink socket", "", lambda: open_socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    ("open a packet socket", "", lambda: open_socket(socket.AF_PACKET, socket.SOCK_RAW)),
    ("trace a process", "", lambda: call("ptrace", 0, 0, 0, 0)),
    ("read another process's memory", "", lambda: call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0)),
    ("mount", "", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, 0)),
    ("make a user namespace", "", lambda: call("unshare", NEW_USER_NAMESPACE)),
    ("take another personality", "", lambda: call("personality", NO_RANDOM_ADDRESSES)),
    ("use the kernel's keys", "", lambda: call("keyctl", 0, -3, 0, 0, 0)),
    ("load a BPF program", "", lambda: call("bpf", 0, 0, 0)),
    ("count the processor's events", "", lambda: call("perf_event_open", 0, 0, -1, -1, 0)),
    ("use io_uring", "", lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(256))),
    ("schedule in real time", "", lambda: call("sched_setscheduler", 0, REALTIME, ctypes.byref(ctypes.c_int(1)))),
    ("set the host's name", "", lambda: call("sethostname", b"probe", 5)),
    ("set a sysctl", "", lambda: Path("/proc/sys/kernel/domainname").write_text("probe")),
    ("reach special devices", "", special_devices),
    ("leave a core file", "", core_files),
)  # fmt: skip


def main() -> int:
    may = set(sys.argv[2].split(",")) if sys.argv[1:2] == ["--may"] else set()
    escaped = 0
    for what, allowing, attempt in ATTEMPTS:
        try:
            found = attempt()
        except Exception as error:  # whatever stops it, stops it
            print(f"blocked  {what}: {error}")
            continue
        allowed = allowing in may
        escaped += not allowed
        print(f"{'allowed ' if allowed else 'ESCAPED '} {what}: {found}")
    print(f"{len(ATTEMPTS)} tried, {escaped} escaped")
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
