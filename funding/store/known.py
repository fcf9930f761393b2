"""What is known of contracts' settled history, for whoever asks exchanges for the rest: settlements, and how far back was asked."""

import sqlite3

from funding.store.open import in_words


def select_known(
    conn: sqlite3.Connection, contract_id: int, start: int, end: int, observed: int | None
) -> list[tuple[int, float | None]]:
    """Time and interval of the settlements from `start` to `end`, both included, oldest first. Raises StoreError.

    Those that the exchange told, and those that were observed from `observed` on; None: none that was observed.
    """
    with in_words(conn):
        cursor = conn.cursor()
        cursor.row_factory = None  # plain tuples: a month of all contracts is millions of them
        return cursor.execute(
            """
            SELECT funding_time, interval_hours
            FROM settlement
            WHERE contract_id = ? AND funding_time BETWEEN ? AND ? AND (source = 'venue' OR funding_time >= ?)
            ORDER BY funding_time
            """,
            (contract_id, start, end, end + 1 if observed is None else observed),
        ).fetchall()


def insert_asked(conn: sqlite3.Connection, contract_id: int, since: int) -> None:
    """All that the exchange has from `since` on, Unix seconds, was asked for. Within the caller's transaction."""
    conn.execute(
        """
        INSERT INTO history_asked (contract_id, since) VALUES (?, ?)
        ON CONFLICT (contract_id) DO UPDATE SET since = excluded.since WHERE excluded.since < since
        """,
        (contract_id, since),
    )


def select_asked(conn: sqlite3.Connection, exchange: str) -> dict[int, int]:
    """contract_id → since, of the exchange's contracts that were asked. Raises StoreError."""
    with in_words(conn):
        rows = conn.execute(
            """
            SELECT a.contract_id, a.since
            FROM history_asked AS a JOIN contract AS c ON c.id = a.contract_id
            WHERE c.exchange = ?
            """,
            (exchange,),
        )
        return {row["contract_id"]: row["since"] for row in rows}
