"""Opening: the pragmas that are promised, and words for everything that can be wrong with a file."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from funding.errors import NotFoundError, StoreError
from funding.store.exchanges import newest_run
from funding.store.migrate import migrate
from funding.store.open import check_integrity, reader, snapshot, transaction, writer
from funding.store.rates import select_current
from funding.store.runs import Contracts, save
from tests.store.given import NOW, rate, rows, run


def pragma(conn: sqlite3.Connection, name: str) -> object:
    return conn.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(("synchronous", "level"), [("NORMAL", 1), ("FULL", 2)])
def test_a_writer_has_the_pragmas_that_durability_and_speed_rest_on(path, synchronous, level):
    with closing(writer(path, synchronous=synchronous)) as conn:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "temp_store", "journal_size_limit")
        assert [pragma(conn, name) for name in names] == ["wal", level, 5000, 1, 2, 67108864]


def test_a_reader_cannot_write_and_says_so(conn, path):
    with closing(reader(path)) as reading:
        assert pragma(reading, "query_only") == 1
        with pytest.raises(StoreError, match=r"funding\.db: the file may not be written"):
            save(reading, run())


def test_a_reader_reads_a_database_whose_writer_has_gone(conn, path):
    save(conn, run(rate()))
    conn.close()
    with closing(reader(path)) as reading:
        assert [row["symbol"] for row in select_current(reading)] == ["BTC-USDT-SWAP"]


def test_a_path_with_the_characters_of_a_uri_is_read(tmp_path):
    path = tmp_path / "50% of?mode=rwc#1.db"
    with closing(writer(path)) as conn:
        migrate(conn)
    with closing(reader(path)) as reading:
        assert newest_run(reading) is None
    assert [file.name for file in tmp_path.glob("*.db")] == [path.name]


def test_a_new_file_has_the_mode_of_the_umask(path):
    before = os.umask(0o027)
    try:
        with closing(writer(path)) as conn:
            migrate(conn)
            modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"funding.db": "0o640", "funding.db-wal": "0o640", "funding.db-shm": "0o640"}


def test_reading_where_there_is_no_database_names_the_path_and_makes_none(path):
    with pytest.raises(NotFoundError, match=r"funding\.db: there is no database"):
        reader(path)
    assert not path.exists()


def test_writing_where_there_is_no_folder_is_said(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere/funding\.db: cannot be opened: see that its folder exists"):
        writer(tmp_path / "nowhere" / "funding.db")


@pytest.mark.parametrize("opened", [writer, reader])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, opened):
    path.write_bytes(b"<html>not found</html>" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"funding\.db: this is not a database; give another path"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opened", [writer, reader])
def test_another_programs_database_is_refused_and_left_alone(path, opened):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmark (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"funding\.db: this is another program's database"):
        opened(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["funding.db"]


def test_reading_a_file_without_tables_says_what_makes_them(path):
    with closing(writer(path)), closing(reader(path)) as reading, pytest.raises(StoreError, match="funding migrate"):
        newest_run(reading)


def test_a_file_that_sqlite_cannot_make_a_wal_of_is_refused():
    with pytest.raises(StoreError, match=":memory:: SQLite would not set journal_mode to WAL, it is memory"):
        writer(":memory:")


def test_what_fails_half_way_through_a_transaction_leaves_nothing(conn):
    with pytest.raises(ZeroDivisionError), transaction(conn):
        conn.execute("UPDATE exchange SET title = 'half'")
        1 / 0  # noqa: B018
    assert rows(conn, "SELECT title FROM exchange ORDER BY id") == [("OKX",), ("XT",)]
    assert not conn.in_transaction


def test_a_snapshot_does_not_see_what_is_written_after_its_first_read(conn, path):
    with closing(reader(path)) as reading:
        with snapshot(reading):
            before = newest_run(reading)
            save(conn, run(rate()))
            assert (newest_run(reading), list(select_current(reading))) == (before, [])
        assert newest_run(reading) == 1


def test_a_locked_database_is_said_and_the_connection_works_afterwards(conn, path):
    with closing(writer(path)) as other:
        conn.execute("PRAGMA busy_timeout = 20")
        with transaction(other), pytest.raises(StoreError, match="another program has been writing"):
            save(conn, run(rate()))
    assert save(conn, run(rate())) == 1


def test_a_full_disk_is_said_stores_nothing_and_the_connection_works_afterwards(conn, path):
    save(conn, run(rate(), started_at=NOW - 300))
    pages = conn.execute("PRAGMA page_count").fetchone()[0]
    many = [rate(f"T{number}-USDT-SWAP") for number in range(1000)]
    known: dict[str, Contracts] = {}
    conn.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite then raises is what it raises on a full disk
    with pytest.raises(StoreError, match=r"funding\.db: the disk is full; nothing of this was stored"):
        save(conn, run(*many), known=known)
    assert rows(conn, "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM contract)") == [(1, 1)]
    conn.execute("PRAGMA max_page_count = 100000")
    save(conn, run(*many), known=known)
    assert [row["symbol"] for row in select_current(conn)] == sorted([*(one.symbol for one in many), "BTC-USDT-SWAP"])


def damaged(path: Path) -> None:
    """Overwrites the first page of the contracts, as a dying disk does."""
    with closing(sqlite3.connect(path)) as conn:
        page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contract'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_a_sound_database_passes_the_check(conn):
    save(conn, run(rate()))
    check_integrity(conn)


def test_a_damaged_database_is_found_at_start_and_never_served(conn, path):
    save(conn, run(rate()))
    conn.close()
    damaged(path)
    with closing(reader(path)) as reading:
        with pytest.raises(StoreError, match=r"funding\.db: the database is corrupt .*; restore it from a backup"):
            check_integrity(reading)
        with pytest.raises(StoreError, match="the database is corrupt; restore it from a backup"):
            list(select_current(reading))


def test_a_database_cut_short_is_corrupt(conn, path):
    save(conn, run(*(rate(f"T{number}-USDT-SWAP") for number in range(300))))
    conn.close()
    os.truncate(path, path.stat().st_size // 4096 // 2 * 4096)
    with pytest.raises(StoreError, match="the database is corrupt; restore it"), closing(reader(path)) as reading:
        check_integrity(reading)


def test_a_wrong_use_of_the_module_is_not_called_a_fault_of_the_database(conn):
    with pytest.raises(sqlite3.ProgrammingError), transaction(conn):
        conn.execute("UPDATE exchange SET title = ?", ())
