"""Many items at once: what fails is counted, what does not is kept, in order."""

import threading
from collections import Counter

import pytest

from funding.adapter import window
from funding.errors import FetchError
from funding.fanout import Fanned, fanout
from tests.pacing import HOST, paced


def test_results_come_in_the_order_of_the_items_not_of_the_answers():
    first_may_end = threading.Event()

    def call(item: int) -> int:
        if item == 3:
            first_may_end.set()
        if item == 0:
            first_may_end.wait()
        return item * 10

    assert fanout(range(4), call, workers=2, name="okx").results == [(0, 0), (1, 10), (2, 20), (3, 30)]


def test_failures_are_counted_by_kind_with_the_words_of_the_first_and_the_rest_is_kept():
    def call(item: int) -> str:
        if item % 2:
            raise FetchError("timeout" if item == 3 else "http", f"item {item}")
        return f"row {item}"

    fanned = fanout(range(6), call, workers=3, name="okx")
    assert fanned.results == [(0, "row 0"), (2, "row 2"), (4, "row 4")]
    assert fanned.failures == Counter(http=2, timeout=1)
    assert fanned.words == {"http": "item 1", "timeout": "item 3"}


def test_as_many_items_are_under_way_as_there_are_workers():
    together = threading.Barrier(3)
    assert len(fanout(range(6), lambda item: together.wait(10), workers=3, name="okx").results) == 6


def test_the_threads_have_the_name_of_the_exchange():
    names = fanout(range(3), lambda item: threading.current_thread().name, workers=2, name="okx").results
    assert {name.split("_")[0] for _, name in names} == {"okx"}


def test_no_items_give_nothing():
    fanned: Fanned[int, int] = fanout([], lambda item: item, workers=2, name="okx")
    assert (fanned.results, fanned.failures, fanned.words) == ([], Counter(), {})


def test_a_fault_of_ours_is_raised_and_nothing_more_is_begun():
    begun = []

    def call(item: int) -> None:
        begun.append(item)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fanout(range(1000), call, workers=1, name="okx")
    assert len(begun) < 1000


def test_when_the_circuit_opens_the_rest_fails_without_being_sent():
    pace, _ = paced(window(100, 1))
    sent = []

    def call(item: int) -> int:
        pace.wait(HOST)
        sent.append(item)
        if item == 2:
            error = FetchError("banned", "HTTP 418", status=418)
            pace.failed(HOST, error)
            raise error
        return item

    fanned = fanout(range(50), call, workers=1, name="okx")
    assert sent == [0, 1, 2]
    assert fanned.results == [(0, 0), (1, 1)]
    assert fanned.failures == Counter(banned=48)
