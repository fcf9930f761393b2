"""Takes out what has been kept long enough. Settlements and interval changes are kept for ever."""

import sqlite3
from dataclasses import dataclass

from funding.store.open import transaction

HOUR, DAY = 3600, 86_400
OBSERVATION_DAYS, RUN_DAYS = 30, 90
MOST_HOURS = 24  # of observations, in one transaction
MOST_RUNS = 2000


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out. Where it is as much as is taken at once, there may be more."""

    hours: int  # of observations
    runs: int


def prune(
    conn: sqlite3.Connection, now: int, *, observation_days: int = OBSERVATION_DAYS, run_days: int = RUN_DAYS
) -> Pruned:
    """Two short transactions; the next call goes on. Raises StoreError.

    The last good and the last failed run of each exchange stay, so the newest of all does: what is current hangs on them.
    """
    return Pruned(_prune_hours(conn, now - observation_days * DAY), _prune_runs(conn, now - run_days * DAY))


def _prune_hours(conn: sqlite3.Connection, oldest: int) -> int:
    with transaction(conn):
        hours = conn.execute(
            "SELECT DISTINCT hour FROM observation_hour WHERE hour <= ? ORDER BY hour LIMIT ?",
            (oldest - HOUR, MOST_HOURS),
        ).fetchall()
        conn.executemany("DELETE FROM observation_hour WHERE hour = ?", hours)
        conn.execute("DELETE FROM observation WHERE at < ?", (oldest,))  # there, if merging failed all the time
    return len(hours)


def _prune_runs(conn: sqlite3.Connection, oldest: int) -> int:
    """Looks at the lowest ids alone: they are in the order of time, and an index by time would cost every run."""
    with transaction(conn):
        return conn.execute(
            """
            DELETE FROM run
            WHERE id IN (SELECT id FROM run ORDER BY id LIMIT ?) AND started_at < ? AND CASE
                WHEN error_kind IS NULL THEN EXISTS (SELECT 1 FROM run AS newer
                    WHERE newer.exchange = run.exchange AND newer.id > run.id AND newer.error_kind IS NULL)
                ELSE EXISTS (SELECT 1 FROM run AS newer
                    WHERE newer.exchange = run.exchange AND newer.id > run.id AND newer.error_kind IS NOT NULL)
            END
            """,
            (MOST_RUNS, oldest),
        ).rowcount
