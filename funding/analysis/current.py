"""A stored row and a moment → the row of `current`: what follows from the figures, and what changes with the clock.

Pure: the caller brings the row and the moment.
"""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Protocol

Row = dict[str, Any]

HOURS_A_YEAR = 8760
OLDEST_STAMP_SECONDS = 3600
NOISE = 10  # decimals of a percentage: 0.0003 * 100 is 0.030000000000000002; a rate itself is never rounded

FIELDS = (
    "exchange", "symbol", "unified_symbol", "base", "asset", "asset_class", "multiplier", "quote", "settle", "kind",
    "funding_rate", "funding_rate_pct", "rate_1h_pct", "rate_8h_pct", "annualized_pct", "rate_kind",
    "funding_interval_hours", "interval_source", "next_funding_time", "next_funding_source",
    "last_settled_rate", "last_settled_at", "funding_rate_cap", "funding_rate_floor", "at_cap",
    "mark_price", "index_price", "open_interest_usd", "volume_24h_usd",
    "exchange_at", "observed_at", "age_seconds", "stale", "stale_reason", "suspect",
)  # fmt: skip


class Stored(Protocol):
    """A row of the store: a mapping, or the database's own row."""

    def __getitem__(self, field: str, /) -> Any: ...


def current(stored: Stored, now: int, stale_threshold_seconds: int, fields: Sequence[str] = FIELDS) -> Row:
    """The row as it is shown at `now` (Unix seconds): these of FIELDS, in their order; unknown is None."""
    return {
        field: COMPUTED[field](stored, now, stale_threshold_seconds) if field in COMPUTED else stored[field]
        for field in fields
    }


def value(stored: Stored, field: str, now: int, stale_threshold_seconds: int) -> Any:
    """One field of that row: what sorting needs of the rows that are not shown."""
    return COMPUTED[field](stored, now, stale_threshold_seconds) if field in COMPUTED else stored[field]


def age(moment: int, now: int) -> int:
    """Seconds since then. 0 where the clock was set back meanwhile: an age is never negative."""
    return max(0, now - moment)


def rate_pct(stored: Stored, hours: int) -> float | None:
    """What the rate comes to in so many hours, in percent, not compounded; None where the interval is unknown."""
    interval = stored["funding_interval_hours"]
    return None if interval is None else round(stored["funding_rate"] * hours / interval * 100, NOISE)


def unified_symbol(stored: Stored) -> str | None:
    """BTC/USDT:USDT, inverse BTC/USD:BTC. None for a linear contract whose settlement currency is unknown."""
    settle = stored["settle"] or (stored["base"] if stored["kind"] == "inverse" else None)
    return None if settle is None else f"{stored['base']}/{stored['quote']}:{settle}"


def at_cap(stored: Stored) -> bool | None:
    """Whether the rate is held at one of its limits; None where the limit that it might be at is unknown."""
    rate, cap, floor = stored["funding_rate"], stored["funding_rate_cap"], stored["funding_rate_floor"]
    if cap is not None and (rate >= cap or math.isclose(rate, cap)):
        return True
    if floor is not None and (rate <= floor or math.isclose(rate, floor)):
        return True
    return None if cap is None or floor is None else False


def next_funding(stored: Stored, now: int) -> tuple[int | None, str | None]:
    """The time and its source. One that has passed by up to an interval is moved on by whole intervals: derived.

    Passed by more, it stays as it was reported, and the row is stale; with the interval unknown, so is the next time.
    """
    due, hours = stored["next_funding_time"], stored["funding_interval_hours"]
    if due is None or due > now:
        return due, stored["next_funding_source"]
    if hours is None:
        return None, None
    if is_overdue(stored, now):
        return due, stored["next_funding_source"]
    interval = hours * 3600
    return math.ceil(due + ((now - due) // interval + 1) * interval), "derived"


def is_overdue(stored: Stored, now: int) -> bool:
    """Whether the next time lies more than one interval in the past: a settlement went by without our hearing of it."""
    due, hours = stored["next_funding_time"], stored["funding_interval_hours"]
    return due is not None and hours is not None and now - due > hours * 3600


def stale_reason(stored: Stored, now: int, stale_threshold_seconds: int) -> str | None:
    """Why the row is no longer to be trusted, in words; None while it is."""
    if now - stored["observed_at"] > stale_threshold_seconds:
        return f"not observed for more than {stale_threshold_seconds} s"
    if stored["exchange_at"] is not None and now - stored["exchange_at"] > OLDEST_STAMP_SECONDS:
        return "the exchange's own stamp is more than an hour old"
    if is_overdue(stored, now):
        return "its next funding time lies more than one interval in the past"
    return None


# The fields that are not stored: how each follows from the row, the moment and the age from which a row is stale
COMPUTED: dict[str, Callable[[Stored, int, int], Any]] = {
    "unified_symbol": lambda row, now, limit: unified_symbol(row),
    "funding_rate_pct": lambda row, now, limit: round(row["funding_rate"] * 100, NOISE),
    "rate_1h_pct": lambda row, now, limit: rate_pct(row, 1),
    "rate_8h_pct": lambda row, now, limit: rate_pct(row, 8),
    "annualized_pct": lambda row, now, limit: rate_pct(row, HOURS_A_YEAR),
    "next_funding_time": lambda row, now, limit: next_funding(row, now)[0],
    "next_funding_source": lambda row, now, limit: next_funding(row, now)[1],
    "at_cap": lambda row, now, limit: at_cap(row),
    "age_seconds": lambda row, now, limit: age(row["observed_at"], now),
    "stale": lambda row, now, limit: stale_reason(row, now, limit) is not None,
    "stale_reason": lambda row, now, limit: stale_reason(row, now, limit),
    "suspect": lambda row, now, limit: None,
}


def together(rows: Sequence[Row]) -> Row:
    """What the rows of one asset come to: median and highest minus lowest annualised rate, of those that are not stale."""
    yields = [row["annualized_pct"] for row in rows if not row["stale"] and row["annualized_pct"] is not None]
    return {
        "median_annualized_pct": round(median(yields), NOISE) if yields else None,
        "spread_annualized_pct": round(max(yields) - min(yields), NOISE) if yields else None,
    }
