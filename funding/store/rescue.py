"""What to do about a database that is found damaged at start: it is moved aside, and a good one put in its place."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from funding.errors import FundingError
from funding.store.backup import aside, backups, restore
from funding.store.events import save_event
from funding.store.migrate import migrate
from funding.store.open import APPLICATION_ID, in_words, writer

log = logging.getLogger(__name__)

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def rescue(database: Path, folder: Path, now: int) -> str | None:
    """What was wrong and what was done, in words; None where the file is sound, or there is none. Raises StoreError.

    Only the holder of the lock may call it. The newest backup in `folder` that proves good is restored; with none the
    database begins anew. A file that cannot be read for another reason, or may be another program's, is left alone.
    """
    found = damage(database)
    if found is None or not _is_ours(database, folder):
        return None
    moved = aside(database, "damaged", now)
    done = _restored(database, folder) or f"began anew, since {folder} has no good backup"
    words = f"{database} was damaged ({found}): moved to {moved}, {done}"
    log.critical("%s", words)
    with closing(writer(database, synchronous="FULL")) as conn:
        migrate(conn)
        save_event(conn, "rescue", words, now)
    return words


def damage(database: Path) -> str | None:
    """What SQLite finds wrong with the file's structure, reading all of it; None: nothing. Raises StoreError."""
    if not database.exists():
        return None
    with in_words(database):
        try:
            with closing(sqlite3.connect(database, isolation_level=None)) as conn:
                found: str = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in DAMAGED:
                raise
            found = str(error)
    return None if found == "ok" else " ".join(found.split())


def _is_ours(database: Path, folder: Path) -> bool:
    """By its first page; where that is destroyed, because backups of it have been made."""
    with database.open("rb") as file:
        page = file.read(100)
    return page[68:72] == APPLICATION_ID.to_bytes(4, "big") or bool(backups(folder))


def _restored(database: Path, folder: Path) -> str | None:
    for backup in backups(folder):
        try:
            restore(backup, database)
        except FundingError as error:
            log.error("%s", error)  # noqa: TRY400  its words say it all; the next older one is tried
        else:
            return f"restored from {backup.path}"
    return None
