"""Rows of `current` as the service makes them, for tests to change what they are about."""

from dataclasses import asdict
from typing import Any

from funding.analysis.current import current
from funding.analysis.prices import price_suspects
from funding.rate import Rate

NOW = 1_800_000_005  # 2027-01-15 08:00:05 UTC; funding was paid at 08:00
NEXT = 1_800_028_800  # 16:00
EIGHT_HOURS = 28_800

Row = dict[str, Any]


def row(where: str, funding_rate: float = 0.0001, **changes: Any) -> Row:
    """A fresh contract `exchange:symbol` of BTC in USDT that pays every 8 hours: 0.0001 is 10.95 % a year."""
    exchange, symbol = where.split(":", 1)
    suspect = changes.pop("suspect", None)
    asset = changes.pop("asset", "BTC")
    usual: Row = {
        "exchange": exchange,
        "symbol": symbol,
        "base": asset,
        "asset": asset,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_rate": funding_rate,
        "funding_interval_hours": 8.0,
        "next_funding_time": NEXT,
        "mark_price": 100.0,
        "open_interest_usd": 1e7,
        "volume_24h_usd": 1e7,
        "observed_at": NOW - 5,
    }
    return current(asdict(Rate(**(usual | changes))), NOW, 900) | {"suspect": suspect}


def stale(where: str, funding_rate: float = 0.0001, **changes: Any) -> Row:
    return row(where, funding_rate, observed_at=NOW - 901, **changes)


def judged(rows: list[Row]) -> list[Row]:
    """The same, those marked whose price is not that of their asset."""
    suspects = price_suspects(rows)
    return [one | {"suspect": one["suspect"] or suspects.get((one["exchange"], one["symbol"]))} for one in rows]
