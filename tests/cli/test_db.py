"""`funding db`: what it shows, what it finds, when it refuses."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.cli import console
from funding.cli.database import held
from funding.cli.db import _print_info
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.upkeep import Info, TableInfo
from tests.cli.conftest import Call
from tests.store.given import OKX
from tests.store.played import DAY, HOUR, MIDNIGHT, Collector, cycles

PATH = Path("funding.db")
TITLES = ["TABLE", "ROWS", "OLDEST", "NEWEST", "ROWS A DAY", "BYTES A DAY"]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(writer(PATH)) as conn:
        migrate(conn)
        declare(conn, [OKX])
        Collector(conn).play(cycles(MIDNIGHT, MIDNIGHT + DAY + HOUR, HOUR), {"BTC-USDT-SWAP": 8})
        yield conn


def test_info_shows_every_table_and_the_file(database: sqlite3.Connection, funding: Call) -> None:
    said = funding("db", "info")
    assert said.code == 0
    assert [word.strip() for word in said.lines[0].split("  ") if word] == TITLES
    shown = {line.split()[0]: line.split()[1:] for line in said.lines[1:]}
    assert shown["exchange"] == ["1"]
    assert shown["run"] == ["25", "2026-09-22", "00:00", "2026-09-23", "00:00", "24", "2.40", "kB"]
    assert shown["settlement"] == ["3", "2026-09-22", "08:00", "2026-09-23", "00:00", "3", "270", "B"]
    assert said.err.startswith(f"funding.db: {console.size(PATH.stat().st_size)}, 0 B of it empty, WAL ")
    assert "observations of 1 day, growing by " in said.err


def test_info_as_json_is_one_object_with_every_figure(database: sqlite3.Connection, funding: Call) -> None:
    found = json.loads(funding("db", "info", "--json").out)
    assert (found["bytes"], found["wal_bytes"]) == (PATH.stat().st_size, Path("funding.db-wal").stat().st_size)
    assert (found["writable_from"], found["observation_days"], found["free_bytes"]) == (1, 1.0, found["free_bytes"])
    run = next(table for table in found["tables"] if table["name"] == "run")
    assert run == {
        "name": "run",
        "rows": 25,
        "first_at": MIDNIGHT + 20,
        "last_at": MIDNIGHT + DAY + 20,
        "day_rows": 24,
        "day_bytes": 2400,
    }


def test_a_sound_database_is_said_to_be(database: sqlite3.Connection, funding: Call) -> None:
    said = funding("db", "check")
    assert (said.code, said.out, said.err) == (0, "", "funding.db: sound\n")
    assert json.loads(funding("db", "check", "--json").out) == {"ok": True, "findings": []}


def test_what_is_wrong_is_named_with_exit_code_1(database: sqlite3.Connection, funding: Call) -> None:
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("DELETE FROM exchange")
    said = funding("db", "check", "--json")
    assert said.code == 1
    found = json.loads(said.out)
    assert (found["ok"], found["findings"][0]) == (False, "contract: row 1 belongs to no exchange")
    assert said.err.splitlines()[0] == "contract: row 1 belongs to no exchange"
    assert said.err.splitlines()[-1] == "funding.db: damaged; restore it from a backup"


def test_a_file_that_is_no_database_or_has_no_tables_is_exit_code_78(funding: Call) -> None:
    writer(PATH).close()
    for what in ("info", "check", "vacuum"):
        said = funding("db", what)
        assert said.code == 78, what
        assert "run `funding migrate`" in said.err
    PATH.write_bytes(b"<html>" * 100)
    assert funding("db", "check").code == 78


@pytest.mark.parametrize("what", ["info", "check", "vacuum"])
def test_without_a_database_nothing_is_made(what: str, funding: Call) -> None:
    said = funding("db", what)
    assert (said.code, list(Path().iterdir())) == (3, [])
    assert "there is no database" in said.err


def test_vacuum_says_the_bytes_before_and_after(database: sqlite3.Connection, funding: Call) -> None:
    database.execute("CREATE TABLE ballast (x)")
    database.execute("INSERT INTO ballast VALUES (zeroblob(1000000))")
    database.execute("DROP TABLE ballast")
    found = json.loads(funding("db", "vacuum", "--json").out)
    assert found["before"] > 1_000_000 > found["after"] == PATH.stat().st_size
    said = funding("db", "vacuum")
    assert (said.code, said.out) == (0, "")
    size = console.size(PATH.stat().st_size)
    assert said.err == f"funding.db: {size} before, {size} after\n"


def test_a_database_of_gigabytes_is_said_to_be_of_gigabytes(capsys: pytest.CaptureFixture[str]) -> None:
    table = TableInfo("run", 9_000_000, MIDNIGHT, MIDNIGHT + DAY, 17_000, 1_700_000)
    _print_info(PATH, Info("funding.db", 3_210_000_000, 4_096, 0, 6, 1, 30.0, 107_000_000, (table,)))
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split("  ")[-1] == "1.70 MB"
    assert said.err == (
        "funding.db: 3.21 GB, 0 B of it empty, WAL 4.10 kB; schema 6, writable from 1;"
        " observations of 30 days, growing by 107 MB a day\n"
    )


def test_vacuum_is_refused_while_a_collector_holds_the_database(database: sqlite3.Connection, funding: Call) -> None:
    with held(PATH):
        said = funding("db", "vacuum")
    assert (said.code, said.out) == (75, "")
    assert "another collector holds it" in said.err


def test_an_action_that_there_is_not_is_wrong_usage(funding: Call) -> None:
    assert funding("db").code == funding("db", "shrink").code == 2
