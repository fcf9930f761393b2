"""A database of the first release, with data in it, becomes one with a history: nothing is lost, everything works on."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.errors import StoreError
from funding.store.exchanges import declare
from funding.store.intervals import select_interval_changes
from funding.store.migrate import SCHEMA, State, check_writable, migrate, state
from funding.store.observations import select_observations
from funding.store.open import check_integrity, writer
from tests.store.given import OKX, XT, rows
from tests.store.played import HOUR, MIDNIGHT, Collector, quote, quoted

BTC = "BTC-USDT-SWAP"
DUE = MIDNIGHT + 8 * HOUR
TABLES = ("exchange", "contract", "latest", "settlement", "run")


def schema_until(number: int, folder: Path) -> Path:
    folder.mkdir()
    for file in SCHEMA.glob("*.sql"):
        if int(file.name[:4]) <= number:
            shutil.copy(file, folder)
    return folder


@pytest.fixture
def first(path: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """As the first release left it: a rate that was quoted before a settlement, a settlement, a good and a failed run."""
    with closing(writer(path)) as conn:
        migrate(conn, schema_until(1, tmp_path / "first"))
        declare(conn, [OKX, XT])
        conn.execute(
            "INSERT INTO contract VALUES (1, 'okx', ?, 'BTC', 'BTC', NULL, 1.0, 'USDT', NULL, 'linear', ?)",
            (BTC, MIDNIGHT),
        )
        conn.execute(
            """
            INSERT INTO latest (contract_id, observed_at, funding_rate, rate_kind, funding_interval_hours,
                next_funding_time)
            VALUES (1, ?, ?, 'predicted', 8.0, ?)
            """,
            (DUE - 60, quote(DUE - 60), DUE),
        )
        conn.execute(
            "INSERT INTO settlement VALUES (1, ?, 0.0002, 8.0, NULL, 'venue', NULL, NULL, NULL)", (DUE - 8 * HOUR,)
        )
        conn.execute("INSERT INTO run VALUES (1, 'okx', ?, 1.5, 3, 1, 0, '{}', '{}', '[]', NULL, NULL)", (DUE - 60,))
        conn.execute("INSERT INTO run VALUES (2, 'xt', ?, 1.5, 3, 0, 0, '{}', '{}', '[]', 'dns', 'x')", (DUE - 60,))
        yield conn


def test_every_row_is_kept(first):
    before = {table: rows(first, f"SELECT * FROM {table}") for table in TABLES}
    assert all(before.values())
    with pytest.raises(StoreError, match="its schema is 1, this release needs"):
        check_writable(first)
    assert migrate(first)[0] == 2
    assert {table: rows(first, f"SELECT * FROM {table}") for table in TABLES} == before
    check_writable(first)
    check_integrity(first)


def test_the_settlement_that_passed_during_the_upgrade_is_found(first):
    migrate(first)
    collector = Collector(first)
    for at, hours in ((DUE + 60, 8), (DUE + 360, 4)):
        collector.cycle(at, [quoted(BTC, at, hours)])
    assert rows(first, "SELECT funding_time, rate, source FROM settlement") == [
        (DUE - 8 * HOUR, 0.0002, "venue"),
        (DUE, quote(DUE - 60), "observed"),
    ]
    assert [row["changed_at"] for row in select_interval_changes(first)] == [DUE + 360]
    assert [one.observed_at for one in select_observations(first, [1], 0, DUE + HOUR)] == [DUE + 60, DUE + 360]


def test_the_first_release_may_still_write_beside_the_second_schema(first, tmp_path):
    migrate(first, schema_until(2, tmp_path / "second"))
    assert state(first) == State(2, 1)
    check_writable(first, tmp_path / "first")


def test_a_migration_cut_short_is_done_from_its_start_by_the_next(first, tmp_path):
    broken = schema_until(2, tmp_path / "broken")
    file = broken / "0002_history.sql"
    file.write_text(file.read_text("utf-8") + "INSERT INTO nowhere VALUES (1);\n", "utf-8")
    with pytest.raises(StoreError, match="no such table: nowhere"):
        migrate(first, broken)
    assert state(first) == State(1, 1)
    assert migrate(first)[0] == 2
