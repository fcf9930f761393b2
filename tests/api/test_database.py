"""What happens to the file while the service runs: it is missing, garbage, replaced, unreadable, and then well again."""

import logging
import threading
from pathlib import Path

import pytest
from webtest import TestApp

from funding.api.database import Database
from tests.api.conftest import Ticks
from tests.api.stored import Stored, rate

CURRENT = "/api/funding/current"
UNREADABLE = "The database cannot be read at the moment; it is tried again every second."


def unreadable(client: TestApp) -> None:
    answer = client.get(CURRENT, status=503)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["detail"] == UNREADABLE


def test_a_missing_file_is_awaited_and_found_within_a_second(client: TestApp, path: Path, ticks: Ticks) -> None:
    unreadable(client)
    with Stored(path) as stored:
        ticks.go_on(0.9)
        unreadable(client)
        ticks.go_on(0.1)
        answer = client.get(CURRENT, status=503)
        assert answer.json["detail"] == "Nothing has been collected yet."
        stored.three_exchanges()
        assert client.get(CURRENT).json["count"] == 5


def test_garbage_is_refused_until_there_is_a_database_in_its_place(
    path: Path, tmp_path: Path, client: TestApp, ticks: Ticks, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"\x00garbage" * 1000)
    ticks.go_on(1)
    with caplog.at_level(logging.ERROR):
        unreadable(client)
    assert "this is not a database" in caplog.text
    with Stored(tmp_path / "restored.db") as stored:
        stored.three_exchanges()
    (tmp_path / "restored.db").rename(path)
    ticks.go_on(1)
    assert client.get(CURRENT).json["count"] == 5


def test_another_programs_database_is_refused(path: Path, client: TestApp, ticks: Ticks) -> None:
    import sqlite3

    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    ticks.go_on(1)
    unreadable(client)


def test_a_file_that_was_put_in_the_place_of_another_is_read(
    stored: Stored, path: Path, client: TestApp, ticks: Ticks
) -> None:
    stored.three_exchanges()
    assert client.get(f"{CURRENT}?limit=9").json["total"] == 5
    other = path.with_name("other.db")
    with Stored(other) as restored:
        restored.declare("okx")
        restored.good("okx", rate("A", "A"))
    stored.connection.close()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    other.rename(path)
    ticks.go_on(1)
    assert client.get(f"{CURRENT}?limit=9").json["total"] == 1


def test_a_file_that_was_moved_away_is_no_longer_served(
    stored: Stored, path: Path, client: TestApp, ticks: Ticks
) -> None:
    stored.three_exchanges()
    assert client.get(CURRENT).json["count"] == 5
    path.rename(path.with_name("moved.db"))
    ticks.go_on(1)
    unreadable(client)
    path.with_name("moved.db").rename(path)
    ticks.go_on(1)
    assert client.get(CURRENT).json["count"] == 5


def test_a_database_damaged_under_way_is_no_answer_and_no_end(
    stored: Stored, path: Path, client: TestApp, ticks: Ticks
) -> None:
    stored.three_exchanges()
    stored.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored.connection.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    unreadable(client)
    ticks.go_on(1)
    unreadable(client)
    assert client.get("/livez").status_int == 200


def test_each_thread_reads_through_a_connection_of_its_own_and_keeps_it(
    stored: Stored, path: Path, ticks: Ticks
) -> None:
    stored.three_exchanges()
    database = Database(path, ticks.wall, ticks.monotonic)
    found: list[list[int]] = []

    def read() -> None:
        mine = []
        for _ in range(2):
            with database.reading() as reading:
                mine.append(id(reading.connection))
        found.append(mine)

    read()
    other = threading.Thread(target=read)
    other.start()
    other.join(10)
    [here, there] = found
    assert len(set(here)) == len(set(there)) == 1
    assert set(here).isdisjoint(there)


def test_all_that_one_request_reads_is_of_one_moment(stored: Stored, path: Path, ticks: Ticks) -> None:
    stored.three_exchanges()
    with Database(path, ticks.wall, ticks.monotonic).reading() as reading:
        stored.good("okx", rate("A", "A"))
        [newest] = reading.connection.execute("SELECT max(id) FROM run").fetchone()
        assert newest == reading.run


def test_a_reader_keeps_the_wal_in_place_when_the_last_writer_goes(stored: Stored, path: Path, client: TestApp) -> None:
    stored.three_exchanges()
    client.get(CURRENT)
    stored.connection.close()
    assert path.with_name(path.name + "-wal").exists()
    assert client.get(f"{CURRENT}?limit=9").json["total"] == 5
