"""Budgets, refusals and circuits on a virtual clock: nothing here waits, and every time is exact."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.adapter import Budget, per_second, weight, window
from funding.pace import MARGIN, Bucket, Pace, Window
from tests.pacing import HOST, START, paced, refusal


def turns(budget: Budget, threads: int, each: int) -> list[float]:
    """When so many threads were let go, in seconds from the start."""
    pace, time = paced(budget)
    went: list[float] = []

    def ask() -> None:
        for _ in range(each):
            pace.wait(HOST)
            went.append(round(time.now - START, 6))

    time.run(*[ask] * threads)
    return sorted(went)


# Budgets


def test_a_window_lets_its_limit_go_at_once_and_then_waits_it_out():
    assert turns(window(20, 2), threads=8, each=6) == [0.0] * 20 + [2.04] * 20 + [4.08] * 8


def test_a_bucket_lets_a_burst_go_and_then_one_after_the_other():
    steps = [round(number / 10, 6) for number in range(1, 23)]
    assert turns(per_second(10), threads=6, each=5) == [0.0] * 8 + steps


def test_a_bucket_of_one_a_second_has_no_burst():
    assert turns(per_second(1), threads=2, each=2) == [0.0, 1.0, 2.0, 3.0]


def test_a_declared_burst_is_the_size_of_the_bucket():
    assert turns(per_second(2, burst=5), threads=1, each=6) == [0.0, 0.0, 0.0, 0.0, 0.5, 1.0]


def test_a_weight_above_the_burst_needs_a_full_bucket_and_no_more():
    pace, time = paced(Budget(10, 1, burst=5))
    for _ in range(3):
        pace.wait(HOST, 5)
    assert time.now - START == 1.0  # at once, then every half a second


def test_weights_are_counted():
    pace, time = paced(weight(100, 60))
    went = []
    for cost in (90, 10, 20, 100):
        pace.wait(HOST, cost)
        went.append(round(time.now - START, 6))
    assert went == [0.0, 0.0, 60.04, 120.08]


def test_a_weight_above_the_limit_has_a_window_to_itself():
    pace, time = paced(weight(10, 1.5))
    went = []
    for cost in (1, 25, 1):
        pace.wait(HOST, cost)
        went.append(round(time.now - START, 6))
    assert went == [0.0, 1.54, 3.08]


def test_hosts_do_not_wait_for_each_other():
    pace, time = paced(per_second(1))
    pace.budget("other.example", per_second(1))
    for host in (HOST, "other.example"):
        pace.wait(host)
    assert time.now == START


def test_of_two_budgets_for_a_host_the_stricter_holds():
    pace, time = paced(per_second(10))
    pace.budget(HOST, per_second(1))
    pace.budget(HOST, per_second(5))
    for _ in range(3):
        pace.wait(HOST)
    assert time.now - START == 2


ARRIVALS = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 7)), min_size=1, max_size=80)


@given(ARRIVALS)
def test_no_window_ever_holds_more_than_the_limit(arrivals):
    log, now, went = Window(window(20, 2)), 0.0, []
    for pause, cost in arrivals:
        now += pause
        went.append((log.reserve(now, cost), cost))
    times = [at for at, _ in went]
    assert times == sorted(times)
    for first in times:
        assert sum(cost for at, cost in went if first <= at < first + 2 + 0.99 * MARGIN) <= 20


@given(ARRIVALS, st.data())
def test_a_venues_bucket_never_runs_dry_even_if_arrivals_are_bunched(arrivals, data):
    bucket, now, tokens, last = Bucket(per_second(20)), 0.0, 20.0, 0.0
    sent = []
    for pause, cost in arrivals:
        now += pause
        sent.append((bucket.reserve(now, cost) + data.draw(st.floats(0, 0.15)), cost))
    for at, cost in sorted(sent):
        tokens, last = min(20.0, tokens + (at - last) * 20), at
        tokens -= cost
        assert tokens >= -1e-6


# The background, the threads, the end


@pytest.mark.parametrize("budget", [window(20, 60), per_second(25)], ids=["window", "bucket"])
def test_the_background_takes_half_of_what_is_there_and_leaves_the_rest(budget):
    pace, time = paced(budget)
    background = []
    while time.now == START:
        pace.wait(HOST, background=True)
        background.append(time.now)
    assert len(background) == 11  # the last of them had to wait
    time.now = START
    pace, time = paced(budget)
    for _ in range(10):
        pace.wait(HOST, background=True)
    for _ in range(9):
        pace.wait(HOST)
    assert time.now == START


def test_the_background_waits_while_the_foreground_is_busy():
    pace, time = paced(window(4, 10))
    went = []

    def work() -> None:
        for _ in range(12):
            pace.wait(HOST)
            went.append((time.now - START, "foreground"))

    def fill_up() -> None:
        time.wait(0.5)
        pace.wait(HOST, background=True)
        went.append((time.now - START, "background"))

    time.run(work, fill_up)
    assert [who for _, who in went] == ["foreground"] * 12 + ["background"]


def test_the_background_goes_where_nothing_else_does_even_with_a_small_budget():
    pace, time = paced(per_second(1))
    for _ in range(2):
        pace.wait(HOST, background=True)
    assert time.now - START == 1
    pace, time = paced(weight(100, 60))
    pace.wait(HOST, 90, background=True)
    assert time.now == START


@pytest.mark.parametrize(
    ("budget", "latency", "cost", "workers"),
    [
        (per_second(10), 0.08, 1, 2),
        (per_second(10), 0.25, 1, 4),
        (window(20, 2), 1.0, 1, 11),
        (per_second(1000), 0.2, 1, 32),
        (weight(1200, 60), 0.5, 20, 2),
        (window(30, 60), 0.3, 1, 2),
    ],
)
def test_as_many_workers_as_the_budget_can_use(budget, latency, cost, workers):
    pace, _ = paced(budget)
    for _ in range(100):
        pace.succeeded(HOST, latency, cost)
    assert pace.workers(HOST) == workers


def test_the_lightest_requests_say_how_many_workers_there_are():
    pace, _ = paced(weight(2400, 60))
    for cost in (1, 40, 10):
        pace.succeeded(HOST, 0.3, cost)
    assert pace.workers(HOST) == 13  # 40 a second × 0.3 seconds, and one


def test_a_program_that_stops_ends_every_wait_and_begins_none():
    stop = threading.Event()
    pace = Pace(stop)
    pace.budget(HOST, window(1, 3600))
    pace.budget("other.example", window(1, 3600))
    pace.wait(HOST)
    threading.Timer(0.1, stop.set).start()
    for call in (lambda: pace.wait(HOST), lambda: pace.wait("other.example"), lambda: pace.pause(3600)):
        error = refusal(call)
        assert (error.kind, error.retryable) == ("reset", False)
