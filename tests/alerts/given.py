"""What the tests of alerts share: a virtual clock, a database, a fetch to loopback."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from funding.alerts.alert import Alert
from funding.connections import Limits
from funding.fetch import Fetcher

NOW = 1_790_000_000
SHORT = Limits(connect_seconds=2, answer_seconds=2, body_bytes=1 << 20)
DATE = "%a, %d %b %Y %H:%M:%S GMT"


@dataclass
class Time:
    """A clock that goes when it is told to: the wall's and the other one, which `set` leaves behind."""

    wall_now: float = float(NOW)
    timer_now: float = 5000.0

    def wall(self) -> float:
        return self.wall_now

    def timer(self) -> float:
        return self.timer_now

    def go(self, seconds: float) -> None:
        self.wall_now += seconds
        self.timer_now += seconds

    def set(self, seconds: float) -> None:
        self.wall_now += seconds

    def date(self) -> str:
        return time.strftime(DATE, time.gmtime(self.wall_now))


def alert(number: int = 1, **other: Any) -> Alert:
    given: dict[str, Any] = {"key": f"thing:{number}", "kind": "raised", "title": f"thing {number} is bad", "at": NOW}
    return Alert(**given | other)


@contextmanager
def fetching() -> Iterator[Fetcher]:
    fetcher = Fetcher(plain=True, limits=SHORT)
    try:
        yield fetcher
    finally:
        fetcher.close()
