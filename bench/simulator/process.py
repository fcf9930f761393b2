"""The simulator as a process of its own, for tests and benchmarks: its CPU time is not the client's."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
LONGEST = "900"  # seconds


class Simulator:
    """`with Simulator("--contracts", "12") as simulator:` starts one with these words of its command line on a free port.

    `cafile`: the authority of the certificate given with --tls, for the control requests.
    """

    def __init__(self, *words: str, cafile: Path | None = None) -> None:
        self.words = words
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        context = ssl.create_default_context(cafile=cafile) if cafile else None
        self._open = build_opener(ProxyHandler({}), HTTPSHandler(context=context)).open

    def __enter__(self) -> Self:
        ends = ["--seconds", LONGEST, "--parent", str(os.getpid())]  # even if nobody is left to stop it
        command = [sys.executable, "-m", "bench.simulator", "--port", "0", *ends, *self.words]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(f"the simulator did not start (exit {self.process.wait(timeout=10)}); stderr says why")
        self.url = line.split()[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process:
            self.process.terminate()
            self.process.communicate(timeout=10)

    def state(self) -> dict[str, Any]:
        """What World.state gives: the clock, connections, and per exchange its counts and settings."""
        return self._json("/_sim/")

    def control(self, **words: Any) -> dict[str, Any]:
        """What World.change takes; gives the state. A refusal is urllib's HTTPError 400."""
        return self._json("/_sim/", json.dumps(words).encode())

    def truth(self, exchange: str, now: int | None = None) -> list[dict[str, Any]]:
        """Rows of Truth at `now`, by default at the moment of the exchange's last answer."""
        query = {"exchange": exchange} | ({} if now is None else {"now": str(now)})
        rows: list[dict[str, Any]] = self._json(f"/_sim/truth?{urlencode(query)}")["rows"]
        return rows

    def settled(self, exchange: str, symbol: str, since: int, until: int) -> list[dict[str, Any]]:
        """Rows of Settled from `since` to `until`, both included."""
        query = urlencode({"exchange": exchange, "symbol": symbol, "since": since, "until": until})
        rows: list[dict[str, Any]] = self._json(f"/_sim/settled?{query}")["rows"]
        return rows

    def _json(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        with self._open(Request(self.url + path, data=body), timeout=30) as answer:
            content: dict[str, Any] = json.load(answer)
        return content
