"""Backups of a database that is written to, what becomes of damaged ones, and which are kept."""

import json
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from funding.errors import NotFoundError, StoreError
from funding.store.backup import Backup, aside, back_up, backups, expendable, newest, remove, restore
from funding.store.events import newest_events, save_event
from funding.store.migrate import migrate
from funding.store.open import writer

NOW = 1_800_000_000  # Friday, 2027-01-15T08:00:00Z
HOUR, DAY = 3600, 86_400


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "funding.db"
    with closing(writer(path)) as conn:
        migrate(conn)
        for number in range(3):
            save_event(conn, "deploy", f"number {number}", NOW)
    return path


def texts(path: Path) -> list[str]:
    with closing(writer(path)) as conn:
        return [row["text"] for row in newest_events(conn)]


def test_a_backup_is_restored_as_it_was_though_the_original_went_on(database: Path, tmp_path: Path) -> None:
    with closing(writer(database)) as conn:  # what was written last stands in the WAL alone
        save_event(conn, "deploy", "number 3", NOW)
        made = back_up(database, tmp_path / "backups", NOW)
        save_event(conn, "deploy", "too late", NOW)
    assert made.path.name == "funding-20270115T080000Z.db.gz"
    assert (made.rows["event"], made.schema >= 4) == (4, True)
    restore(newest(tmp_path / "backups"), tmp_path / "restored.db")
    assert texts(tmp_path / "restored.db") == ["number 0", "number 1", "number 2", "number 3"]


def test_a_backup_leaves_nothing_but_itself_and_its_description(database: Path, tmp_path: Path) -> None:
    made = back_up(database, tmp_path / "backups", NOW)
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == [
        "funding-20270115T080000Z.db.gz",
        "funding-20270115T080000Z.json",
    ]
    assert backups(tmp_path / "backups") == [made]
    remove(made)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_is_whole_while_another_thread_writes(database: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(writer(database)) as conn:
            while not stop.is_set():
                save_event(conn, "deploy", "x" * 400, NOW)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            restore(back_up(database, tmp_path / "backups", NOW + number), tmp_path / f"{number}.db")
    finally:
        stop.set()
        thread.join(20)


@pytest.mark.parametrize(
    ("place", "words"),
    [(20, "the backup is damaged: its checksum is another than when it was made"), (None, "the backup is gone")],
)
def test_a_backup_that_is_damaged_or_gone_is_not_restored(
    place: int | None, words: str, database: Path, tmp_path: Path
) -> None:
    made = back_up(database, tmp_path / "backups", NOW)
    if place is None:
        made.path.unlink()
    else:
        content = bytearray(made.path.read_bytes())
        content[place] ^= 0xFF
        made.path.write_bytes(content)
    with pytest.raises(StoreError, match=words):
        restore(made, tmp_path / "restored.db")
    assert not list(tmp_path.glob("restored.db*"))


def test_a_backup_with_other_rows_than_it_was_made_of_is_not_restored(database: Path, tmp_path: Path) -> None:
    made = back_up(database, tmp_path / "backups", NOW)
    with pytest.raises(StoreError, match="event has 3 rows in the copy, 4 were expected"):
        restore(replace(made, rows={**made.rows, "event": 4}), tmp_path / "restored.db")


def test_a_file_is_never_written_over(database: Path, tmp_path: Path) -> None:
    made = back_up(database, tmp_path / "backups", NOW)
    with pytest.raises(StoreError, match="there is a file already"):
        restore(made, database)


def test_what_only_looks_like_a_backup_does_not_count(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = back_up(database, folder, NOW)
    (folder / "funding-1.json").write_text("{")
    (folder / "funding-2.json").write_text(json.dumps({"path": "funding-2.db.gz"}))
    (folder / "funding-20270115T090000Z.db.gz").write_bytes(b"cut off before it was described")
    assert backups(folder) == [made]
    with pytest.raises(NotFoundError, match="there is no backup"):
        newest(tmp_path)


def test_of_two_months_of_hourly_backups_24_hours_7_days_and_4_weeks_are_kept() -> None:
    def made(at: int) -> Backup:
        return Backup(Path(str(at)), at, 4, {}, 1, 1, "")

    found = [made(NOW - number * HOUR) for number in range(60 * 24)]
    gone = {backup.made_at for backup in expendable(found)}
    kept = [backup.made_at for backup in found if backup.made_at not in gone]
    hours = [NOW - number * HOUR for number in range(24)]
    days = [NOW - 9 * HOUR - number * DAY for number in range(6)]  # 23:00 of the days before
    weeks = [NOW - 9 * HOUR - (4 + 7 * number) * DAY for number in range(3)]  # of the Sundays before
    assert kept == sorted({*hours, *days, *weeks}, reverse=True)
    assert not expendable([backup for backup in found if backup.made_at in kept])


def test_what_is_moved_aside_takes_its_wal_along(database: Path) -> None:
    with closing(writer(database)) as conn:
        save_event(conn, "deploy", "in the WAL", NOW)
        moved = aside(database, "damaged", NOW)
    assert moved == database.with_name("funding.db.damaged-20270115T080000Z")
    assert not list(database.parent.glob("funding.db-*"))
    assert not database.exists()
    assert texts(moved)[-1] == "in the WAL"
    assert aside(database, "damaged", NOW) is None
