"""Settled history: asks one exchange for what its contracts lack, side by side, and hands over what came of each.

Knows neither the database nor the network: ledger.py says what is lacking and stores what came.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from funding.adapter import Exchange, History, Row, Settlement, Tables
from funding.collect import PARSING, Memory, Run, Source
from funding.errors import SHAPE_ERRORS, FetchError
from funding.fanout import fanout
from funding.history import Page, read_page
from funding.message import Reply
from funding.template import request_for
from funding.walk import Span, walk

MOST_FAILURES = 5  # in a row: the host does not answer, and the others would not be answered either
OF_THE_HOST = ("dns", "connect", "tls", "timeout", "reset", "rate_limited", "banned", "blocked")
NO_TABLES: Tables = {}


@dataclass(frozen=True, slots=True)
class Contract:
    """What an adapter's `asks` may look at, and the interval that the contract has now, if it is known."""

    id: int
    symbol: str
    base: str
    quote: str
    settle: str | None
    kind: str
    interval_hours: float | None


@dataclass(frozen=True, slots=True)
class Job:
    """What one contract lacks. Settlements before `start` are not stored: they only tell the first one's interval."""

    contract: Contract
    start: int  # Unix seconds
    spans: tuple[Span, ...]  # newest first


@dataclass(slots=True)
class Got:
    """What came of a job. With an error it is what came before that."""

    job: Job
    settled: list[Settlement] = field(default_factory=list)
    calls: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    error: FetchError | None = None
    listed: bool = True  # False: the exchange's list lacks it, or it has no history


class Backfill:
    """One exchange's run. `put` is called from several threads, once for each job."""

    def __init__(
        self,
        name: str,
        exchange: Exchange,
        source: Source,
        put: Callable[[Got], object],
        clock: Callable[[], float],
        memory: Memory | None = None,
    ) -> None:
        """`memory` keeps the tables from run to run, as long as they are good for."""
        if exchange.history is None:
            raise ValueError(f"{name} has no history call")
        self.name, self.exchange, self.history = name, exchange, exchange.history
        self.source, self.put, self.clock = source, put, clock
        self.memory = memory or Memory()
        self._failures = 0  # of the host's, in a row
        self._lock = threading.Lock()

    def run(self, jobs: Sequence[Job]) -> None:
        """Never raises for what an exchange does: that is each Got's error."""
        try:
            tables = self.tables(jobs)
        except FetchError as error:
            for job in jobs:
                self.put(Got(job, error=error))
            return
        workers = max(self.source.workers(host) for host in self.exchange.hosts)
        fanout(jobs, lambda job: self.put(self.ask(job, tables)), workers, f"{self.name}-history")

    def tables(self, jobs: Sequence[Job]) -> Tables:
        """Those that `asks` may look into: all but what takes a request per contract. None where it needs none."""
        if all(_words(self.history, job.contract, NO_TABLES) for job in jobs):
            return NO_TABLES
        calls = tuple(call for call in self.exchange.calls if not (call.optional and callable(call.each)))
        return Run(self.name, replace(self.exchange, calls=calls), self.source, self.memory, self.clock).tables()

    def ask(self, job: Job, tables: Tables) -> Got:
        got = Got(job)
        words = _words(self.history, job.contract, tables)
        if words is None:
            got.listed = False
            return got
        try:
            if self._failures >= MOST_FAILURES:
                raise FetchError("connect", f"not asked: {MOST_FAILURES} failures in a row", retryable=False)
            for span in job.spans:
                for settled in walk(self.history, span, job.contract.interval_hours, self._asker(words, got)):
                    got.settled += [one for one in settled if one.time >= job.spans[-1].since]
        except FetchError as error:
            got.error = error
        self._note(got.error)
        return got

    def _asker(self, contract: Row, got: Got) -> Callable[[Row], Page]:
        """Asks for one page of a contract, and counts."""

        def ask(place: Row) -> Page:
            words = contract | place
            got.calls += 1
            page = self.source.get(request_for(self.history, words), lambda reply: self._read(reply, words))
            got.skipped.update(page.skipped)
            return page

        return ask

    def _read(self, reply: Reply, words: Row) -> Page:
        with PARSING:
            return read_page(self.exchange, self.history, reply, words, reply.at)

    def _note(self, error: FetchError | None) -> None:
        with self._lock:
            if error is None:
                self._failures = 0
            elif error.kind in OF_THE_HOST:
                self._failures += 1


def _words(history: History, contract: Contract, tables: Tables) -> Row | None:
    """The placeholders that name the contract; None where it has no history, or the tables do not list it."""
    if history.asks is None:
        return {"symbol": contract.symbol}
    try:
        return history.asks(contract, tables)
    except SHAPE_ERRORS:
        return None
