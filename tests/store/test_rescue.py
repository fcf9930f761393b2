"""A database that is found damaged at start."""

import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from funding.store.backup import back_up
from funding.store.events import newest_events, save_event
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.rescue import damage, rescue

NOW = 1_800_000_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "funding.db"
    with closing(writer(path)) as conn:
        migrate(conn)
        save_event(conn, "deploy", "the first", NOW)
        back_up(path, tmp_path / "backups", NOW)
        save_event(conn, "deploy", "the second", NOW)
    return path


def overwrite(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def events(path: Path) -> list[tuple[str, str]]:
    with closing(writer(path)) as conn:
        return [(row["kind"], row["text"]) for row in newest_events(conn)]


def header(path: Path) -> None:
    overwrite(path, 0, 100)


def middle(path: Path) -> None:
    overwrite(path, 4096, path.stat().st_size - 4096)


def half(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [header, middle, half])
def test_a_damaged_file_is_moved_aside_and_the_newest_backup_restored(
    harm: Callable[[Path], None], database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    harm(database)
    with caplog.at_level(logging.CRITICAL):
        words = rescue(database, tmp_path / "backups", NOW)
    assert words is not None
    backup = tmp_path / "backups/funding-20270115T080000Z.db.gz"
    assert words.endswith(f"moved to {database}.damaged-20270115T080000Z, restored from {backup}")
    assert caplog.messages == [words]
    assert events(database) == [("deploy", "the first"), ("rescue", words[:500])]
    assert (tmp_path / "funding.db.damaged-20270115T080000Z").exists()
    assert rescue(database, tmp_path / "backups", NOW) is None


def test_a_backup_that_is_no_good_is_passed_over_for_an_older_one(database: Path, tmp_path: Path) -> None:
    newer = back_up(database, tmp_path / "backups", NOW + 60)
    overwrite(newer.path, 50, 10)
    middle(database)
    words = rescue(database, tmp_path / "backups", NOW + 90)
    assert words is not None
    assert words.endswith("restored from " + str(tmp_path / "backups/funding-20270115T080000Z.db.gz"))


def test_without_a_backup_the_database_begins_anew(database: Path, tmp_path: Path) -> None:
    middle(database)
    words = rescue(database, tmp_path / "none", NOW)
    assert words is not None
    assert words.endswith("none has no good backup")
    assert events(database) == [("rescue", words[:500])]


def test_a_sound_file_and_a_missing_one_are_left_alone(database: Path, tmp_path: Path) -> None:
    assert rescue(database, tmp_path / "backups", NOW) is None
    assert rescue(tmp_path / "gone.db", tmp_path / "backups", NOW) is None
    assert events(database) == [("deploy", "the first"), ("deploy", "the second")]


def test_a_file_that_may_be_another_programs_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no database at all\n" * 500)
    assert damage(notes) == "file is not a database"
    assert rescue(notes, tmp_path / "none", NOW) is None
    assert notes.read_text().startswith("no database")
