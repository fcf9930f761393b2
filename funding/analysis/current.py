"""A stored row and a moment → the row of `current`: what follows from the figures, and what changes with the clock.

Pure: the caller brings the row and the moment.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from statistics import median
from typing import Any

Row = dict[str, Any]
Values = tuple[Any, ...]  # those of FIELDS, in their order: a row as it is served by the thousand

JUDGED = ("observed_at", "exchange_at", "next_funding_time", "funding_interval_hours")  # what tells that a row is stale
HOURS_A_YEAR = 8760
OLDEST_STAMP_SECONDS = 3600
NOISE = 10  # decimals of a percentage: 0.0003 * 100 is 0.030000000000000002; a rate itself is never rounded

FIELDS = (
    "exchange", "symbol", "unified_symbol", "base", "asset", "asset_class", "multiplier", "quote", "settle", "kind",
    "funding_rate", "funding_rate_pct", "rate_1h_pct", "rate_8h_pct", "rate_1d_pct", "annualized_pct", "rate_kind",
    "funding_interval_hours", "interval_source", "next_funding_time", "next_funding_source",
    "last_settled_rate", "last_settled_at", "funding_rate_cap", "funding_rate_floor", "at_cap",
    "mark_price", "index_price", "open_interest_usd", "volume_24h_usd",
    "exchange_at", "observed_at", "age_seconds", "stale", "stale_reason", "suspect",
)  # fmt: skip
STORED = (
    "exchange", "symbol", "base", "asset", "asset_class", "multiplier", "quote", "settle", "kind",
    "funding_rate", "rate_kind", "funding_interval_hours", "interval_source", "next_funding_time",
    "next_funding_source", "last_settled_rate", "last_settled_at", "funding_rate_cap", "funding_rate_floor",
    "mark_price", "index_price", "open_interest_usd", "volume_24h_usd", "exchange_at", "observed_at",
)  # fmt: skip
RATE_HOURS = {"rate_1h_pct": 1, "rate_8h_pct": 8, "rate_1d_pct": 24, "annualized_pct": HOURS_A_YEAR}
_JUDGED = (
    "funding_rate", "funding_interval_hours", "next_funding_time", "next_funding_source", "observed_at", "exchange_at",
)  # fmt: skip
pick_stored = itemgetter(*STORED)


def current(stored: Mapping[str, Any], now: int, stale_threshold_seconds: int) -> Row:
    """The row as it is shown at `now` (Unix seconds): FIELDS in their order; unknown is None."""
    return dict(zip(FIELDS, shown(pick_stored(stored), now, stale_threshold_seconds), strict=True))


def shown(stored: Sequence[Any], now: int, stale_threshold_seconds: int) -> Values:
    """The same from the values of STORED. Written out, because thousands of rows are made for one answer."""
    (
        exchange, symbol, base, asset, asset_class, multiplier, quote, settle, kind,
        rate, rate_kind, hours, interval_source, due, due_source, last_rate, last_at, cap, floor,
        mark_price, index_price, open_interest, volume, exchange_at, observed_at,
    ) = stored  # fmt: skip
    next_time, next_source = next_funding(due, due_source, hours, now)
    reason = stale_reason(observed_at, exchange_at, due, hours, now, stale_threshold_seconds)
    return (
        exchange, symbol, unified_symbol(base, quote, settle, kind), base, asset, asset_class, multiplier, quote,
        settle, kind,
        rate, round(rate * 100, NOISE), rate_pct(rate, hours, 1), rate_pct(rate, hours, 8),
        rate_pct(rate, hours, 24), rate_pct(rate, hours, HOURS_A_YEAR), rate_kind,
        hours, interval_source, next_time, next_source,
        last_rate, last_at, cap, floor, at_cap(rate, cap, floor),
        mark_price, index_price, open_interest, volume,
        exchange_at, observed_at, age(observed_at, now), reason is not None, reason, None,
    )  # fmt: skip


def value_of(field: str, now: int, stale_threshold_seconds: int) -> Callable[[Sequence[Any]], Any]:
    """From the values of STORED to one of FIELDS: what rows are sorted by that are not all shown."""
    rate, hours, due, due_source, observed_at, exchange_at = map(STORED.index, _JUDGED)
    if field in RATE_HOURS:
        return lambda stored: rate_pct(stored[rate], stored[hours], RATE_HOURS[field])
    if field == "next_funding_time":
        return lambda stored: next_funding(stored[due], stored[due_source], stored[hours], now)[0]
    if field == "stale":
        limit = stale_threshold_seconds
        return lambda row: (
            stale_reason(row[observed_at], row[exchange_at], row[due], row[hours], now, limit) is not None
        )
    if field in STORED and field != "next_funding_source":
        return itemgetter(STORED.index(field))
    place = FIELDS.index(field)
    return lambda stored: shown(stored, now, stale_threshold_seconds)[place]


def age(moment: int, now: int) -> int:
    """Seconds since then. 0 where the clock was set back meanwhile: an age is never negative."""
    return max(0, now - moment)


def rate_pct(rate: float, interval_hours: float | None, hours: int) -> float | None:
    """What the rate comes to in so many hours, in percent, not compounded; None where the interval is unknown."""
    return None if interval_hours is None else round(rate * hours / interval_hours * 100, NOISE)


def unified_symbol(base: str, quote: str, settle: str | None, kind: str) -> str | None:
    """BTC/USDT:USDT, inverse BTC/USD:BTC. None for a linear contract whose settlement currency is unknown."""
    settle = settle or (base if kind == "inverse" else None)
    return None if settle is None else f"{base}/{quote}:{settle}"


def at_cap(rate: float, cap: float | None, floor: float | None) -> bool | None:
    """Whether the rate is held at one of its limits; None where the limit that it might be at is unknown."""
    if cap is not None and (rate >= cap or math.isclose(rate, cap)):
        return True
    if floor is not None and (rate <= floor or math.isclose(rate, floor)):
        return True
    return None if cap is None or floor is None else False


def next_funding(due: int | None, source: str | None, hours: float | None, now: int) -> tuple[int | None, str | None]:
    """The time and its source. One that has passed by up to an interval is moved on by whole intervals: derived.

    Passed by more, it stays as it was reported, and the row is stale; with the interval unknown, so is the next time.
    """
    if due is None or due > now:
        return due, source
    if hours is None:
        return None, None
    if is_overdue(due, hours, now):
        return due, source
    interval = hours * 3600
    return math.ceil(due + ((now - due) // interval + 1) * interval), "derived"


def is_overdue(due: int | None, hours: float | None, now: int) -> bool:
    """Whether the next time lies more than one interval in the past: a settlement went by without our hearing of it."""
    return due is not None and hours is not None and now - due > hours * 3600


def stale_reason(
    observed_at: int, exchange_at: int | None, due: int | None, hours: float | None, now: int, threshold_seconds: int
) -> str | None:
    """Why the row is no longer to be trusted, in words; None while it is."""
    if now - observed_at > threshold_seconds:
        return f"not observed for more than {threshold_seconds} s"
    if exchange_at is not None and now - exchange_at > OLDEST_STAMP_SECONDS:
        return "the exchange's own stamp is more than an hour old"
    if is_overdue(due, hours, now):
        return "its next funding time lies more than one interval in the past"
    return None


def frozen(rows: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The exchanges whose contracts are all stale: such a one may answer, and with old figures alone.

    `rows`: of every contract its exchange, and whether it is stale.
    """
    known, fresh = set[str](), set[str]()
    for exchange, stale in rows:
        known.add(exchange)
        if not stale:
            fresh.add(exchange)
    return frozenset(known - fresh)


def together(rows: Sequence[Mapping[str, Any]]) -> Row:
    """What the rows of one asset come to: median and highest minus lowest annualised rate, of those that are neither stale nor
    suspect."""
    trusted = [row for row in rows if not row["stale"] and row["suspect"] is None]
    yields = [row["annualized_pct"] for row in trusted if row["annualized_pct"] is not None]
    return {
        "median_annualized_pct": round(median(yields), NOISE) if yields else None,
        "spread_annualized_pct": round(max(yields) - min(yields), NOISE) if yields else None,
    }
