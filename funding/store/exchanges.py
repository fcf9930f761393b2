"""The exchanges that this installation collects, and how each stands."""

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from funding.store.open import in_words, transaction
from funding.store.rates import LISTED_SECONDS


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the collector says of an exchange at start."""

    id: str  # the adapter's name
    title: str
    kind: str  # cex, dex
    hosts: int  # how many it asks
    calls_per_cycle: int | None  # None: a list of the exchange tells
    budget: str  # in words, for people: "10 a second"
    budget_share: float | None = None  # part of the budget that a cycle uses, 0 to 1; None: not known


def declare(conn: sqlite3.Connection, declarations: Iterable[Declaration]) -> None:
    """Give all that are collected, due or not: others keep their rows and are no longer shown. Raises StoreError."""
    with transaction(conn):
        conn.execute("UPDATE exchange SET declared = 0")
        conn.executemany(
            """
            INSERT INTO exchange (id, title, kind, hosts, calls_per_cycle, budget, budget_share, declared)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1)
            ON CONFLICT (id) DO UPDATE SET
                title = excluded.title, kind = excluded.kind, hosts = excluded.hosts,
                calls_per_cycle = excluded.calls_per_cycle, budget = excluded.budget,
                budget_share = excluded.budget_share, declared = 1
            """,
            map(astuple, declarations),
        )


def select_exchanges(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every declared exchange by id, run or not.

    Columns: those of Declaration; contracts, as many as select_current() gives; of the last run last_run_id,
    last_run_at, fetch_seconds, calls and, as JSON text, skipped, failures, notices; last_success_at of the last good
    one and consecutive_failures since; of the last failed one, maybe long past, last_failure_at, last_error_kind,
    last_error. None where there was no such run. Times are when a run began. Raises StoreError.
    """
    with in_words(conn):
        return conn.execute(
            """
            WITH mark AS (
                SELECT id AS exchange,
                    (SELECT max(id) FROM run WHERE exchange = exchange.id AND error_kind IS NULL) AS good,
                    (SELECT max(id) FROM run WHERE exchange = exchange.id AND error_kind IS NOT NULL) AS failed
                FROM exchange WHERE declared = 1
            )
            SELECT e.id, e.title, e.kind, e.hosts, e.calls_per_cycle, e.budget, e.budget_share,
                last.id AS last_run_id, last.started_at AS last_run_at, last.took_seconds AS fetch_seconds, last.calls,
                last.skipped, last.failures, last.notices,
                good.started_at AS last_success_at,
                (SELECT count(*) FROM contract AS c JOIN latest AS l ON l.contract_id = c.id
                    WHERE c.exchange = e.id AND l.observed_at > good.started_at - ?) AS contracts,
                (SELECT count(*) FROM run WHERE exchange = e.id AND error_kind IS NOT NULL
                    AND id > coalesce(mark.good, 0)) AS consecutive_failures,
                failed.started_at AS last_failure_at, failed.error_kind AS last_error_kind, failed.error AS last_error
            FROM mark
            JOIN exchange AS e ON e.id = mark.exchange
            LEFT JOIN run AS good ON good.id = mark.good
            LEFT JOIN run AS failed ON failed.id = mark.failed
            LEFT JOIN run AS last
                ON last.id = CASE WHEN mark.failed > coalesce(mark.good, 0) THEN mark.failed ELSE mark.good END
            ORDER BY e.id
            """,
            (LISTED_SECONDS,),
        ).fetchall()


def newest_run(conn: sqlite3.Connection) -> int | None:
    """The id of the newest run of any exchange: changes whenever anything was collected. None before the first."""
    with in_words(conn):
        newest: int | None = conn.execute("SELECT max(id) FROM run").fetchone()[0]
    return newest
