"""One run of one exchange: ask its calls, make the tables, parse the rows, judge. Is given how to ask; knows no venue."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

from funding.adapter import Call, Exchange, Row, Table, Tables
from funding.complete import Observations, complete
from funding.errors import SHAPE_ERRORS, BadRow, FetchError, NotRecordedError
from funding.fanout import fanout
from funding.message import Get, Reply
from funding.outcome import Outcome
from funding.rate import Rate
from funding.reading import read, rows_of, text_at
from funding.template import request_for

MOST_PAGES = 50
KEPT_FOR = 24  # a table that cannot be fetched again serves for so many times its good_for
FEWEST_BAD = 3  # bad rows below this never fail a run
LONGEST_TABLES, LONGEST_RUN = 120.0, 240.0  # seconds after which no table, and nothing at all, is begun any more
PARSING = threading.Lock()  # one payload is unpacked at a time: peak memory is the reason


class Source(Protocol):
    """Where answers come from: the network, or recordings."""

    @property
    def get(self) -> Get: ...

    def items(self, call: Call, tables: Tables) -> list[Any]:
        """The items of a call whose `each` is a function."""
        ...

    def workers(self, host: str) -> int:
        """How many requests to a host are worth having under way."""
        ...


class Live:
    """The network as a source: the items are what the earlier tables say."""

    def __init__(self, get: Get, workers: Callable[[str], int]) -> None:
        self.get = get
        self.workers = workers

    def items(self, call: Call, tables: Tables) -> list[Any]:
        return list(call.each(tables)) if callable(call.each) else list(call.each)


@dataclass(slots=True)
class Part:
    """What one item of a call gave, and when."""

    rows: Table
    at: float


@dataclass(slots=True)
class Memory:
    """What one exchange's runs leave for the next one. Touched by one run at a time."""

    parts: dict[str, dict[Any, Part]] = field(default_factory=dict)  # call → item → part
    asked: dict[tuple[str, Any], float] = field(default_factory=dict)  # (call, item) → when it was last asked
    good_rates: int = 0  # how many the last good run had
    observations: Observations = field(default_factory=Observations)


@dataclass(slots=True)
class Tally:
    """The counts of a run under way; shared by its threads, every change under the lock."""

    calls: int = 0
    not_ours: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    notices: list[str] = field(default_factory=list)


def collect(
    name: str,
    exchange: Exchange,
    source: Source,
    memory: Memory,
    clock: Callable[[], float],
    timer: Callable[[], float],
) -> Outcome:
    """Runs once. Never raises for what an exchange does: a failed run is an Outcome with error_kind and words.

    `clock` gives Unix seconds, `timer` monotonic seconds.
    """
    started_at, begun = clock(), timer()
    run = Run(name, exchange, source, memory, clock, elapsed=lambda: timer() - begun)
    rates: list[Rate] = []
    kind = words = None
    try:
        rates = run.rates(run.tables())
        memory.good_rates = len(rates)
    except FetchError as error:
        kind, words = error.kind, error.words
    return Outcome(
        exchange=name,
        started_at=int(started_at),
        took_seconds=round(timer() - begun, 3),
        calls=run.tally.calls,
        rates=tuple(rates),
        not_ours=run.tally.not_ours,
        skipped=dict(run.tally.skipped),
        failures=dict(run.tally.failures),
        notices=tuple(run.tally.notices),
        error_kind=kind,
        error=words,
    )


