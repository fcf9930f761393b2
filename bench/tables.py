"""The ways in which a collector commonly stores its rows, as peers of our store: a bare append, INSERT OR REPLACE, rows by time."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, get_args

from funding.rate import Rate

COLUMNS = tuple(field.name for field in fields(Rate))
values = attrgetter(*COLUMNS)
TYPES = {str: "TEXT", int: "INTEGER", float: "REAL"}
KEY = "PRIMARY KEY (exchange, symbol)"


def connected(path: Path, *, wal: bool) -> sqlite3.Connection:
    """With our own store's durability where `wal`; else as SQLite comes: a rollback journal and synchronous=FULL."""
    conn = sqlite3.connect(path, isolation_level=None)
    if wal:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = OFF", "wal_autocheckpoint = 0"):
            conn.execute(f"PRAGMA {pragma}")
    return conn


def definition(key: str = "") -> str:
    """CREATE TABLE with every field of a Rate."""
    columns = [f"{field.name} {_type_of(field.type)}" for field in fields(Rate)]
    return f"CREATE TABLE t ({', '.join([*columns, *filter(None, [key])])})"


def _type_of(annotation: Any) -> str:
    """Of a field that is `str`, or `str | None`."""
    return next(name for kind, name in TYPES.items() if kind in (annotation, *get_args(annotation)))


def write(conn: sqlite3.Connection, verb: str, rates: Iterable[Rate]) -> None:
    """All in one transaction. `verb`: INSERT or INSERT OR REPLACE."""
    marks = ", ".join("?" * len(COLUMNS))
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany(f"{verb} INTO t VALUES ({marks})", map(values, rates))
    conn.execute("COMMIT")


CLUSTERED = """
CREATE TABLE t (
    contract_id INTEGER, observed_at INTEGER, rate REAL, interval_hours REAL, next_funding_time INTEGER,
    PRIMARY KEY (contract_id, observed_at)
) WITHOUT ROWID
"""


def append_clustered(conn: sqlite3.Connection, rows: Iterable[Sequence[Any]]) -> None:
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    conn.execute("COMMIT")


def wal_bytes(path: Path) -> int:
    with suppress(FileNotFoundError):
        return Path(f"{path}-wal").stat().st_size
    return 0


def emptied(conn: sqlite3.Connection) -> None:
    """The WAL goes into the file: what is written next can be counted."""
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
