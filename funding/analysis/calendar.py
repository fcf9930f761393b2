"""Coming settlements, in the order of time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from funding.analysis.charges import HOUR
from funding.analysis.coming import coming
from funding.analysis.eligible import STALE
from funding.analysis.prices import Row

FIELDS = (
    "funding_time", "exchange", "symbol", "asset", "funding_rate", "funding_rate_pct", "rate_kind",
    "funding_interval_hours", "time_source",
)  # fmt: skip
NO_TIME = "without a next time"


class Settlement(NamedTuple):
    """One to come. `is_next`: the contract's first from now on."""

    funding_time: int
    exchange: str
    symbol: str
    is_next: bool
    row: Row


@dataclass(frozen=True, slots=True)
class Calendar:
    """`rows`: Settlements, out of `total`. `left_out`: reason → contracts."""

    rows: list[Settlement]
    total: int
    left_out: Mapping[str, int]


def calendar(
    rows: Collection[Row],
    now: int,
    hours: float = 24,
    *,
    exchanges: Collection[str] = (),
    assets: Collection[str] = (),
    most: int | None = None,
) -> Calendar:
    """The Settlements with now < funding_time <= now + hours, by time, exchange and symbol; the first `most` of them.

    They fall at next_funding_time + k × interval; where no interval is known, the next alone is given. Stale rows and
    those without a next time are left out and counted. `assets` are canonical.
    """
    left_out: Counter[str] = Counter()
    together: dict[tuple[int, float | None], list[Row]] = defaultdict(list)  # thousands settle at the same few times
    for row in rows:
        if (exchanges and row["exchange"] not in exchanges) or (assets and row["asset"] not in assets):
            continue
        due = row["next_funding_time"]
        if row["stale"] or due is None:
            left_out[STALE if row["stale"] else NO_TIME] += 1
        else:
            together[due, row["funding_interval_hours"]].append(row)
    times: dict[int, list[list[Row]]] = defaultdict(list)
    for contracts in together.values():
        for moment in coming(contracts[0], now, now + round(hours * HOUR)):
            times[moment].append(contracts)
    total = sum(len(contracts) for groups in times.values() for contracts in groups)
    return Calendar(list(islice(_in_order(times), most)), total, left_out)


def _in_order(times: Mapping[int, list[list[Row]]]) -> Iterator[Settlement]:
    for moment in sorted(times):
        at_once = [
            Settlement(moment, row["exchange"], row["symbol"], moment == row["next_funding_time"], row)
            for contracts in times[moment]
            for row in contracts
        ]
        yield from sorted(at_once)


def value_of(field: str) -> Callable[[Settlement], Any]:
    """From a Settlement to one of FIELDS.

    The rate and its kind are None with all but the next settlement: it is quoted for that one alone. time_source:
    reported, or derived: from the interval, by us.
    """
    if field in Settlement._fields:
        return attrgetter(field)
    if field == "time_source":
        return lambda one: one.row["next_funding_source"] if one.is_next else "derived"
    if field in ("asset", "funding_interval_hours"):
        return lambda one: one.row[field]
    return lambda one: one.row[field] if one.is_next else None


_VALUES = {field: value_of(field) for field in FIELDS}


def calendar_row(one: Settlement) -> dict[str, Any]:
    """With FIELDS."""
    return {field: value(one) for field, value in _VALUES.items()}
