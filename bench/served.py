"""Servers as processes: started on a free port, asked, weighed, stopped. Ours and the peers', each as it is usually run."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.children import OURS, PEERS, ROOT, Failed, environment

PATIENCE = 30  # seconds until a server must have answered
BARE, FLASK, FASTAPI = "bottle + waitress + sqlite3", "Flask + gunicorn", "FastAPI + uvicorn"
RAW, RAW_OURS = "raw waitress", "raw waitress, our settings"
PEER_WORDS: Mapping[str, Sequence[str | Path]] = {
    BARE: (OURS, "-m", "bench.servers.bottle_waitress", "{port}"),
    RAW: (OURS, "-m", "bench.servers.raw_waitress", "{port}"),
    RAW_OURS: (OURS, "-m", "bench.servers.raw_waitress", "{port}", "ours"),
    FLASK: (
        PEERS, "-m", "gunicorn", "--worker-class=gthread", "--threads=4", "--workers=1", "--bind=127.0.0.1:{port}",
        "--log-level=error", "bench.servers.flask_app:app",
    ),
    FASTAPI: (
        PEERS, "-m", "uvicorn", "--port={port}", "--log-level=error", "--no-access-log", "bench.servers.fastapi_app:app",
    ),
}  # fmt: skip


def peer(name: str, database: Path) -> tuple[list[str], dict[str, str]]:
    """Its command, with {port} to be filled in, and environment."""
    return [str(word) for word in PEER_WORDS[name]], environment(BENCH_DATABASE=database)


def ours(command: str, database: Path, **settings: object) -> tuple[list[str], dict[str, str]]:
    """`funding run` or `funding serve`, with no limit that a benchmark would meet, but with one."""
    found = {"FUNDING_DATABASE": database, "FUNDING_PORT": "{port}", "FUNDING_LIMIT_FREE": 1_000_000, **settings}
    return [str(OURS), "-m", "funding", command], environment(**found)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `first_answer`: seconds from its start; `log`: the file of what it says."""

    process: subprocess.Popen[bytes]
    port: int
    first_answer: float
    log: Path

    def wait_for(self, words: str) -> None:
        """Until its log has said so."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.log.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Failed(f"{PATIENCE} s without {words!r}: {self.log.read_text()[-200:]}")
            time.sleep(0.05)

    def memory_mb(self) -> float:
        """Resident; of a family of processes what they share counts once."""
        weights = sorted((_resident(pid) for pid in family(self.process.pid)), reverse=True)
        return weights[0][0] + sum(private for _, private in weights[1:])

    def peak_mb(self) -> float:
        return _status(self.process.pid, "VmHWM") / 1024

    def cpu_seconds(self) -> float:
        return sum(_cpu(pid) for pid in family(self.process.pid))


@contextmanager
def serving(command: Sequence[str], env: Mapping[str, str], folder: Path, port: int = 0) -> Iterator[Served]:
    """Starts it, with its log in `folder`; when it answers at /livez, it is yours; stopped at the end. Raises Failed."""
    port = port or free_port()
    words = [word.format(port=port) for word in command]
    known = {name: value.format(port=port) if value == "{port}" else value for name, value in env.items()}
    log = folder / f"{port}.log"
    with log.open("wb") as file:
        begun = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, env=known, stdout=subprocess.DEVNULL, stderr=file)
        try:
            _until_it_answers(process, port, log)
            yield Served(process, port, time.perf_counter() - begun, log)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


def _until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as caller:
            caller.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if caller.recv(65_536).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.001)
    raise Failed(f"no answer: {log.read_text()[-200:]}")


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def _resident(pid: int) -> tuple[float, float]:
    """MB: all of it, and what no other process shares."""
    found = {"Rss": 0, "Private_Clean": 0, "Private_Dirty": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name = line.partition(":")[0]
        if name in found:
            found[name] = int(line.split()[1])
    return found["Rss"] / 1024, (found["Private_Clean"] + found["Private_Dirty"]) / 1024


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise KeyError(name)


def _cpu(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
