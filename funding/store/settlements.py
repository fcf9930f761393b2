"""What was actually charged, contract by contract."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from funding.store.open import in_words, transaction


@dataclass(frozen=True, slots=True)
class Charged:
    """One settlement. Rates are fractions of notional, positive = longs paid; `funding_time` in Unix seconds."""

    contract_id: int
    funding_time: int
    rate: float
    interval_hours: float | None
    mark_price: float | None
    source: str  # observed: our last observation before it; history: the exchange's own record
    predicted_10m: float | None = None  # what was quoted 10 minutes, 1 and 4 hours before
    predicted_1h: float | None = None
    predicted_4h: float | None = None


def save_settlements(conn: sqlite3.Connection, rows: Iterable[Charged]) -> None:
    """History replaces what was observed, never the reverse; a figure once known is not lost. Raises StoreError."""
    with transaction(conn):
        conn.executemany(
            """
            INSERT INTO settlement (contract_id, funding_time, rate, interval_hours, mark_price, source, predicted_10m,
                predicted_1h, predicted_4h)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (contract_id, funding_time) DO UPDATE SET
                rate = CASE WHEN settlement.source = 'venue' AND excluded.source = 'observed'
                    THEN settlement.rate ELSE excluded.rate END,
                interval_hours = CASE WHEN settlement.source = 'venue' AND excluded.source = 'observed'
                    THEN coalesce(settlement.interval_hours, excluded.interval_hours)
                    ELSE coalesce(excluded.interval_hours, settlement.interval_hours) END,
                mark_price = CASE WHEN settlement.source = 'venue' AND excluded.source = 'observed'
                    THEN coalesce(settlement.mark_price, excluded.mark_price)
                    ELSE coalesce(excluded.mark_price, settlement.mark_price) END,
                source = CASE WHEN settlement.source = 'venue' THEN 'venue' ELSE excluded.source END,
                predicted_10m = coalesce(excluded.predicted_10m, settlement.predicted_10m),
                predicted_1h = coalesce(excluded.predicted_1h, settlement.predicted_1h),
                predicted_4h = coalesce(excluded.predicted_4h, settlement.predicted_4h)
            """,
            map(astuple, rows),
        )


def select_settlements(
    conn: sqlite3.Connection, contract_ids: Sequence[int], start: int, end: int
) -> Iterator[sqlite3.Row]:
    """The table's columns, `start` ≤ funding_time < `end`, by contract and time. Raises StoreError."""
    with in_words(conn):
        yield from conn.execute(
            f"""
            SELECT contract_id, funding_time, rate, interval_hours, mark_price, source, predicted_10m, predicted_1h,
                predicted_4h
            FROM settlement
            WHERE contract_id IN ({", ".join("?" * len(contract_ids))}) AND funding_time >= ? AND funding_time < ?
            ORDER BY contract_id, funding_time
            """,  # noqa: S608 - question marks
            (*contract_ids, start, end),
        )
