"""The log of funding intervals that changed."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from funding.store.open import in_words
from funding.store.rates import conditions


@dataclass(frozen=True, slots=True)
class IntervalChange:
    """`changed_at`: when the new interval was first seen, Unix seconds."""

    contract_id: int
    changed_at: int
    from_hours: float
    to_hours: float


def insert_interval_changes(conn: sqlite3.Connection, changes: Iterable[IntervalChange]) -> None:
    """Within the caller's transaction."""
    conn.executemany(
        """
        INSERT INTO interval_change (contract_id, changed_at, from_hours, to_hours) VALUES (?, ?, ?, ?)
        ON CONFLICT (contract_id, changed_at) DO UPDATE SET
            from_hours = excluded.from_hours, to_hours = excluded.to_hours
        """,
        map(astuple, changes),
    )


def select_interval_changes(
    conn: sqlite3.Connection, *, exchanges: Sequence[str] = (), assets: Sequence[str] = (), since: int | None = None
) -> Iterator[sqlite3.Row]:
    """contract_id, exchange, symbol, base, asset, changed_at, from_hours, to_hours; the newest first. Raises StoreError.

    Exchanges that are no longer collected and contracts that are no longer listed are in it. `since`: Unix seconds.
    """
    among, values = conditions({"c.exchange": exchanges, "c.asset": assets}, {"i.changed_at": since})
    with in_words(conn):
        yield from conn.execute(
            f"""
            SELECT i.contract_id, c.exchange, c.symbol, c.base, c.asset, i.changed_at, i.from_hours, i.to_hours
            FROM interval_change AS i JOIN contract AS c ON c.id = i.contract_id
            WHERE true {among}
            ORDER BY i.changed_at DESC, c.exchange, c.symbol
            """,  # noqa: S608 - the conditions are columns named above and question marks
            values,
        )
