"""Fills gaps of the stored history beside the running collector: after each cycle a few contracts of each exchange.

The loop's thread looks what they lack and stores what came since the last time; threads of their own ask, in the
background of the host's budget. No cycle waits for them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from sqlite3 import Connection

from funding.adapter import DAY, Exchange, History
from funding.backfill import Backfill, Contract, Got, Job
from funding.collect import Memory, Source
from funding.ledger import Wanted, contracts_of, jobs_of, save
from funding.outcome import Outcome
from funding.schedule import in_thread

log = logging.getLogger(__name__)

DAYS = 7
MOST_CONTRACTS = 20  # of an exchange and cycle
SHARE = 0.05  # of what its budget allows in a cycle; one contract at the least
REST = 12  # cycles, after one in which every answer was an error


@dataclass(slots=True)
class Turn:
    """Whose turn it is on one exchange, and whether its thread still asks."""

    history: History
    after: int = 0  # the contract id that was looked at last
    asking: bool = False
    good: int = 0  # contracts that were answered this time
    rest: int = 0  # cycles to leave it alone
    memory: Memory = field(default_factory=Memory)


class TopUp:
    def __init__(
        self,
        conn: Connection,
        exchanges: Mapping[str, Exchange],
        source: Callable[[str], Source],
        interval_seconds: float,
        clock: Callable[[], float],
        start: Callable[[str, Callable[[], None]], None] = in_thread,
    ) -> None:
        """`source`: exchange → how it is asked in the background."""
        self._conn, self._source, self._interval = conn, source, interval_seconds
        self._clock, self._start = clock, start
        self._exchanges = exchanges
        self._turns = {name: Turn(one.history) for name, one in exchanges.items() if one.history is not None}
        self._come: SimpleQueue[tuple[str, Got | None]] = SimpleQueue()  # None: that is all
        self._is_first = True

    def after_cycle(self, outcomes: Iterable[Outcome]) -> None:
        """Exchanges whose run failed are left alone. Raises StoreError.

        Nothing is asked after the first cycle: a single pass ends there.
        """
        self._store()
        if self._is_first:
            self._is_first = False
            return
        for outcome in outcomes:
            turn = self._turns.get(outcome.exchange)
            if turn is None or not outcome.ok or turn.asking:
                continue
            if turn.rest:
                turn.rest -= 1
                continue
            self._begin(outcome.exchange, turn)

    def _store(self) -> None:
        stored, failed = Counter[str](), Counter[str]()
        while True:
            try:
                name, got = self._come.get_nowait()
            except Empty:
                break
            if got is None:
                self._end(self._turns[name])
                continue
            stored[name] += save(self._conn, self._exchanges[name], got)
            if got.error is None:
                self._turns[name].good += 1
            else:
                failed[f"{name}: {got.error.kind}: {got.error.words}"] += 1
        if stored.total():
            log.info("history: %s", ", ".join(f"{name} {count}" for name, count in stored.items() if count))
        for words, count in failed.items():
            log.warning("history: %d contracts of %s", count, words)

    def _begin(self, name: str, turn: Turn) -> None:
        exchange = self._exchanges[name]
        contracts = self._next(name, turn, most(exchange, turn.history, self._interval))
        jobs = list(jobs_of(self._conn, name, turn.history, contracts, self._wanted(exchange)))
        if jobs:
            turn.asking = True
            self._start(f"{name}-history", lambda: self._ask(name, turn, jobs))

    def _end(self, turn: Turn) -> None:
        turn.rest = 0 if turn.good else REST
        turn.asking, turn.good = False, 0

    def _next(self, name: str, turn: Turn, count: int) -> list[Contract]:
        """The next so many contracts by id; from the first one again after the last."""
        contracts = contracts_of(self._conn, name)
        found = [one for one in contracts if one.id > turn.after][:count]
        turn.after = found[-1].id if len(found) == count else 0
        return found

    def _wanted(self, exchange: Exchange) -> Wanted:
        """A rate that still moved when we saw it last is not quite what was charged: after a day the exchange is asked."""
        now = int(self._clock())
        return Wanted(now, DAYS, observed=now - DAY if exchange.rate_kind == "predicted" else 0, late=2)

    def _ask(self, name: str, turn: Turn, jobs: list[Job]) -> None:
        """In the exchange's thread."""

        def put(got: Got) -> None:
            self._come.put((name, got))

        try:
            Backfill(name, self._exchanges[name], self._source(name), put, self._clock, turn.memory).run(jobs)
        except Exception:
            log.exception("%s: a fault of this program", name)
        finally:
            self._come.put((name, None))


def most(exchange: Exchange, history: History, interval_seconds: float) -> int:
    """Contracts to look at in a cycle."""
    budget = history.budget or exchange.budget
    weight = 1.0 if history.budget else history.weight
    return max(1, min(MOST_CONTRACTS, int(budget.per_second * interval_seconds * SHARE / weight)))
