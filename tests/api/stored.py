"""Writes what a collector would: declared exchanges, and runs that went well or failed."""

import sqlite3
from pathlib import Path
from typing import Any, Self

from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.exchanges import Declaration, declare
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.runs import save

NOW = 1_800_000_005  # 2027-01-15 08:00:05 UTC; funding was paid at 08:00
NEXT = 1_800_028_800  # 16:00


def rate(symbol: str, base: str, funding_rate: float = 0.0001, **changes: Any) -> Rate:
    """A linear eight-hour USDT contract that was observed just now, unless it is said otherwise."""
    usual: dict[str, Any] = {
        "asset": base,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_interval_hours": 8.0,
        "next_funding_time": NEXT,
        "observed_at": NOW - 5,
    }
    return Rate(symbol=symbol, base=base, funding_rate=funding_rate, **(usual | changes))


class Stored:
    def __init__(self, path: Path) -> None:
        self.connection: sqlite3.Connection = writer(path)
        migrate(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def declare(self, *exchanges: str) -> None:
        declare(self.connection, [Declaration(one, one.title(), "cex", 1, 3, "10 a second", 0.25) for one in exchanges])

    def good(self, exchange: str, *rates: Rate, at: int = NOW - 6, **more: Any) -> int:
        """A run that brought these rates."""
        outcome = Outcome(exchange=exchange, started_at=at, took_seconds=1.5, calls=3, rates=rates, **more)
        return save(self.connection, outcome, clock=lambda: at)

    def failed(self, exchange: str, kind: str, words: str, at: int = NOW - 6) -> int:
        outcome = Outcome(exchange=exchange, started_at=at, took_seconds=0.5, calls=1, error_kind=kind, error=words)
        return save(self.connection, outcome, clock=lambda: at)

    def three_exchanges(self) -> None:
        """bybit and okx with linear contracts, deribit with an inverse one that pays every hour."""
        self.declare("bybit", "deribit", "okx")
        self.good(
            "okx",
            rate("BTC-USDT-SWAP", "BTC", 0.0001, volume_24h_usd=5e9, open_interest_usd=2e9),
            rate("PEPE-USDT-SWAP", "PEPE", -0.0005, volume_24h_usd=3e7),
        )
        self.good(
            "bybit",
            rate("BTCUSDT", "BTC", 0.0003, volume_24h_usd=4e9, open_interest_usd=3e9),
            rate("1000PEPEUSDT", "1000PEPE", 0.0002, asset="PEPE", multiplier=1000.0, funding_interval_hours=4.0),
        )
        inverse: dict[str, Any] = {"kind": "inverse", "quote": "USD", "settle": "BTC", "funding_interval_hours": 1.0}
        self.good("deribit", rate("BTC-PERPETUAL", "BTC", 0.00005, **inverse, next_funding_time=NOW + 600))
