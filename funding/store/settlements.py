"""What was actually charged, contract by contract, and what had been quoted for it."""

import logging
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace

from funding.errors import StoreError
from funding.store.observations import select_at
from funding.store.open import in_words, transaction

log = logging.getLogger(__name__)

MINUTE = 60
LEADS = (600, 3600, 14_400)  # of predicted_10m, _1h and _4h, seconds
LATITUDE_SECONDS = 600  # a quote so much older than its lead still counts for it: two cycles at the default interval


@dataclass(frozen=True, slots=True)
class Charged:
    """One settlement. Rates are fractions of notional, positive = longs paid; `funding_time` in Unix seconds."""

    contract_id: int
    funding_time: int
    rate: float
    interval_hours: float | None
    mark_price: float | None
    source: str  # observed: our last observation before it; venue: the exchange's own word
    predicted_10m: float | None = None  # what was quoted for it 10 minutes, 1 and 4 hours before
    predicted_1h: float | None = None
    predicted_4h: float | None = None


def save_settlements(conn: sqlite3.Connection, rows: Iterable[Charged]) -> None:
    """The exchange's word replaces what was observed, never the reverse; a figure once known stays. Raises StoreError."""
    with transaction(conn):
        insert_settlements(conn, rows)


def insert_settlements(conn: sqlite3.Connection, rows: Iterable[Charged]) -> None:
    """save_settlements() within the caller's transaction."""
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


def with_predictions(conn: sqlite3.Connection, rows: Iterable[Charged]) -> Iterator[Charged]:
    """The same with what had been quoted for each: by the observation nearest to its lead among those not after it.

    None where there is none within LATITUDE_SECONDS, or where the quote was for another settlement: four hours before
    an hourly one nobody quotes it yet.
    """
    by_time: dict[int, list[Charged]] = {}
    for row in rows:
        by_time.setdefault(row.funding_time, []).append(row)
    for funding_time, together in by_time.items():
        contract_ids = [row.contract_id for row in together]
        quoted = [_quoted(conn, contract_ids, funding_time, lead) for lead in LEADS]
        for row in together:
            minutes, hour, hours = (rates.get(row.contract_id) for rates in quoted)
            yield replace(row, predicted_10m=minutes, predicted_1h=hour, predicted_4h=hours)


def _quoted(conn: sqlite3.Connection, contract_ids: Collection[int], funding_time: int, lead: int) -> dict[int, float]:
    """Rates by contract. None at all where observations are damaged: no reason not to store what is new."""
    try:
        observations = list(select_at(conn, funding_time - lead, contract_ids, within=LATITUDE_SECONDS))
    except StoreError as error:
        log.warning("what was quoted %d s before %d is not known: %s", lead, funding_time, error)
        return {}
    return {
        one.contract_id: one.rate
        for one in observations
        if one.next_funding_time is not None and to_minute(one.next_funding_time) == funding_time
    }


def to_minute(moment: int) -> int:
    """The time that a settlement is stored under: exchanges stamp it seconds late, not always by the same."""
    return moment - moment % MINUTE


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


def select_charges(
    conn: sqlite3.Connection, contract_ids: Sequence[int], start: int, end: int
) -> Iterator[tuple[int, int, float, float | None]]:
    """contract_id, funding_time, rate, interval_hours, `start` ≤ funding_time < `end`, by contract and time.

    As plain tuples: of a hundred contracts a month is fifty thousand of them. Raises StoreError.
    """
    cursor = conn.cursor()
    cursor.row_factory = None
    with in_words(conn):
        yield from cursor.execute(
            f"""
            SELECT contract_id, funding_time, rate, interval_hours FROM settlement
            WHERE contract_id IN ({", ".join("?" * len(contract_ids))}) AND funding_time >= ? AND funding_time < ?
            ORDER BY contract_id, funding_time
            """,  # noqa: S608 - question marks
            (*contract_ids, start, end),
        )


def select_errors(conn: sqlite3.Connection, start: int, end: int) -> list[sqlite3.Row]:
    """How far what was quoted was from what was charged, `start` ≤ funding_time < `end`, added up by exchange and source.

    exchange, source, settlements; for each of 10m, 1h and 4h before: settlements_*, those of which a quote is known,
    error_*, the sum of predicted - charged, and absolute_error_*. Raises StoreError.
    """
    sums = ", ".join(
        f"count(s.predicted_{lead}) AS settlements_{lead}, total(s.predicted_{lead} - s.rate) AS error_{lead},"
        f" total(abs(s.predicted_{lead} - s.rate)) AS absolute_error_{lead}"
        for lead in ("10m", "1h", "4h")
    )
    with in_words(conn):
        return conn.execute(
            f"""
            SELECT c.exchange, s.source, count(*) AS settlements, {sums}
            FROM contract AS c CROSS JOIN settlement AS s ON s.contract_id = c.id
            WHERE s.funding_time >= ? AND s.funding_time < ?
            GROUP BY c.exchange, s.source
            """,  # noqa: S608 - of our own words; contracts first, since settlements lie by contract and time
            (start, end),
        ).fetchall()
