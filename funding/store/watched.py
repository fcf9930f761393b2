"""The few figures that the watch asks for every other second: whether anything is new, and how the clocks compare."""

import sqlite3
from typing import NamedTuple

from funding.store.open import in_words


class Newest(NamedTuple):
    """What was stored last. None: nothing yet. Times in Unix seconds."""

    run: int | None  # its id
    run_ended_at: float | None
    cycle: int | None  # when the newest cycle ended
    event: int | None  # its id


def select_newest(conn: sqlite3.Connection) -> Newest:
    """Raises StoreError."""
    with in_words(conn):
        run = conn.execute("SELECT id, started_at + took_seconds FROM run ORDER BY id DESC LIMIT 1").fetchone()
        cycle = conn.execute("SELECT max(at) FROM observation").fetchone()[0]
        event = conn.execute("SELECT max(id) FROM event").fetchone()[0]
    return Newest(None, None, cycle, event) if run is None else Newest(run[0], run[1], cycle, event)


def select_leads(conn: sqlite3.Connection, since: int) -> list[int]:
    """Of each exchange: by how many seconds its own newest stamp lies after our time of the same row. Raises StoreError.

    `since`: only what was observed later, Unix seconds.
    """
    with in_words(conn):
        return [
            row[0]
            for row in conn.execute(
                """
                SELECT max(l.exchange_at - l.observed_at)
                FROM latest AS l JOIN contract AS c ON c.id = l.contract_id
                WHERE l.exchange_at IS NOT NULL AND l.observed_at > ?
                GROUP BY c.exchange
                """,
                (since,),
            )
        ]