class Run:
    """One pass over an exchange's calls: first those that need nothing, then those whose items come from a table, then rates."""

    def __init__(
        self,
        name: str,
        exchange: Exchange,
        source: Source,
        memory: Memory,
        clock: Callable[[], float],
        elapsed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.name, self.exchange, self.source, self.memory, self.clock = name, exchange, source, memory, clock
        self.elapsed = elapsed
        self.tally = Tally()

    # tables

    def tables(self) -> Tables:
        """Every table but the rates, as fresh as `good_for` asks. Raises FetchError if a mandatory one cannot be had."""
        others = [call for call in self.exchange.calls if call.name != "rates"]
        tables: dict[str, Table] = {}
        for wave in ([c for c in others if not callable(c.each)], [c for c in others if callable(c.each)]):
            planned = [(call, item) for call in wave for item in self.plan(call, tables)]
            answers, failed = self.ask_all(planned, self.table_part, LONGEST_TABLES)
            for (call, item), part in answers:
                self.remember(call, item, part)
            tables |= {call.name: self.table(call, failed) for call in wave}
        return tables

    def remember(self, call: Call, item: Any, part: Part) -> None:
        """An empty list is more often a fault than news: it takes the place of none that had rows."""
        parts = self.memory.parts.setdefault(call.name, {})
        if part.rows or item not in parts or callable(call.each):
            parts[item] = part
        else:
            self.tally.notices.append(f"{call.name}: success with nothing in it, the last list serves on")

    def plan(self, call: Call, tables: Tables) -> list[Any]:
        """The items to ask now: those without a fresh answer; never asked first, then the longest unasked, `at_most`."""
        items = self.items(call, tables)
        parts, now = self.memory.parts.setdefault(call.name, {}), self.clock()
        if not call.good_for:
            parts.clear()  # left by a run that failed half way: good for that one alone
        for gone in parts.keys() - set(items):
            del parts[gone]
        due = [item for item in items if _is_due(call, parts.get(item), now)]
        if call.at_most:
            due = sorted(due, key=lambda item: self.memory.asked.get((call.name, item), 0.0))[: call.at_most]
        self.memory.asked |= {(call.name, item): now for item in due if call.at_most}
        return due

    def items(self, call: Call, tables: Tables) -> list[Any]:
        if not callable(call.each):
            return list(call.each or (None,))
        try:
            return self.source.items(call, tables)
        except SHAPE_ERRORS as error:
            raise FetchError("shape", f"{call.name}: the list of its items cannot be made: {error!r:.100}") from error

    def table_part(self, call: Call, item: Any) -> Part:
        part = Part(Table(complete=True), self.clock())

        def keep(rows: list[Row], reply: Reply) -> None:
            part.rows.update(_index(call, rows))
            part.rows.complete &= not reply.sample

        count = self.ask(call, item, keep)
        if len(part.rows) < count:
            self.tally.notices.append(f"{call.name}: {count - len(part.rows)} rows without a key of their own")
        return part

    def table(self, call: Call, failed: dict[tuple[str, Any], FetchError]) -> Table:
        """The parts of a call as one table. What could not be fetched anew serves on for a while, then it is missing."""
        parts = self.memory.parts.get(call.name, {})
        oldest = self.clock() - KEPT_FOR * call.good_for if call.good_for else 0.0
        usable = {item: part for item, part in parts.items() if part.at >= oldest}
        missing = [error for (name, item), error in failed.items() if name == call.name and item not in usable]
        table = Table(complete=bool(usable) and not missing and not call.at_most)
        for part in usable.values():
            table.update(part.rows)
            table.complete &= part.rows.complete
        if not call.good_for:
            self.memory.parts[call.name] = {}
        if not call.optional:
            self.require(call, table, missing)
        return table

    def require(self, call: Call, table: Table, missing: list[FetchError]) -> None:
        """A run cannot do without this table. One that is only not recorded is a sample with nothing in it."""
        real = [error for error in missing if not isinstance(error, NotRecordedError)]
        if real:
            raise _named(call, real[0])
        if not table and not missing:
            raise FetchError("shape", f"{call.name}: success with nothing in it")

    # asking

    def ask_all(
        self, planned: Iterable[tuple[Call, Any]], take: Callable[[Call, Any], Any], longest: float
    ) -> tuple[list[tuple[tuple[Call, Any], Any]], dict[tuple[str, Any], FetchError]]:
        """Every planned (call, item) side by side. Failures are counted by kind and given by (call's name, item).

        What has not been begun when the run is `longest` seconds old has failed: were an exchange to hang at each of
        hundreds of items, its status would be an hour late.
        """
        planned = list(planned)
        failed: dict[tuple[str, Any], FetchError] = {}

        def attempt(unit: tuple[Call, Any]) -> Any:
            try:
                if self.elapsed() > longest:
                    raise FetchError("timeout", f"not asked, the run is more than {longest:g} s old")
                return take(*unit)
            except FetchError as error:
                failed[unit[0].name, unit[1]] = error
                raise

        workers = max((self.source.workers(host) for host in self.exchange.hosts), default=1)
        fanned = fanout(planned, attempt, workers, self.name)
        self.tally.failures.update(e.kind for e in failed.values() if not isinstance(e, NotRecordedError))
        return fanned.results, failed

    def ask(self, call: Call, item: Any, take: Callable[[list[Row], Reply], None]) -> int:
        """Gives the rows of every page to `take`, with the reply they came in; how many there were.

        Each row is given its item under the placeholder's name. `take` runs under the lock, and nothing else holds on to
        the rows: the next payload is unpacked when they are gone.
        """
        words: Row = {"now_ms": int(self.clock() * 1000), "page": 1, "offset": 0, "cursor": ""}
        if call.word:
            words[call.word] = item
        count = 0
        for number in range(1, MOST_PAGES + 1):
            request = request_for(call, words)
            with PARSING:
                self.tally.calls += 1
            rows, cursor = self.source.get(request, lambda reply: self.page(call, item, reply, take))
            count += rows
            if not _more(call, rows, cursor, words["cursor"]):
                return count
            words |= {"cursor": cursor, "page": number + 1, "offset": number * call.page_size}
        self.tally.notices.append(f"{call.name}: more than {MOST_PAGES} pages, the rest was left")
        return count

    def page(
        self, call: Call, item: Any, reply: Reply, take: Callable[[list[Row], Reply], None]
    ) -> tuple[int, str | None]:
        """How many rows it holds, and the cursor of the next one."""
        with PARSING:
            body = read(reply, self.exchange.answer)
            rows = rows_of(body, call.rows)
            if word := call.word:
                for row in rows:
                    row.setdefault(word, item)
            take(rows, reply)
            return len(rows), text_at(body, call.cursor) if call.cursor else None

    # rates

    def rates(self, tables: Tables) -> list[Rate]:
        """Asks the rates, parses each row, judges the run. Raises FetchError when it is a failed one."""
        call = next(call for call in self.exchange.calls if call.name == "rates")

        def take(call: Call, item: Any) -> list[Rate]:
            found: list[Rate] = []
            if not self.ask(call, item, lambda rows, reply: found.extend(self.parse(rows, tables, reply.at))):
                raise FetchError("shape", "success with nothing in it" + (f" for {item}" if item else ""))
            return found

        planned = [(call, item) for item in self.plan(call, tables)]
        if not planned:
            raise FetchError("shape", f"{call.name}: nothing to ask for, no table names a contract that is ours")
        answers, failed = self.ask_all(planned, take, LONGEST_RUN)
        real = [error for error in failed.values() if not isinstance(error, NotRecordedError)]
        if not answers and real:
            raise _named(call, real[0])
        found = [rate for _, rates in answers for rate in rates]
        rates = {rate.symbol: rate for rate in found}
        if len(rates) < len(found):
            self.tally.notices.append(f"{call.name}: {len(found) - len(rates)} symbols came twice, the last one counts")
        self.judge(call, rates)
        return list(rates.values())

    def parse(self, rows: list[Row], tables: Tables, at: float) -> list[Rate]:
        """Rates of one answer. What is unreadable is counted with its reason; what is not ours is only counted."""
        found = []
        for row in rows:
            try:
                rate = self.exchange.parse(row, tables)
                if rate is None:
                    self.tally.not_ours += 1
                else:
                    found.append(complete(self.name, self.exchange, rate, int(at), self.memory.observations))
            except (BadRow, *SHAPE_ERRORS) as error:
                self.tally.skipped[reason_of(error)] += 1
        return found

    def judge(self, call: Call, rates: dict[str, Rate]) -> None:
        """Most rows bad, or none left of many: that is not this venue any more. Fewer than half: kept, and said."""
        bad, before = self.tally.skipped.total(), self.memory.good_rates
        if bad >= FEWEST_BAD and bad > len(rates):
            reason, count = self.tally.skipped.most_common(1)[0]
            raise FetchError(
                "shape", f"{call.name}: {bad} of {bad + len(rates)} rows are unreadable, {count} × {reason}"
            )
        if before and not rates:
            raise FetchError("shape", f"{call.name}: no rates, the last good run had {before}")
        if len(rates) * 2 < before and not call.at_most:
            self.tally.notices.append(f"{len(rates)} rates, the last good run had {before}")


def _is_due(call: Call, part: Part | None, now: float) -> bool:
    """A whole list that came empty is asked for again at once."""
    return part is None or now - part.at >= call.good_for or not (part.rows or callable(call.each))


def _index(call: Call, rows: list[Row]) -> Iterable[tuple[Any, Row]]:
    index_of = call.key if callable(call.key) else itemgetter(call.key)
    for row in rows:
        try:
            index = index_of(row)
        except SHAPE_ERRORS:
            continue  # a row without its key can be found by nobody
        yield index, {name: row[name] for name in call.keep if name in row} if call.keep else row


def _more(call: Call, rows: int, cursor: str | None, last: Any) -> bool:
    if call.cursor:
        return bool(cursor) and cursor != last
    return bool(call.page_size) and rows >= call.page_size


def _named(call: Call, error: FetchError) -> FetchError:
    return FetchError(
        error.kind,
        f"{call.name}: {error.words}",
        retryable=error.retryable,
        retry_after=error.retry_after,
        status=error.status,
    )


def reason_of(error: Exception) -> str:
    """The words a bad row is counted under: no figures of the row in them where they would make each one different."""
    if isinstance(error, BadRow):
        return str(error)
    if isinstance(error, KeyError):
        return f"no field {error}"
    return f"{type(error).__name__}: {error}"[:120]
