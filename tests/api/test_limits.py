"""The limiter by itself: never more than the quota in any window, whoever comes how often, in bounded memory."""

import threading
import tracemalloc
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.api.limits import MOST_CLIENTS, Limiter, Standing


class Time:
    def __init__(self, now: float = 0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time(1000)


def allowed(limiter: Limiter, key: bytes, times: int, quota: int = 60) -> int:
    return sum(limiter.hit(key, quota, 60).allowed for _ in range(times))


def test_a_client_has_its_quota_and_then_waits(time: Time) -> None:
    limiter = Limiter(time)
    assert [limiter.hit(b"a", 3, 60) for _ in range(5)] == [
        Standing(True, 2, 65),
        Standing(True, 1, 65),
        Standing(True, 0, 65),
        Standing(False, 0, 65),
        Standing(False, 0, 65),
    ]
    time.now += 64.9
    assert limiter.hit(b"a", 3, 60) == Standing(False, 0, 1)
    time.now += 0.1
    assert limiter.hit(b"a", 3, 60) == Standing(True, 2, 65)


def test_who_waits_as_long_as_it_is_told_is_served_again(time: Time) -> None:
    limiter = Limiter(time)
    for _ in range(50):
        limiter.hit(b"a", 2, 60)
        time.now += 0.7
    for _ in range(20):
        standing = limiter.hit(b"a", 2, 60)
        time.now += standing.reset_seconds
        assert limiter.hit(b"a", 2, 60).allowed


def test_refused_requests_do_not_count_so_hammering_does_not_lock_out_for_ever(time: Time) -> None:
    limiter = Limiter(time)
    passed = []
    for _ in range(3000):
        if limiter.hit(b"a", 5, 60).allowed:
            passed.append(time.now)
        time.now += 0.1
    assert len(passed) == 25  # 300 s of 5 in each 65


def test_clients_do_not_count_against_each_other(time: Time) -> None:
    limiter = Limiter(time)
    assert allowed(limiter, b"a", 100) == 60
    assert allowed(limiter, b"b", 100) == 60


def test_the_quota_may_differ_from_client_to_client_and_time_to_time(time: Time) -> None:
    limiter = Limiter(time)
    assert allowed(limiter, b"a", 10, quota=5) == 5
    assert allowed(limiter, b"a", 10, quota=8) == 3
    assert limiter.hit(b"a", 5, 60) == Standing(False, 0, 65)


pauses = st.sampled_from([0, 0.01, 0.5, 4.9, 5, 5.1, 20, 59.9, 60, 61, 70])
steps = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(1, 9), pauses), min_size=1, max_size=120)


@given(steps=steps, quota=st.integers(1, 12), begin=st.floats(0, 1e7))
def test_never_more_than_the_quota_passes_in_any_minute(
    steps: list[tuple[bytes, int, float]], quota: int, begin: float
) -> None:
    time = Time(begin)
    limiter = Limiter(time)
    passed: dict[bytes, list[float]] = defaultdict(list)
    for key, times, pause in steps:
        for _ in range(times):
            standing = limiter.hit(key, quota, 60)
            if standing.allowed:
                passed[key].append(time.now)
            assert 0 <= standing.remaining < quota
            assert 1 <= standing.reset_seconds <= 65
        time.now += pause
    for moments in passed.values():
        for place, moment in enumerate(moments):
            assert sum(moment <= other <= moment + 60 for other in moments[place:]) <= quota


@given(steps=steps, quota=st.integers(1, 12))
def test_an_idle_client_has_its_whole_quota_again_after_sixty_five_seconds(
    steps: list[tuple[bytes, int, float]], quota: int
) -> None:
    time = Time(7)
    limiter = Limiter(time)
    for key, times, pause in steps:
        for _ in range(times):
            limiter.hit(key, quota, 60)
        time.now += pause
    time.now += 65
    assert allowed(limiter, b"a", quota + 5, quota) == quota


# Memory


def test_idle_clients_are_dropped(time: Time) -> None:
    limiter = Limiter(time)
    for number in range(1000):
        limiter.hit(b"%d" % number, 60, 60)
    assert len(limiter) == 1000
    time.now += 130
    limiter.hit(b"other", 60, 60)
    time.now += 65
    limiter.forget()
    assert len(limiter) == 1


def test_who_keeps_coming_is_not_dropped_with_the_idle(time: Time) -> None:
    limiter = Limiter(time)
    for _ in range(40):
        allowed(limiter, b"a", 1, quota=4)
        limiter.forget()
        time.now += 13
    assert limiter.hit(b"a", 4, 60).remaining == 0


@pytest.mark.parametrize("second", range(0, 70, 3))
def test_nobody_is_dropped_while_its_requests_still_count(second: int, time: Time) -> None:
    limiter = Limiter(time)
    limiter.hit(b"other", 60, 60)
    time.now += second
    assert allowed(limiter, b"a", 5, quota=5) == 5
    for _ in range(60):
        time.now += 1
        limiter.hit(b"other", 60, 60)
    assert not limiter.hit(b"a", 5, 60).allowed


def test_while_there_are_too_many_new_clients_share_one_bucket_and_the_known_keep_theirs(time: Time) -> None:
    limiter = Limiter(time, most_clients=3)
    for key in (b"a", b"b", b"c"):
        limiter.hit(key, 60, 60)
    assert sum(limiter.hit(b"new %d" % number, 60, 60).allowed for number in range(200)) == 60
    assert allowed(limiter, b"a", 100) == 59
    assert len(limiter) == 3
    time.now += 130
    limiter.forget()
    time.now += 65
    assert allowed(limiter, b"new 7", 100) == 60
    assert len(limiter) == 1


def test_a_million_addresses_take_no_more_room_than_the_most_clients(time: Time) -> None:
    limiter = Limiter(time)
    tracemalloc.start()
    try:
        for number in range(MOST_CLIENTS + 1):
            limiter.hit(number.to_bytes(4), 60, 60)
        room, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert room < 15_000_000
    for number in range(1_000_000):
        limiter.hit(number.to_bytes(4), 60, 60)
        if not number % 1_000:
            time.now += 1
            assert len(limiter) <= MOST_CLIENTS


def test_many_threads_together_get_no_more_than_the_quota(time: Time) -> None:
    limiter = Limiter(time)
    found: list[int] = []
    at_once = threading.Barrier(8)

    def ask() -> None:
        at_once.wait(10)
        found.append(allowed(limiter, b"a", 500, quota=1000))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sum(found) == 1000
