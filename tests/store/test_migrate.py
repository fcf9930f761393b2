"""Migrations, and the two numbers that say which release may write."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from funding.errors import StoreError
from funding.store.exchanges import declare
from funding.store.migrate import SCHEMA, State, check_writable, migrate, state
from funding.store.open import reader, writer
from funding.store.rates import select_current
from funding.store.runs import save
from tests.store.given import OKX, XT, rate, rows, run

ADDITIVE = "ALTER TABLE contract ADD COLUMN delisted_at INTEGER;\nCREATE INDEX run_started ON run (started_at);\n"
BREAKING = "ALTER TABLE latest RENAME COLUMN mark_price TO mark;\nUPDATE schema_number SET writable_from = 2;\n"


def later(tmp_path: Path, sql: str) -> Path:
    """The folder of a newer release: ours and one file more."""
    folder = tmp_path / "schema"
    folder.mkdir(exist_ok=True)
    for file in SCHEMA.glob("*.sql"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (folder / f"{max_number() + 1:04d}_more.sql").write_text(sql, "utf-8")
    return folder


def max_number() -> int:
    return max(int(file.name[:4]) for file in SCHEMA.glob("*.sql"))


def contents(path: Path) -> dict[str, bytes]:
    """The file and its WAL; the shared memory holds readers' marks and no data."""
    return {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.suffix != ".db-shm"}


def test_the_migrations_are_numbered_from_one_without_a_gap():
    numbers = sorted(int(file.name[:4]) for file in SCHEMA.iterdir())
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_new_file_gets_every_migration_and_a_second_time_none(path):
    with closing(writer(path)) as conn:
        assert state(conn) == State(0, 0)
        assert migrate(conn) == list(range(1, max_number() + 1))
        assert migrate(conn) == []
        assert state(conn) == State(max_number(), 1)
        check_writable(conn)


def test_a_database_behind_is_not_written_and_the_command_is_named(path):
    with (
        closing(writer(path)) as conn,
        pytest.raises(StoreError, match=r"funding\.db: its schema is 0, .*`funding migrate`"),
    ):
        check_writable(conn)


def test_the_release_before_an_additive_migration_still_writes_and_reads(path, tmp_path):
    with closing(writer(path)) as conn:
        newer = later(tmp_path, ADDITIVE)
        migrate(conn, newer)
        assert state(conn) == State(max_number() + 1, 1)
        check_writable(conn, newer)
        check_writable(conn)
        assert migrate(conn) == []
        declare(conn, [OKX, XT])
        save(conn, run(rate()))
        assert [row["symbol"] for row in select_current(conn)] == ["BTC-USDT-SWAP"]


def test_the_release_before_a_breaking_migration_refuses_and_writes_nothing(path, tmp_path):
    newer = later(tmp_path, BREAKING.replace("2", str(max_number() + 1)))
    with closing(writer(path)) as conn:
        migrate(conn, newer)
        before = contents(path)
        for refused in (check_writable, migrate):
            with pytest.raises(
                StoreError, match=r"funding\.db: the database is from a newer release: only schema \d+ and"
            ):
                refused(conn)
        assert contents(path) == before
        check_writable(conn, newer)
    with closing(reader(path)) as reading:
        assert state(reading) == State(max_number() + 1, max_number() + 1)


def test_a_migration_that_fails_leaves_no_trace(path, tmp_path):
    newer = later(tmp_path, "CREATE TABLE half (x INTEGER);\nINSERT INTO nowhere VALUES (1);\n")
    with closing(writer(path)) as conn:
        with pytest.raises(StoreError, match="no such table: nowhere"):
            migrate(conn, newer)
        assert state(conn) == State(max_number(), 1)
        assert rows(conn, "SELECT name FROM sqlite_master WHERE name = 'half'") == []


def test_a_first_migration_that_fails_does_not_make_the_file_ours(path, tmp_path):
    folder = later(tmp_path, "")
    (folder / "0001_straight_line.sql").write_text("PRAGMA application_id = 1182101092;\nCREATE TABLE x (;\n", "utf-8")
    with closing(writer(path)) as conn, pytest.raises(StoreError):
        migrate(conn, folder)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA application_id").fetchone() == (0,)


def test_a_trigger_is_one_statement(path, tmp_path):
    trigger = (
        "CREATE TABLE seen (id TEXT);\n"
        "CREATE TRIGGER noticed AFTER INSERT ON exchange BEGIN\n  INSERT INTO seen VALUES (new.id);\n"
        "  UPDATE seen SET id = upper(id);\nEND;\n-- the end"
    )
    with closing(writer(path)) as conn:
        migrate(conn, later(tmp_path, trigger))
        declare(conn, [OKX])
        assert rows(conn, "SELECT id FROM seen") == [("OKX",)]


def test_two_that_migrate_at_once_apply_each_file_once(path):
    applied: list[list[int]] = []
    start = threading.Barrier(2)
    writer(path).close()

    def one() -> None:
        with closing(writer(path)) as conn:
            start.wait()
            applied.append(migrate(conn))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for numbers in applied for number in numbers) == list(range(1, max_number() + 1))


def test_a_lost_schema_number_is_said(conn):
    conn.execute("DELETE FROM schema_number")
    with pytest.raises(StoreError, match="the database has lost its schema number; restore it from a backup"):
        check_writable(conn)
