"""`funding migrate`, and a database that may not be written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Call


def from_the_future(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("UPDATE schema_number SET schema = 9999, writable_from = 9999")
        conn.commit()


def test_it_makes_the_database_and_then_has_nothing_to_do(funding: Call) -> None:
    first = funding("migrate", "--database", "a.db")
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("a.db: schema ")
    assert ", applied 1" in first.err
    assert funding("migrate", "--database", "a.db").err.endswith(", nothing to do\n")


@pytest.mark.parametrize("command", [["migrate"], ["collect"], ["collect", "--once"], ["run", "--port", "0"]])
def test_a_database_from_the_future_is_not_written(command: list[str], funding: Call) -> None:
    funding("migrate")
    from_the_future(Path("funding.db"))
    said = funding(*command)
    assert (said.code, said.out) == (78, "")
    assert said.err.startswith("funding: ")
    assert "the database is from a newer release" in said.err


@pytest.mark.parametrize("command", [["migrate"], ["collect"], ["run", "--port", "0"], ["rates"]])
def test_a_file_that_is_no_database_is_left_alone(command: list[str], funding: Call) -> None:
    Path("funding.db").write_bytes(b"a diary, and a long one " * 1000)
    said = funding(*command)
    assert said.code == 78
    assert "this is not a database" in said.err
    assert Path("funding.db").read_bytes().startswith(b"a diary")


def test_collecting_makes_no_database(funding: Call) -> None:
    said = funding("collect", "--once")
    assert said.code == 78
    assert said.err == "funding: funding.db: there is no database; run `funding migrate` to make it\n"
    assert list(Path().iterdir()) == []


def test_a_folder_that_is_not_there_is_said(funding: Call) -> None:
    for command in (["migrate"], ["run"]):
        said = funding(*command, "--database", "gone/funding.db")
        assert said.code == 78
        assert "gone/funding.db" in said.err
