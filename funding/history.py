"""What an exchange's history answers say: settlements with their times and intervals. Pure: walk.py says what is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from funding.adapter import HOUR, MINUTE, Exchange, History, Row, Settlement, placeholders
from funding.collect import FEWEST_BAD, reason_of
from funding.errors import SHAPE_ERRORS, BadRow, FetchError
from funding.message import Reply
from funding.rate import EARLIEST, LARGEST_RATE, LATEST, LONGEST_INTERVAL_HOURS
from funding.reading import read, rows_of, text_at


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `settled` in the order of its rows; `rows`: how many it had, whatever they were."""

    settled: tuple[Settlement, ...]
    rows: int
    cursor: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason → rows that could not be read


def read_page(exchange: Exchange, history: History, reply: Reply, words: Row, now: float) -> Page:
    """What was charged until `now`, by one answer. `words`: the request's placeholders, which each row is given.

    Raises FetchError: refused, of another shape, or most of its rows unreadable.
    """
    body = read(reply, exchange.answer)
    rows = rows_of(body, history.rows)
    given = {word: words[word] for word in placeholders(history) if word in words}
    settled, skipped = list[Settlement](), Counter[str]()
    for row in rows:
        for word, value in given.items():
            row.setdefault(word, value)
        try:
            one = _parsed(history, row)
        except (BadRow, *SHAPE_ERRORS) as error:
            skipped[reason_of(error)] += 1
        else:
            if one is not None and one.time <= now:  # some list the running period too
                settled.append(one)
    _judge(skipped, len(rows))
    return Page(tuple(settled), len(rows), text_at(body, history.cursor) if history.cursor else None, skipped)


def _parsed(history: History, row: Row) -> Settlement | None:
    one = history.parse(row)
    if one is None:
        return None
    if one.rate is None or one.time is None:
        raise BadRow("no rate" if one.rate is None else "no time")
    if not -LARGEST_RATE <= one.rate <= LARGEST_RATE:
        raise BadRow(f"rate is implausible: {one.rate:g}")
    if not EARLIEST <= one.time <= LATEST:
        raise BadRow(f"time is implausible: {one.time}")
    if one.interval_hours is not None and not 0 < one.interval_hours <= LONGEST_INTERVAL_HOURS:
        raise BadRow(f"interval_hours is implausible: {one.interval_hours:g}")
    return replace(one, time=one.time - one.time % MINUTE)  # venues stamp up to 2 s late


def _judge(skipped: Counter[str], rows: int) -> None:
    """As for rates: most rows bad, and it is not this venue's history any more."""
    bad = skipped.total()
    if bad >= FEWEST_BAD and bad * 2 > rows:
        reason, count = skipped.most_common(1)[0]
        raise FetchError("shape", f"history: {bad} of {rows} rows are unreadable, {count} × {reason}")


def by_time(settled: Iterable[Settlement], constant: float | None) -> list[Settlement]:
    """Each settlement once (of two for one time the later one counts), oldest first, with its interval."""
    found = {one.time: one for one in settled}
    times = sorted(found)
    return [
        replace(found[time], interval_hours=found[time].interval_hours or hours)
        for time, hours in zip(times, intervals(times, constant), strict=True)
    ]


def intervals(times: Sequence[int], constant: float | None) -> list[float | None]:
    """The interval in hours of each settlement of a series, oldest first, by what lies between it and its neighbours.

    `constant`: what the venue documents, for where the spacing does not tell. None: not known.
    """
    steps = [None, *(after - before for before, after in pairwise(times)), None]
    return [_interval(steps[n], steps[n - 1] if n else None, steps[n + 1], constant) for n in range(len(times))]


def _interval(step: int | None, before: int | None, after: int | None, constant: float | None) -> float | None:
    """`step`: seconds since the settlement before; `before`, `after`: the steps around it."""
    if step is not None and step <= LONGEST_INTERVAL_HOURS * HOUR and not _is_gap(step, before, after):
        return step / HOUR
    around = [other for other in (before, after) if other is not None]
    return float(constant) if constant is not None and (not around or constant * HOUR in around) else None


def _is_gap(step: int, before: int | None, after: int | None) -> bool:
    """Twice the step before, or three times: something is missing, unless it goes on so."""
    return before is not None and before < step and step % before == 0 and step != after
