"""Which requests bring one contract's settlements of a span of time. The placeholders of the call say how it is walked.

{since_…} and {until_…}: windows, the newest first. {until_…} alone: back from a time. {page}, {offset}, {cursor}: page
after page. None: one answer. Pure but for the `ask` that it is given.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from funding.adapter import HOUR, History, Row, Settlement, placeholders
from funding.errors import FetchError
from funding.history import Page

UNITS = ("s", "ms", "us", "ns", "iso")
SINCE = frozenset(f"since_{unit}" for unit in UNITS)
UNTIL = frozenset(f"until_{unit}" for unit in UNITS)
EMPTY_WINDOWS = 2  # in a row: before them there was no contract yet
MOST_ANSWERS = 1000  # for one contract: what brings something new for ever is no history

Ask = Callable[[Row], Page]  # the placeholders of one request → its answer


@dataclass(frozen=True, slots=True)
class Span:
    """Unix seconds, both ends included."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one answer brought that none before it had."""

    settled: list[Settlement]
    full: bool  # as many rows as an answer holds: there may be more
    cursor: str | None
    falling: bool  # newest first

    @property
    def oldest(self) -> int:
        return min(one.time for one in self.settled)

    @property
    def newest(self) -> int:
        return max(one.time for one in self.settled)

    @property
    def step(self) -> int:
        """The shortest time between two of them, in seconds."""
        times = sorted(one.time for one in self.settled)
        return min((after - before for before, after in pairwise(times)), default=HOUR)


def is_by_time(history: History) -> bool:
    """Can it be asked for a span, or only from the newest on?"""
    return bool(placeholders(history) & UNTIL)


def walk(history: History, span: Span, interval_hours: float | None, ask: Ask) -> Iterator[list[Settlement]]:
    """The settlements of a span, answer by answer, none twice; some may lie outside it. Raises what `ask` raises.

    `interval_hours`: the contract's, for the length of a window; None: as if it were an hour.
    """
    words, find = placeholders(history), _Finder(history, ask)
    if words & SINCE:
        yield from _windows(find, span, _window_seconds(history, interval_hours or 1.0))
    elif words & UNTIL:
        yield from _back(find, span)
    elif words & {"page", "offset", "cursor"}:
        yield from _pages(find, span, history)
    else:
        yield find({}).settled


class _Finder:
    """Asks, and tells what is new of the answer."""

    def __init__(self, history: History, ask: Ask) -> None:
        self.page_size, self.ask = history.page_size, ask
        self.seen, self.answers = set[int](), 0

    def __call__(self, words: Row) -> Found:
        self.answers += 1
        if self.answers > MOST_ANSWERS:
            raise FetchError("shape", f"history: more than {MOST_ANSWERS} answers for one contract, the rest was left")
        page = self.ask(words)
        new = [one for one in page.settled if one.time not in self.seen]
        self.seen.update(one.time for one in new)
        falling = len(new) > 1 and new[0].time > new[-1].time
        return Found(new, bool(self.page_size) and page.rows >= self.page_size, page.cursor, falling)


def _windows(find: _Finder, span: Span, length: int) -> Iterator[list[Settlement]]:
    """One after the other, back in time. A full answer may have been cut, where the interval once was shorter."""
    until, empty = span.until, 0
    while until > span.since and empty < EMPTY_WINDOWS:
        since = max(span.since, until - length)
        found = find(moment("since", since) | moment("until", until))
        yield found.settled
        empty = 0 if found.settled else empty + 1
        if not found.full or not found.settled:
            until = since
        elif until - found.newest > found.step:  # it began with the oldest: the newest are missing
            yield from _windows(find, Span(found.newest, until), length)
            until = since
        else:
            until = min(until, found.oldest) - 1


def _window_seconds(history: History, interval_hours: float) -> int:
    """As long as one answer can hold; all of them where the venue knows no limit."""
    limits = [history.span_hours * HOUR, (history.page_size - 1) * interval_hours * HOUR]
    return int(min((limit for limit in limits if limit > 0), default=float(1 << 40)))


def _back(find: _Finder, span: Span) -> Iterator[list[Settlement]]:
    """Ends with a page that is not full or, where the bound is included, that brings nothing new."""
    until = span.until
    while until > span.since:
        found = find(moment("until", until))
        yield found.settled
        if not found.settled or not found.full:
            return
        until = min(until, found.oldest) - 1


def _pages(find: _Finder, span: Span, history: History) -> Iterator[list[Settlement]]:
    """From the newest on, as far back as the span begins."""
    page, cursor = 1, ""
    while True:
        found = find({"page": page, "offset": (page - 1) * history.page_size, "cursor": cursor})
        yield found.settled
        if not found.settled or (found.falling and found.oldest <= span.since):
            return
        if history.page_size and not found.full:
            return
        if history.cursor and (not found.cursor or found.cursor == cursor):
            return
        page, cursor = page + 1, found.cursor or ""


def moment(name: str, at: int) -> Row:
    """{name_s}, {name_ms} and so on for a moment in Unix seconds.

    Nanoseconds are text, also in a body: they exceed what many JSON readers hold in a number.
    """
    iso = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = (at, at * 10**3, at * 10**6, str(at * 10**9), iso)
    return {f"{name}_{unit}": value for unit, value in zip(UNITS, values, strict=True)}
