"""The database as a file: what is in it, whether it is sound, giving back the space that is empty."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from funding.errors import StoreError
from funding.store.migrate import check_writable, state
from funding.store.open import in_words, path_of, snapshot
from funding.store.packing import blocks_of, unpack

DAY = 86_400
MOST_FINDINGS = 20

# Where rows come all the time: table → the column that says when, and the bytes that a row adds to the file. Measured;
# blobs fill their pages to three quarters. Rows of `latest` are overwritten in place. The other tables stay small and are
# only counted: `history_asked` has a row a contract, and no column says when it came.
GROWING = {
    "contract": ("first_seen_at", "110"),
    "latest": ("observed_at", "0"),
    "settlement": ("funding_time", "90"),
    "interval_change": ("changed_at", "30"),
    "observation": ("at", "length(records) * 4 / 3"),
    "observation_hour": ("hour", "length(records) * 4 / 3"),
    "run": ("started_at", "100"),
}
BLOBS = ("observation", "observation_hour")


@dataclass(frozen=True, slots=True)
class TableInfo:
    """`first_at`, `last_at`: of the oldest and the newest row, Unix seconds. `day_…`: of the 24 hours up to the newest."""

    name: str
    rows: int
    first_at: int | None
    last_at: int | None
    day_rows: int
    day_bytes: int  # about


@dataclass(frozen=True, slots=True)
class Info:
    """Sizes in bytes. `free_bytes` of `bytes` are empty: what is written next uses them, vacuum() gives them back."""

    path: str
    bytes: int
    wal_bytes: int
    free_bytes: int
    schema: int
    writable_from: int
    observation_days: float
    growth_bytes_a_day: int | None  # before anything is pruned; None until a day was collected
    tables: tuple[TableInfo, ...]


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """File and WAL together, in bytes. `wal_left`: somebody was reading, so the WAL could not be emptied yet."""

    before: int
    after: int
    wal_left: bool


def info(conn: sqlite3.Connection) -> Info:
    """Reads every table once: seconds where settlements of years are in it. Raises StoreError."""
    path, numbers = path_of(conn), state(conn)
    if not numbers.schema:
        raise StoreError(f"{path}: it has no tables yet; run `funding migrate`")
    with snapshot(conn):
        tables = tuple(_table(conn, name) for name in _names(conn))
        free_bytes = _pragma(conn, "freelist_count") * _pragma(conn, "page_size")
    times = [at for table in tables if table.name in BLOBS for at in (table.first_at, table.last_at) if at is not None]
    days = (max(times) - min(times)) / DAY if times else 0.0
    return Info(
        path,
        *_sizes(path),
        free_bytes,
        numbers.schema,
        numbers.writable_from,
        round(days, 2),
        sum(table.day_bytes for table in tables) if days >= 1 else None,
        tables,
    )


def findings(conn: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with what is stored, a sentence each; reads the whole file. Raises StoreError for a wrong schema."""
    check_writable(conn)
    with in_words(conn):
        for (found,) in conn.execute(f"PRAGMA integrity_check({MOST_FINDINGS})"):
            if found != "ok":
                yield " ".join(found.split())
        for table, rowid, parent, _ in conn.execute("PRAGMA foreign_key_check"):
            yield f"{table}: row {rowid} belongs to no {parent}"
        for table in BLOBS:
            for at, records in conn.execute(f"SELECT {GROWING[table][0]}, records FROM {table}"):  # noqa: S608
                if not _is_sound(records):
                    yield f"{table}: the observations of {at} cannot be unpacked"


def vacuum(conn: sqlite3.Connection) -> Vacuumed:
    """Writes the file anew without what is empty. Needs as much free disk twice: for the copy, and for the WAL.

    Nobody else may write meanwhile. Raises StoreError.
    """
    path = path_of(conn)
    before = sum(_sizes(path))
    with in_words(conn):
        conn.execute("PRAGMA temp_store = FILE")  # the copy; in memory it would be as large as the file
        conn.execute("VACUUM")
        busy = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return Vacuumed(before, sum(_sizes(path)), bool(busy))


def _names(conn: sqlite3.Connection) -> list[str]:
    """Our tables, in the order in which the migrations made them."""
    found = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [name for (name,) in found if name != "schema_number"]


def _table(conn: sqlite3.Connection, name: str) -> TableInfo:
    if name not in GROWING:
        rows = conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - a name out of the schema
        return TableInfo(name, rows, None, None, 0, 0)
    at, row_bytes = GROWING[name]
    rows, first, last = conn.execute(f"SELECT count(*), min({at}), max({at}) FROM {name}").fetchone()  # noqa: S608
    day_rows, day_bytes = conn.execute(
        f"SELECT count(*), coalesce(sum({row_bytes}), 0) FROM {name} WHERE {at} > ?",  # noqa: S608
        ((last or 0) - DAY,),
    ).fetchone()
    return TableInfo(name, rows, first, last, day_rows, day_bytes)


def _is_sound(records: bytes) -> bool:
    try:
        return not [observations for block in blocks_of(records) for observations in unpack(block, 0)]
    except StoreError:
        return False


def _sizes(path: str) -> tuple[int, int]:
    """Of the file and of its WAL."""
    wal = Path(f"{path}-wal")
    return Path(path).stat().st_size, wal.stat().st_size if wal.exists() else 0


def _pragma(conn: sqlite3.Connection, name: str) -> int:
    value: int = conn.execute(f"PRAGMA {name}").fetchone()[0]
    return value
