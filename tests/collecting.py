"""The collecting half in this process, on real sockets: what `funding collect` builds, with deadlines and pauses for tests."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from funding.adapter import load
from funding.collect import Live, Memory, collect
from funding.connections import Limits
from funding.fetch import Fetcher
from funding.message import Get
from funding.outcome import Outcome
from funding.pace import Pace, polite
from funding.schedule import Schedule

SPEED = 20  # how many seconds of budgets and pauses pass in a real one
SHORT = Limits(connect_seconds=1, answer_seconds=1, body_bytes=4_000_000)


class Hurried:
    """The time that budgets and pauses go by: as a clock, and as the event that Pace sleeps on."""

    def clock(self) -> float:
        return time.monotonic() * SPEED

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> bool:
        time.sleep(timeout / SPEED)
        return False


class Collecting:
    """`with Collecting(*names, upstream=…) as collecting:` exchanges that remember from run to run, as in the loop."""

    def __init__(self, *names: str, limits: Limits = SHORT, **options: Any) -> None:
        self.exchanges = {name: load()[name] for name in names}
        self.fetcher = Fetcher(limits=limits, **options)
        hurried = Hurried()
        self.pace = Pace(hurried, clock=hurried.clock)
        for exchange in self.exchanges.values():
            for host in exchange.hosts:
                self.pace.budget(host, exchange.budget)
        self.get: Get = polite(self.fetcher, self.pace)
        self._memories = {name: Memory() for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.fetcher.close()

    def run(self, name: str, get: Get | None = None) -> Outcome:
        source = Live(get or self.get, self.pace.workers)
        return collect(name, self.exchanges[name], source, self._memories[name], time.time, time.monotonic)

    def cycle(self, save: Callable[[Outcome], object] = lambda outcome: None) -> list[Outcome]:
        """One run of every exchange side by side, whole, in the order in which they came in."""
        outcomes: list[Outcome] = []

        def keep(outcome: Outcome) -> None:
            outcomes.append(outcome)
            save(outcome)

        runs = {name: lambda name=name: self.run(name) for name in self.exchanges}
        assert Schedule(runs, keep, interval=60).once() is not None
        return outcomes
