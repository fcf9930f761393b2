"""`funding` as a program of its own: started, watched, asked and stopped, with no settings of whoever runs the tests."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

T = TypeVar("T")

ROOT = Path(__file__).parents[1]
FUNDING = [sys.executable, "-m", "funding"]
FOREIGN = ("FUNDING_", "TELEGRAM_", "PORT", "COLUMNS", "NO_COLOR", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE")
HANG_SECONDS = 30  # nothing here takes so long, unless it hangs


def environment(**settings: object) -> dict[str, str]:
    """For a subprocess; the source tree is found wherever it runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return (
        kept
        | {"PYTHONPATH": str(ROOT), "FUNDING_LIMIT_FREE": "0"}
        | {name: str(value) for name, value in settings.items()}
    )


def until(true: Callable[[], T | None], what: str) -> T:
    """What `true` gives as soon as it is something."""
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.01)
    raise AssertionError(f"{HANG_SECONDS} s without {what}")


class Program:
    """`with Program(folder, "run", FUNDING_PORT=0) as program:` leaves nothing running behind."""

    command: ClassVar[Sequence[str]] = FUNDING

    def __init__(self, folder: Path, *words: str, **settings: object) -> None:
        self.lines: list[str] = []  # of stderr
        self.process = subprocess.Popen(
            [*self.command, *words], cwd=folder, env=environment(**settings), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._open = build_opener(ProxyHandler({})).open

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(HANG_SECONDS)
        self._reader.join(HANG_SECONDS)

    def line(self, beginning: str) -> str:
        """The first line of the log whose message begins so, when it comes."""

        def found() -> str | None:
            ended = self.process.poll() is not None and not self._reader.is_alive()
            line = next((line for line in self.lines if self._message(line).startswith(beginning)), None)
            assert line or not ended, f"it ended without a line that begins with {beginning!r}: {self.lines}"
            return line

        return until(found, f"a line that begins with {beginning!r}")

    @property
    def url(self) -> str:
        return self.line("Funding Finder: ").removeprefix("Funding Finder: ").strip()

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON; text where the answer is none."""
        try:
            with self._open(self.url + path, timeout=HANG_SECONDS) as answer:
                return answer.status, _read(answer)
        except HTTPError as error:
            with error:
                return error.code, _read(error)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(HANG_SECONDS)

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self.lines.extend(line.rstrip("\n") for line in stream)

    @staticmethod
    def _message(line: str) -> str:
        """Without the time, level and logger of a line of the log."""
        return line.split(": ", 1)[1] if line[:4].isdecimal() else line


def _read(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers["Content-Type"] else text
