"""Markets played on a clock of their own: what was quoted when follows from a formula, so what must be stored does too."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from funding.rate import Rate
from funding.store.observations import merge_hour, save_observations
from funding.store.retention import prune
from funding.store.runs import Contracts, observations_of, save
from tests.store.given import DAY, rate, run

HOUR, MINUTE = 3600, 60
MIDNIGHT = 1_790_035_200  # a UTC day's first second


def quote(at: int) -> float:
    """Another one every second, the same for ever."""
    return (at * 7919 % 20_011 - 10_000) / 1e7


def quoted(symbol: str, at: int, hours: float, **other: Any) -> Rate:
    """A contract that settles on the grid of its interval."""
    step = int(hours * HOUR)
    given = {"funding_rate": quote(at), "funding_interval_hours": hours, "next_funding_time": (at // step + 1) * step}
    return rate(symbol, observed_at=at, **{**given, **other})


@dataclass(slots=True)
class Collector:
    """What the loop does with the database, on the clock that it is given."""

    conn: sqlite3.Connection
    known: dict[str, Contracts] = field(default_factory=dict)

    def cycle(self, at: int, rates: Iterable[Rate]) -> None:
        outcome = run(*rates, started_at=at)
        save(self.conn, outcome, known=self.known, clock=lambda: at)
        prune(self.conn, at)
        save_observations(self.conn, at, observations_of([outcome], self.known))
        merge_hour(self.conn, at)

    def play(self, times: Iterable[int], intervals: Mapping[str, float]) -> None:
        for at in times:
            self.cycle(at, (quoted(symbol, at, hours) for symbol, hours in intervals.items()))


def cycles(start: int, end: int, every: int = 300) -> range:
    """The moments of cycles, 20 s after a round time."""
    return range(start + 20, end, every)


__all__ = ["DAY", "HOUR", "MIDNIGHT", "MINUTE", "Collector", "cycles", "quote", "quoted"]
