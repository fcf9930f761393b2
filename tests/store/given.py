"""What the tests store: rates and runs at a fixed moment, of two declared exchanges."""

import sqlite3
from typing import Any

from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.exchanges import Declaration

NOW = 1_790_000_000
DAY = 86_400
OKX = Declaration(
    id="okx", title="OKX", kind="cex", hosts=1, calls_per_cycle=3, budget="10 a second", budget_share=0.001
)
XT = Declaration(id="xt", title="XT", kind="cex", hosts=2, calls_per_cycle=None, budget="1 a second")


def rate(symbol: str = "BTC-USDT-SWAP", **other: Any) -> Rate:
    base = symbol.partition("-")[0]
    given = {"exchange": "okx", "base": base, "asset": base, "quote": "USDT", "kind": "linear", "funding_rate": 0.0001}
    return Rate(**{"symbol": symbol, "observed_at": NOW, **given, **other})


def run(*rates: Rate, **other: Any) -> Outcome:
    return Outcome(**{"exchange": "okx", "started_at": NOW, "took_seconds": 1.5, "calls": 3, "rates": rates, **other})


def failed(**other: Any) -> Outcome:
    return run(**{"error_kind": "timeout", "error": "www.okx.com: no answer within 20 s", **other})


def rows(conn: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(sql)]
