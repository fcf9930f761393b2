"""Rows of `current` in the structure that ccxt calls FundingRate, under the symbols that it uses. Times in milliseconds."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from funding.analysis.prices import Row

FIELDS = (
    "info", "symbol", "markPrice", "indexPrice", "interestRate", "estimatedSettlePrice", "timestamp", "datetime",
    "fundingRate", "fundingTimestamp", "fundingDatetime",
    "nextFundingRate", "nextFundingTimestamp", "nextFundingDatetime",
    "previousFundingRate", "previousFundingTimestamp", "previousFundingDatetime", "interval",
)  # fmt: skip

FundingRate = dict[str, Any]


def by_exchange(rows: Iterable[Row]) -> dict[str, dict[str, FundingRate]]:
    """{exchange: {unified symbol: FundingRate}}, in the order of the rows.

    A second contract with a unified symbol that its exchange already has goes under its own symbol, and so does one that
    has none, since its settlement currency is not known.
    """
    found: dict[str, dict[str, FundingRate]] = defaultdict(dict)
    for row in rows:
        there, unified = found[row["exchange"]], row["unified_symbol"]
        there[row["symbol"] if unified is None or unified in there else unified] = funding_rate(row)
    return dict(found)


def funding_rate(row: Row) -> FundingRate:
    """One row, with FIELDS; `info` is the row itself.

    ccxt's fundingRate is the coming one and fundingTimestamp when it is charged; its nextFundingRate, the one after that,
    we do not have. The timestamp is the exchange's own, or when the rate was observed where the exchange stamps nothing.
    """
    at = row["exchange_at"] or row["observed_at"]
    return {
        "info": dict(row),
        "symbol": row["unified_symbol"] or row["symbol"],
        "markPrice": row["mark_price"],
        "indexPrice": row["index_price"],
        "interestRate": None,
        "estimatedSettlePrice": None,
        "timestamp": milliseconds(at),
        "datetime": iso(at),
        "fundingRate": row["funding_rate"],
        "fundingTimestamp": milliseconds(row["next_funding_time"]),
        "fundingDatetime": iso(row["next_funding_time"]),
        "nextFundingRate": None,
        "nextFundingTimestamp": None,
        "nextFundingDatetime": None,
        "previousFundingRate": row["last_settled_rate"],
        "previousFundingTimestamp": milliseconds(row["last_settled_at"]),
        "previousFundingDatetime": iso(row["last_settled_at"]),
        "interval": interval(row["funding_interval_hours"]),
    }


def milliseconds(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000


def iso(seconds: int | None) -> str | None:
    """2027-01-15T08:00:00.000Z, as ccxt writes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def interval(hours: float | None) -> str | None:
    """8 → "8h"; half an hour → "30m"; what is not whole minutes is in seconds."""
    if hours is None:
        return None
    seconds = round(hours * 3600)
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
