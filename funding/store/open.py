"""The only place that opens the database, sets its pragmas, begins transactions and puts SQLite's errors into words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from funding.errors import NotFoundError, StoreError

APPLICATION_ID = 1182101092  # set by the first migration; tells our file from another program's
BUSY_SECONDS = 5

# name → what is set, what SQLite then says it is
Pragmas = dict[str, tuple[str | int, str | int]]
WRITER: Pragmas = {
    "busy_timeout": (BUSY_SECONDS * 1000, BUSY_SECONDS * 1000),  # others' transactions are short: wait for them
    "journal_mode": ("WAL", "wal"),  # readers go on, undisturbed, while a run is written
    "foreign_keys": ("ON", 1),  # off by default in SQLite
    "journal_size_limit": (64 << 20, 64 << 20),  # a WAL that a slow reader let grow gives its disk space back
    "temp_store": ("MEMORY", 2),  # no temporary files: the sandbox has no place for them, a full disk neither
    "secure_delete": ("OFF", 0),  # Debian's SQLite wipes what is deleted: twice the WAL, and keys are stored as hashes
}
READER: Pragmas = {
    "busy_timeout": (BUSY_SECONDS * 1000, BUSY_SECONDS * 1000),  # only met while another process recovers the WAL
    "query_only": ("ON", 1),  # beside mode=ro: says at once that a statement writes
    "cache_size": (-256, -256),  # KB: every serving thread pays it; the default's 2 MB made no query faster here
    "temp_store": ("MEMORY", 2),
}
# Left at SQLite's default on purpose: mmap_size (0: an I/O error in mapped memory is a SIGBUS that ends the process, not
# an error).


def writer(path: str | Path, *, synchronous: Literal["NORMAL", "FULL"] = "NORMAL") -> sqlite3.Connection:
    """A connection for one thread that writes; creates the file, with the umask's mode. Raises StoreError.

    NORMAL: a power cut may lose the last transactions, never a part of one. FULL: it loses none.
    """
    level = {"NORMAL": 1, "FULL": 2}[synchronous]
    with in_words(path):
        conn = sqlite3.connect(path, isolation_level=None)
        return _prepared(conn, path, {**WRITER, "synchronous": (synchronous, level)})


def reader(path: str | Path) -> sqlite3.Connection:
    """A connection for one thread that cannot write. Raises NotFoundError where there is no file, or StoreError."""
    if not Path(path).exists():
        raise NotFoundError(f"{path}: there is no database; the collector or `funding migrate` makes it")
    with in_words(path):
        conn = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        return _prepared(conn, path, READER)


def _prepared(conn: sqlite3.Connection, path: str | Path, pragmas: Pragmas) -> sqlite3.Connection:
    try:
        _check_ours(conn, path)
        for name, (value, expected) in pragmas.items():
            _set(conn, path, name, value, expected)
        conn.row_factory = sqlite3.Row
    except BaseException:
        conn.close()
        raise
    return conn


def _check_ours(conn: sqlite3.Connection, path: str | Path) -> None:
    """Before anything is set: making a foreign file a WAL database would already change it."""
    found = conn.execute("PRAGMA application_id").fetchone()[0]
    tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and found != APPLICATION_ID:
        raise StoreError(f"{path}: this is another program's database (application id {found}); give another path")


def _set(conn: sqlite3.Connection, path: str | Path, name: str, value: str | int, expected: str | int) -> None:
    conn.execute(f"PRAGMA {name} = {value}")
    found = conn.execute(f"PRAGMA {name}").fetchone()[0]
    if found != expected:
        raise StoreError(f"{path}: SQLite would not set {name} to {value}, it is {found}; is the file on a local disk?")


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or nothing. Takes the write lock at once, so as not to fail half way for want of it."""
    with in_words(conn):
        conn.execute("BEGIN IMMEDIATE")
        with _ending(conn):
            yield


@contextmanager
def snapshot(conn: sqlite3.Connection) -> Iterator[None]:
    """All that is read inside is of one moment."""
    with in_words(conn):
        conn.execute("BEGIN")
        with _ending(conn):
            yield


@contextmanager
def _ending(conn: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:  # a full disk may have ended it already
            conn.execute("ROLLBACK")
        raise


def check_integrity(conn: sqlite3.Connection) -> None:
    """Reads the whole file: for a start, not for a request. Raises StoreError with SQLite's first finding."""
    with in_words(conn):
        found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        finding = " ".join(found.split())
        raise StoreError(f"{path_of(conn)}: the database is corrupt ({finding}); restore it from a backup")


WORDS = {
    sqlite3.SQLITE_ERROR: "its tables are not those that this release reads; run `funding migrate`",
    sqlite3.SQLITE_CONSTRAINT: "what was to be stored breaks a rule of the schema; nothing of this was stored",
    sqlite3.SQLITE_FULL: "the disk is full; nothing of this was stored",
    sqlite3.SQLITE_BUSY: f"another program has been writing for {BUSY_SECONDS} s; nothing of this was stored",
    sqlite3.SQLITE_LOCKED: "another connection of this program holds a table; nothing of this was stored",
    sqlite3.SQLITE_READONLY: "the file may not be written: see its owner and mode, and the disk's",
    sqlite3.SQLITE_READONLY_DIRECTORY: "its -wal and -shm are missing and may not be made by this user; the collector makes them",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written",
    sqlite3.SQLITE_CORRUPT: "the database is corrupt; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "this is not a database; give another path",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: see that its folder exists, and who may read and write there",
}


@contextmanager
def in_words(where: sqlite3.Connection | str | Path) -> Iterator[None]:
    """SQLite's errors as StoreError that names the file and says what to do. Misuse of the module stays as it is."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # not from the database: a closed connection, a wrong number of parameters
            raise
        path = path_of(where) if isinstance(where, sqlite3.Connection) else where
        words = WORDS.get(code) or WORDS.get(
            code & 0xFF, "the database refused"
        )  # the low byte is an extended code's class
        raise StoreError(f"{path}: {words} ({error.sqlite_errorname}: {error})") from error


def path_of(conn: sqlite3.Connection) -> str:
    """The connection's file, as SQLite knows it; never raises, since it serves error messages."""
    with suppress(sqlite3.Error), closing(conn.cursor()) as cursor:
        cursor.row_factory = None
        return str(cursor.execute("PRAGMA database_list").fetchone()[2])
    return "the database"
