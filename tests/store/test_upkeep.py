"""The database as a file: what it says of itself, that damage is found, that empty space is given back."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from funding.errors import StoreError
from funding.store.known import insert_asked
from funding.store.migrate import SCHEMA
from funding.store.observations import merge_hour, save_observations, select_observations
from funding.store.open import reader, writer
from funding.store.packing import Observation
from funding.store.runs import save
from funding.store.upkeep import TableInfo, findings, info, vacuum
from tests.store.given import DAY, rate, rows, run
from tests.store.played import HOUR, MIDNIGHT, Collector, cycles, quoted

BTC = "BTC-USDT-SWAP"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('schema_number', 'sqlite_sequence')"


def tables(conn) -> dict[str, TableInfo]:
    return {table.name: table for table in info(conn).tables}


def test_every_table_is_counted_with_its_oldest_and_newest_row(conn, path):
    times = cycles(MIDNIGHT, MIDNIGHT + 2 * DAY + HOUR // 2)
    Collector(conn).play(times, {BTC: 8})
    save(conn, run(quoted(BTC, times[-1] + 60, 4), started_at=times[-1] + 60))
    insert_asked(conn, 1, MIDNIGHT)
    with closing(reader(path)) as reading:
        found = tables(reading)
        assert list(found) == [name for (name,) in reading.execute(TABLES)]
    assert found["history_asked"] == TableInfo("history_asked", 1, None, None, 0, 0)
    assert found["exchange"] == TableInfo("exchange", 2, None, None, 0, 0)
    assert found["contract"] == TableInfo("contract", 1, times[0], times[0], 1, 110)
    assert found["latest"] == TableInfo("latest", 1, times[-1] + 60, times[-1] + 60, 1, 0)
    due = [MIDNIGHT + 8 * HOUR * number for number in range(1, 7)]
    assert found["settlement"] == TableInfo("settlement", 6, due[0], due[-1], 3, 270)
    assert found["interval_change"] == TableInfo("interval_change", 1, times[-1] + 60, times[-1] + 60, 1, 30)
    assert found["run"] == TableInfo("run", len(times) + 1, times[0], times[-1] + 60, 289, 28_900)
    hours = replace(found["observation_hour"], day_bytes=0)
    assert hours == TableInfo("observation_hour", 48, MIDNIGHT, MIDNIGHT + 47 * HOUR, 24, 0)
    assert replace(found["observation"], day_bytes=0) == TableInfo("observation", 6, times[-6], times[-1], 6, 0)


def test_the_file_is_described_with_its_numbers_and_its_growth(conn, path):
    for at in range(MIDNIGHT, MIDNIGHT + 25 * HOUR, HOUR):
        save_observations(conn, at, [Observation(1, at, 0.0001, 8.0, None)])
    before = info(conn)
    assert (before.path, before.bytes) == (str(path), path.stat().st_size)
    assert before.wal_bytes == path.with_name("funding.db-wal").stat().st_size > 0
    assert (before.schema, before.writable_from) == (max(int(file.name[:4]) for file in SCHEMA.glob("*.sql")), 1)
    assert (before.observation_days, before.free_bytes) == (1.0, 0)
    assert before.growth_bytes_a_day == sum(table.day_bytes for table in before.tables) > 0
    conn.execute("DELETE FROM observation WHERE at > ?", (MIDNIGHT,))
    after = info(conn)
    assert (after.observation_days, after.growth_bytes_a_day) == (0.0, None)


def test_the_growth_is_about_that_of_the_file(conn, path):
    def play(start: int) -> int:
        for at in range(start, start + DAY, 3600):
            save_observations(conn, at, (Observation(one, at, one * at % 9973 / 1e6, 8.0, None) for one in range(3000)))
            merge_hour(conn, at)
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size: int = path.stat().st_size
        return size

    first, second = play(MIDNIGHT), play(MIDNIGHT + DAY)
    assert info(conn).growth_bytes_a_day == pytest.approx(second - first, rel=0.25)


def test_an_empty_database_and_one_without_tables(conn, tmp_path):
    assert info(conn).observation_days == 0.0
    with closing(writer(tmp_path / "new.db")) as new, pytest.raises(StoreError, match="run `funding migrate`"):
        info(new)


# check


@pytest.fixture
def filled(conn):
    Collector(conn).play(cycles(MIDNIGHT, MIDNIGHT + 2 * HOUR), {BTC: 1, "ETH-USDT-SWAP": 8})
    return conn


def test_a_sound_database_has_no_findings(filled, path):
    with closing(reader(path)) as reading:
        assert list(findings(reading)) == []


def test_a_row_that_belongs_to_nothing_is_named(filled):
    filled.execute("PRAGMA foreign_keys = OFF")
    filled.execute("DELETE FROM contract WHERE id = 2")
    assert list(findings(filled)) == ["latest: row 2 belongs to no contract"]


def test_an_index_that_disagrees_with_its_table_is_named(filled, path):
    filled.execute("PRAGMA writable_schema = ON")
    filled.execute("UPDATE sqlite_master SET sql = replace(sql, 'IS NULL', 'IS NOT NULL') WHERE name = 'run_good'")
    filled.close()
    with closing(reader(path)) as reading:
        found = list(findings(reading))
    assert found
    assert all("run_good" in finding for finding in found)


@pytest.mark.parametrize("table", ["observation", "observation_hour"])
def test_a_bit_that_flipped_in_an_observation_is_named(filled, table):
    key, blob = filled.execute(f"SELECT rowid, records FROM {table} LIMIT 1").fetchone()
    filled.execute(f"UPDATE {table} SET records = ? WHERE rowid = ?", (blob[:-1] + bytes([blob[-1] ^ 1]), key))
    assert [finding.split(" of ")[0] for finding in findings(filled)] == [f"{table}: the observations"]


def test_a_database_that_is_behind_is_refused_not_checked(path, tmp_path):
    with closing(writer(tmp_path / "new.db")) as new, pytest.raises(StoreError, match="run `funding migrate`"):
        list(findings(new))


# vacuum


def test_empty_space_is_given_back_and_everything_is_still_there(conn, path):
    save(conn, run(*(rate(f"T{number}-USDT-SWAP") for number in range(2000))))
    conn.execute("DELETE FROM latest WHERE contract_id > 100")
    conn.execute("DELETE FROM contract WHERE id > 100")
    latest = rows(conn, "SELECT * FROM latest")
    done = vacuum(conn)
    assert done.after == path.stat().st_size < done.before / 3
    assert not done.wal_left
    assert (rows(conn, "SELECT * FROM latest"), info(conn).free_bytes, list(findings(conn))) == (latest, 0, [])


def test_while_somebody_reads_the_wal_is_left_and_it_is_said(conn, path):
    save(conn, run(rate()))
    conn.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(path, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM run").fetchone()
        done = vacuum(conn)
        assert done.wal_left
        assert reading.execute("SELECT count(*) FROM run").fetchone() == (1,)
    assert not vacuum(conn).wal_left


def test_observations_are_read_as_before(filled):
    before = list(select_observations(filled, [1, 2], 0, MIDNIGHT + DAY))
    vacuum(filled)
    assert list(select_observations(filled, [1, 2], 0, MIDNIGHT + DAY)) == before
    assert len(before) == 48
