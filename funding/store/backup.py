"""Backups of the database: made while others write, proved before they count, kept by age, restored whole.

A backup is a gzip file and, beside it, a JSON file that says what is in it; only with that it counts. A live database is
never copied as a file: such a copy can pass every check and lack what stands in the WAL.
"""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from funding.errors import NotFoundError, StoreError
from funding.store.open import in_words, reader, snapshot

NAME = "funding-%Y%m%dT%H%M%SZ"
KEPT = (("%Y%m%d%H", 24), ("%Y%m%d", 7), ("%G%V", 4))  # the newest of each hour, day and week, so many of them
CHUNK = 1 << 20
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Backup:
    """`made_at` in Unix seconds; `rows`: table → its rows; sizes in bytes, `sha256` of the packed file."""

    path: Path
    made_at: int
    schema: int
    rows: Mapping[str, int]
    bytes: int
    packed_bytes: int
    sha256: str


def back_up(database: Path, folder: Path, now: int) -> Backup:
    """A copy of one moment, checked against the original, packed, and on the disk for good. Raises FundingError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.strftime(NAME, time.gmtime(now))}.db.gz"
    copy, packed = path.with_suffix(".copy"), path.with_suffix(".part")
    try:
        schema, rows = _copy(database, copy)
        _check(copy, rows)
        sha256 = _pack(copy, packed)
        backup = Backup(path, now, schema, rows, copy.stat().st_size, packed.stat().st_size, sha256)
        _into_place(packed, path)
        _write(_described(path), json.dumps(asdict(backup) | {"path": path.name}, indent=1))
    finally:
        for left in (copy, packed, *_aside(copy)):
            left.unlink(missing_ok=True)
    return backup


def backups(folder: Path) -> list[Backup]:
    """Those that count, the newest first. What cannot be read as one is left out."""
    found = []
    for description in folder.glob("funding-*.json"):
        with contextlib.suppress(ValueError, TypeError, KeyError):
            said: dict[str, Any] = json.loads(description.read_text("utf-8"))
            found.append(Backup(**said | {"path": folder / said["path"]}))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def newest(folder: Path) -> Backup:
    """Raises NotFoundError."""
    for backup in backups(folder):
        return backup
    raise NotFoundError(f"{folder}: there is no backup")


def restore(backup: Backup, target: Path) -> None:
    """Unpacks it under `target`, where nothing may be, after it has proved whole. Raises StoreError."""
    part = target.with_name(f"{target.name}.part")
    try:
        if target.exists():
            raise StoreError(f"{target}: there is a file already; it is not written over")
        _unpack(backup, part)
        _check(part, backup.rows)
        _into_place(part, target)
    except OSError as error:
        raise StoreError(f"{backup.path}: it cannot be restored to {target}: {error.strerror or error}") from error
    finally:
        for left in (part, *_aside(part)):
            left.unlink(missing_ok=True)


def expendable(found: list[Backup]) -> list[Backup]:
    """Those that no rule keeps. `found`: the newest first."""
    kept = set()
    for period, count in KEPT:
        newest_of: dict[str, Backup] = {}
        for backup in found:
            newest_of.setdefault(time.strftime(period, time.gmtime(backup.made_at)), backup)
        kept |= {backup.path for backup in list(newest_of.values())[:count]}
    return [backup for backup in found if backup.path not in kept]


def remove(backup: Backup) -> None:
    """The description first: half a backup does not count as one."""
    _described(backup.path).unlink(missing_ok=True)
    backup.path.unlink(missing_ok=True)


def aside(database: Path, word: str, now: int) -> Path | None:
    """Moves the database and what belongs to it to `<database>.<word>-<time>`; the new name, None if there was none."""
    if not database.exists():
        return None
    moved = database.with_name(f"{database.name}.{word}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}")
    for ending in ("-wal", "-shm", ""):  # the file last: with a WAL that is not its own it could be taken for whole
        with contextlib.suppress(FileNotFoundError):
            Path(f"{database}{ending}").rename(f"{moved}{ending}")
    return moved


def _copy(database: Path, copy: Path) -> tuple[int, dict[str, int]]:
    """Schema and rows of the moment that was copied."""
    with closing(reader(database)) as conn, snapshot(conn):
        rows = _rows(conn)
        schema: int = conn.execute("SELECT schema FROM schema_number").fetchone()[0]
        with in_words(copy), closing(sqlite3.connect(copy, isolation_level=None)) as other:
            conn.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")  # one file that stands alone
    return schema, rows


def _check(path: Path, rows: Mapping[str, int]) -> None:
    with in_words(path), closing(sqlite3.connect(path, isolation_level=None)) as conn:
        found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreError(f"{path}: the copy is damaged: {' '.join(found.split())}")
        counted = _rows(conn)
    if counted != dict(rows):
        wrong = next(name for name in {*counted, *rows} if counted.get(name) != rows.get(name))
        raise StoreError(f"{path}: {wrong} has {counted.get(wrong)} rows in the copy, {rows.get(wrong)} were expected")


def _rows(conn: sqlite3.Connection) -> dict[str, int]:
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def _pack(source: Path, packed: Path) -> str:
    with (
        source.open("rb") as plain,
        packed.open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0) as zipped,
    ):
        shutil.copyfileobj(plain, zipped, CHUNK)
    return _sha256(packed)


def _unpack(backup: Backup, part: Path) -> None:
    if not backup.path.exists():
        raise StoreError(f"{backup.path}: the backup is gone")
    if _sha256(backup.path) != backup.sha256:
        raise StoreError(f"{backup.path}: the backup is damaged: its checksum is another than when it was made")
    with gzip.open(backup.path) as zipped, part.open("wb") as plain:
        shutil.copyfileobj(zipped, plain, CHUNK)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _into_place(part: Path, path: Path) -> None:
    """On the disk first, under its name then: after a power cut there is the whole of it or nothing."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".json.part")
    part.write_text(text, "utf-8")
    _into_place(part, path)


def _described(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".db.gz") + ".json")


def _aside(path: Path) -> Iterator[Path]:
    """What SQLite may have left beside a file."""
    return (Path(f"{path}{ending}") for ending in ("-journal", "-wal", "-shm"))
