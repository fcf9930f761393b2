"""What a client is given (JSON on stdin) and what it reports (a line of JSON). Imports only what costs nothing beside it."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATH = "/www.okx.com/api/v5/public/funding-rate?instId="


@dataclass(slots=True)
class Task:
    """One call per symbol, under `limit` calls in `seconds` (0: no limit), on `workers` where the client has no own mind."""

    upstream: str
    symbols: list[str]
    limit: float
    seconds: float
    workers: int
    begun: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    answers: list[tuple[float, int]] = field(default_factory=list)  # seconds since the beginning, status

    def url(self, symbol: str) -> str:
        return self.upstream + PATH + symbol

    def note(self, status: int) -> None:
        """An answer has come. From any thread."""
        self.answers.append((round(time.perf_counter() - self.begun, 4), status))

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around the work; imports are outside, whatever the client builds before its first call is inside."""
        self.begun, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall, self.cpu = time.perf_counter() - self.begun, time.process_time() - cpu

    def report(self, rows: list[str], errors: dict[str, int] | None = None) -> None:
        """`rows`: the symbols for which there is a rate. `errors`: what else went wrong, by its name."""
        found = {
            "wall": self.wall,
            "cpu": self.cpu,
            "cpu_with_imports": time.process_time(),
            "peak_mb": peak_mb(),
            "rows": len(set(rows) & set(self.symbols)),
            "refusals": sum(status == 429 for _, status in self.answers),
            "errors": errors or {},
            "answers": self.answers,
        }
        print(json.dumps(found), flush=True)


def given() -> Task:
    words: dict[str, Any] = json.load(sys.stdin)
    return Task(**words)


def peak_mb() -> float:
    """The most this process ever held. Not ru_maxrss, which begins with what the parent had."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status: this is not Linux")
