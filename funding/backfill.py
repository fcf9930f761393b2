"""Settled history from the exchanges' history calls. For now: what one answer of such a call says."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from funding.adapter import HOUR, MINUTE, Answer, History, Row, Settlement
from funding.errors import SHAPE_ERRORS, BadRow, FetchError
from funding.message import Reply
from funding.rate import LONGEST_INTERVAL_HOURS
from funding.reading import read, rows_of


def read_history(history: History, answer: Answer, reply: Reply, words: Row) -> list[Row]:
    """The rows of one history answer, each given the request's placeholders. Raises FetchError."""
    rows = rows_of(read(reply, answer), history.rows)
    for row in rows:
        for word, value in words.items():
            row.setdefault(word, value)
    return rows


def settlements(history: History, rows: Iterable[Row], now: float) -> list[Settlement]:
    """What was charged, by time: times to the minute (venues stamp up to 2 s late), none in the future, each once.

    Intervals that the venue does not give come from the spacing to the next settlement. Raises FetchError("shape") when
    a row is unreadable: half a history is worse than none.
    """
    found: dict[int, Settlement] = {}
    for row in rows:
        settled = _parsed(history, row)
        if settled is not None and settled.time <= now:
            time = settled.time - settled.time % MINUTE
            found[time] = replace(settled, time=time)
    return list(_spaced([found[time] for time in sorted(found)]))


def _parsed(history: History, row: Row) -> Settlement | None:
    try:
        settled = history.parse(row)
        if settled is not None and (settled.time is None or settled.rate is None):
            raise BadRow("a settlement without a time or a rate")
    except (BadRow, *SHAPE_ERRORS) as error:
        raise FetchError("shape", f"history: unreadable row: {error!r:.100}") from error
    return settled


def _spaced(settled: list[Settlement]) -> Iterator[Settlement]:
    """The interval of a settlement is the time since the one before it; the first and one after a gap have none to tell."""
    before: int | None = None
    for one in settled:
        hours: Any = one.interval_hours
        if hours is None and before is not None and one.time - before <= LONGEST_INTERVAL_HOURS * HOUR:
            hours = (one.time - before) / HOUR
        yield replace(one, interval_hours=hours)
        before = one.time
