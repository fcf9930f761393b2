"""Coming settlements, in the order of time."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from funding.analysis.charges import HOUR
from funding.analysis.coming import coming
from funding.analysis.eligible import STALE, Found
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


def calendar(
    rows: Collection[Row], now: int, hours: float = 24, *, exchanges: Collection[str] = (), assets: Collection[str] = ()
) -> Found:
    """The Settlements with now < funding_time <= now + hours, by time, exchange and symbol. `assets` are canonical.

    They fall at next_funding_time + k × interval; where no interval is known, the next alone is given. Stale rows and
    those without a next time are left out and counted.
    """
    left_out: Counter[str] = Counter()
    until = now + round(hours * HOUR)
    found: list[Settlement] = []
    for row in rows:
        exchange, symbol, due = row["exchange"], row["symbol"], row["next_funding_time"]
        if (exchanges and exchange not in exchanges) or (assets and row["asset"] not in assets):
            continue
        if row["stale"] or due is None:
            left_out[STALE if row["stale"] else NO_TIME] += 1
            continue
        found += [Settlement(moment, exchange, symbol, moment == due, row) for moment in coming(row, now, until)]
    return Found(sorted(found), left_out)


def calendar_row(one: Settlement) -> dict[str, Any]:
    """With FIELDS. The rate and its kind are None with all but the next settlement: it is quoted for that one alone.

    time_source: reported, or derived: from the interval, by us.
    """
    row = one.row
    return {
        "funding_time": one.funding_time,
        "exchange": one.exchange,
        "symbol": one.symbol,
        "asset": row["asset"],
        "funding_rate": row["funding_rate"] if one.is_next else None,
        "funding_rate_pct": row["funding_rate_pct"] if one.is_next else None,
        "rate_kind": row["rate_kind"] if one.is_next else None,
        "funding_interval_hours": row["funding_interval_hours"],
        "time_source": row["next_funding_source"] if one.is_next else "derived",
    }
