"""A contract's points in time → rows of its history: one a point, or one a bucket of 1 h, 8 h or a day. Pure.

Two series that are never mixed. Settled: what was charged; a bucket adds it up. Observed: what was quoted for the
settlement to come; a bucket gives the last quote in it, since a mean over quotes for different settlements is none.

Buckets begin at whole hours, at 0, 8 and 16 h, at midnight, UTC. A bucket holds what lies from its beginning to before its
end, so a settlement at 08:00 is in the one that begins then, though it pays for the hours before. One without a point
is left out. The first and the last of a span hold only what lies in the span.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from funding.analysis.current import HOURS_A_YEAR, NOISE, rate_pct

RESOLUTIONS = {"raw": None, "1h": 3600, "8h": 28_800, "1d": 86_400}  # seconds of a bucket
SUM_NOISE = NOISE + 5  # decimals of a sum of fractions: 0.0001 + 0.0002 is 0.00030000000000000003


class Settled(NamedTuple):
    """`time`: when it was charged, Unix seconds. `source`: venue, its own word, or observed, our last quote before it."""

    time: int
    rate: float
    interval_hours: float | None
    mark_price: float | None
    source: str


class Observed(NamedTuple):
    """`time`: when it was quoted, Unix seconds."""

    time: int
    rate: float
    interval_hours: float | None
    next_funding_time: int | None


class Shaped(NamedTuple):
    """A row. `time`: where the history can be taken up again so that this row comes first; `points`: made of how many."""

    time: int
    points: int
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """`columns` are those of a row a point, `bucket_columns` those of a row a bucket; both begin with IDENTITY."""

    columns: tuple[str, ...]
    bucket_columns: tuple[str, ...]
    row: Callable[[Any], tuple[Any, ...]]
    bucket: Callable[[Sequence[Any]], tuple[Any, ...]]


IDENTITY = ("exchange", "symbol")
RATE = ("funding_rate", "funding_rate_pct", "annualized_pct", "funding_interval_hours")
BUCKET = (*IDENTITY, "start_time", "end_time")


def _rate(rate: float, hours: float | None) -> tuple[Any, ...]:
    """RATE."""
    return rate, round(rate * 100, NOISE), rate_pct(rate, hours, HOURS_A_YEAR), hours


def _settled_row(point: Settled) -> tuple[Any, ...]:
    return point.time, *_rate(point.rate, point.interval_hours), point.mark_price, point.source


def _settled_bucket(points: Sequence[Settled]) -> tuple[Any, ...]:
    """The sum, and the hours that it covers: unknown where one of the intervals is. The interval: where all have the same."""
    total = round(math.fsum(point.rate for point in points), SUM_NOISE)
    intervals = {point.interval_hours for point in points}
    covered = None if None in intervals else math.fsum(point.interval_hours or 0 for point in points)
    annualized = None if covered is None else rate_pct(total, covered, HOURS_A_YEAR)
    interval = intervals.pop() if len(intervals) == 1 else None
    return len(points), total, round(total * 100, NOISE), annualized, interval, covered


def _observed_row(point: Observed) -> tuple[Any, ...]:
    return point.time, *_rate(point.rate, point.interval_hours), point.next_funding_time


def _observed_bucket(points: Sequence[Observed]) -> tuple[Any, ...]:
    return len(points), *_observed_row(points[-1])


SERIES = {
    "settled": Series(
        (*IDENTITY, "funding_time", *RATE, "mark_price", "source"),
        (
            *BUCKET, "settlements", "funding_rate_sum", "funding_rate_sum_pct", "annualized_pct",
            "funding_interval_hours", "hours_covered",
        ),
        _settled_row,
        _settled_bucket,
    ),
    "observed": Series(
        (*IDENTITY, "observed_at", *RATE, "next_funding_time"),
        (*BUCKET, "observations", "observed_at", *RATE, "next_funding_time"),
        _observed_row,
        _observed_bucket,
    ),
}  # fmt: skip


def shape(
    series: Series, identity: tuple[str, str], points: Iterable[Settled | Observed], seconds: int | None
) -> Iterator[Shaped]:
    """Rows of one contract, by time, from its points by time. `seconds`: of a bucket; None: a row a point."""
    if seconds is None:
        for point in points:
            yield Shaped(point.time, 1, (*identity, *series.row(point)))
        return
    for number, group in groupby(points, lambda point: point.time // seconds):
        together, start = list(group), number * seconds
        yield Shaped(start, len(together), (*identity, start, start + seconds, *series.bucket(together)))
