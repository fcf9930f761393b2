import sqlite3
import threading
from contextlib import closing

import pytest

from funding.api.database import Reading, Snapshot
from funding.api.kept import FullList, Packed, PerSnapshot, pack
from tests.api.conftest import Ticks
from tests.api.stored import NOW


def reading(run: int, now: float) -> Reading:
    with closing(sqlite3.connect(":memory:")) as connection:
        return Reading(connection, run, int(now))


class Builds:
    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Packed:
        self.made += 1
        return Packed(b"%d" % self.made, 1)


def test_a_body_is_packed_piece_by_piece_and_comes_out_as_it_was() -> None:
    pieces = [b"x" * 100_000, b"", bytes(range(256)) * 1000, b"end"]
    packed = pack(pieces)
    assert packed.length == 356_003
    assert len(packed.gzip) < 10_000
    assert b"".join(packed.plain()) == b"".join(pieces)


def test_the_list_is_built_once_a_snapshot(ticks: Ticks) -> None:
    full_list, build = FullList(ticks.monotonic), Builds()
    for _ in range(3):
        assert full_list.get(reading(1, NOW), build)[1] == Snapshot(1, NOW // 60)
        ticks.go_on(10)
    assert build.made == 1


def test_a_new_minute_is_built_at_once_and_a_new_run_after_two_seconds(ticks: Ticks) -> None:
    full_list, build = FullList(ticks.monotonic), Builds()
    seen = []
    for run, seconds in [(1, 0), (2, 1.9), (3, 0.1), (3, 60), (3, 0.1), (4, 0)]:
        ticks.go_on(seconds)
        body, snapshot = full_list.get(reading(run, ticks.now), build)
        seen.append((body.gzip, snapshot.run))
    assert seen == [(b"1", 1), (b"1", 1), (b"2", 3), (b"3", 3), (b"3", 3), (b"3", 3)]


def test_while_one_thread_builds_others_have_the_list_of_the_same_minute(ticks: Ticks) -> None:
    full_list, build = FullList(ticks.monotonic), Builds()
    full_list.get(reading(1, NOW), build)
    ticks.go_on(5)
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> Packed:
        begun.set()
        assert go_on.wait(10)
        return build()

    building = threading.Thread(target=full_list.get, args=(reading(2, ticks.now), slowly))
    building.start()
    try:
        assert begun.wait(10)
        meanwhile, _ = full_list.get(reading(2, ticks.now), build)
    finally:
        go_on.set()
        building.join(10)
    assert (meanwhile.gzip, build.made) == (b"1", 2)
    assert full_list.get(reading(2, ticks.now), build)[0].gzip == b"2"


def test_many_threads_that_need_a_new_minute_build_it_once(ticks: Ticks) -> None:
    full_list, build = FullList(ticks.monotonic), Builds()
    at_once = threading.Barrier(8)

    def get() -> None:
        at_once.wait(10)
        full_list.get(reading(1, NOW), build)

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert build.made == 1


def test_a_build_that_fails_is_not_kept_and_holds_nobody_up(ticks: Ticks) -> None:
    full_list, build = FullList(ticks.monotonic), Builds()

    def fail() -> Packed:
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        full_list.get(reading(1, NOW), fail)
    assert full_list.get(reading(1, NOW), build)[0].gzip == b"1"


def test_a_value_is_made_once_for_a_run_and_a_minute() -> None:
    made: list[Reading] = []

    def make(read: Reading) -> int:
        made.append(read)
        return len(made)

    value = PerSnapshot(make)
    assert [value.get(reading(1, NOW)), value.get(reading(1, NOW + 54))] == [1, 1]
    assert [value.get(reading(2, NOW)), value.get(reading(2, NOW + 60))] == [2, 3]


def test_whoever_comes_while_a_value_is_made_waits_for_it_and_makes_none() -> None:
    begun, go_on = threading.Event(), threading.Event()
    made, found = [], []

    def make(given: Reading) -> object:
        begun.set()
        assert go_on.wait(10)
        made.append(given.run)
        return object()

    value = PerSnapshot(make)
    threads = [threading.Thread(target=lambda: found.append(value.get(reading(1, NOW)))) for _ in range(3)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert made == [1]
    assert len(set(map(id, found))) == 1


def test_a_value_that_could_not_be_made_is_made_by_the_next() -> None:
    attempts = iter([ValueError("not now"), None])

    def make(_given: Reading) -> str:
        if error := next(attempts):
            raise error
        return "made"

    value = PerSnapshot(make)
    with pytest.raises(ValueError, match="not now"):
        value.get(reading(1, NOW))
    assert value.get(reading(1, NOW)) == "made"
