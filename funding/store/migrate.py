"""Brings a database to this code's schema, and says whether this code may write to the one it finds."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from funding.errors import StoreError
from funding.store.open import in_words, path_of, transaction

SCHEMA = Path(__file__).parent / "schema"


@dataclass(frozen=True, slots=True)
class State:
    """`schema`: migrations applied, 0 in a new file. `writable_from`: the oldest schema whose code may still write."""

    schema: int
    writable_from: int


def state(conn: sqlite3.Connection) -> State:
    with in_words(conn):
        if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_number'").fetchone():
            return State(0, 0)
        row = conn.execute("SELECT schema, writable_from FROM schema_number").fetchone()
    if row is None:
        raise StoreError(f"{path_of(conn)}: the database has lost its schema number; restore it from a backup")
    return State(*row)


def migrate(conn: sqlite3.Connection, folder: Path = SCHEMA) -> list[int]:
    """Applies what is missing, each file in a transaction of its own; the numbers applied. Raises StoreError."""
    _check_not_from_the_future(conn, folder)
    return [number for number, file in _migrations(folder).items() if _apply(conn, number, file)]


def pending(conn: sqlite3.Connection, folder: Path = SCHEMA) -> list[int]:
    """The numbers that migrate() would apply. Raises StoreError for a database from the future."""
    _check_not_from_the_future(conn, folder)
    done = state(conn).schema
    return [number for number in _migrations(folder) if number > done]


def check_writable(conn: sqlite3.Connection, folder: Path = SCHEMA) -> None:
    """Raises StoreError where this code must not write: a database from the future, behind, corrupt or not ours."""
    _check_not_from_the_future(conn, folder)
    found, own = state(conn).schema, max(_migrations(folder))
    if found < own:
        raise StoreError(f"{path_of(conn)}: its schema is {found}, this release needs {own}; run `funding migrate`")


def _check_not_from_the_future(conn: sqlite3.Connection, folder: Path) -> None:
    found, own = state(conn), max(_migrations(folder))
    if found.writable_from > own:
        raise StoreError(
            f"{path_of(conn)}: the database is from a newer release: only schema {found.writable_from} and later may"
            f" write to it, this release has {own}; install the newer release, or restore the backup made before it"
        )


def _migrations(folder: Path) -> dict[int, Path]:
    return {int(file.name[:4]): file for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def _apply(conn: sqlite3.Connection, number: int, file: Path) -> bool:
    with transaction(conn):
        if state(conn).schema >= number:  # looked at under the lock: two may migrate at once
            return False
        for statement in _statements(file.read_text(encoding="utf-8")):
            conn.execute(statement)
        conn.execute("UPDATE schema_number SET schema = ?", (number,))
    return True


def _statements(script: str) -> Iterator[str]:
    """One by one, because executescript() would commit before it begins."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
