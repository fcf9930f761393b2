"""What pace learns from refusals, on a virtual clock: 429s hold a whole host back, bans and blocks open its circuit."""

import pytest

from funding.adapter import Budget, per_second, window
from funding.errors import FetchError
from funding.pace import Pace
from tests.pacing import HOST, START, VirtualTime, paced, refusal


def slow_down(retry_after: float | None = None) -> FetchError:
    return FetchError("rate_limited", "HTTP 429", retry_after=retry_after, status=429)


def test_a_429_holds_back_every_thread_and_those_that_wait_already():
    pace, time = paced(per_second(1), patience=1000)
    went = []

    def ask() -> None:
        pace.wait(HOST)
        went.append(time.now - START)

    def be_refused() -> None:
        time.wait(1.5)
        pace.failed(HOST, slow_down(retry_after=10))

    time.run(*[ask] * 5, be_refused)
    assert sorted(went) == [0.0, 1.0, 11.5, 12.5, 13.5]


def test_after_a_429_those_that_wait_for_a_window_wait_anew():
    pace, time = paced(window(2, 10), patience=1000)
    went = []

    def ask() -> None:
        pace.wait(HOST)
        went.append(round(time.now - START, 6))

    def be_refused() -> None:
        time.wait(5)
        pace.failed(HOST, slow_down(retry_after=1))

    time.run(*[ask] * 4, be_refused)
    assert sorted(went) == [0.0, 0.0, 10.04, 10.04]


def test_a_shorter_pause_does_not_take_back_a_longer_one():
    pace, _ = paced(per_second(10))
    for retry_after in (300, 1):
        pace.failed(HOST, slow_down(retry_after))
    assert refusal(lambda: pace.wait(HOST)).words == f"{HOST} asked for fewer requests: none for another 300 s"


def test_a_429_does_not_bring_the_next_turn_forward():
    pace, time = paced(Budget(0.2, 1))
    pace.wait(HOST)
    pace.failed(HOST, slow_down())
    pace.wait(HOST)
    assert time.now - START == 5


def test_after_a_429_a_bucket_has_no_burst_any_more():
    pace, time = paced(per_second(10))
    pace.failed(HOST, slow_down(retry_after=5))
    went = []
    for _ in range(3):
        pace.wait(HOST)
        went.append(round(time.now - START, 6))
    assert went == [5.0, 5.1, 5.2]


def test_after_a_429_a_window_still_counts_what_was_sent():
    pace, time = paced(window(3, 30))
    for _ in range(3):
        pace.wait(HOST)
    pace.failed(HOST, slow_down(retry_after=5))
    pace.wait(HOST)
    assert round(time.now - START, 6) == 30.04


@pytest.mark.parametrize(
    ("budget", "retry_after", "seconds"),
    [
        (window(20, 2), 7.0, 7.0),
        (window(20, 2), None, 2.0),
        (window(20, 2), 0.0, 2.0),
        (window(20, 0.5), None, 1.0),
        (per_second(10), 0.2, 1.0),
        (window(20, 2), 90_000.0, 900.0),
    ],
)
def test_a_429_waits_as_told_or_one_window_but_between_a_second_and_a_quarter_of_an_hour(budget, retry_after, seconds):
    pace, time = paced(budget, patience=1000)
    pace.failed(HOST, slow_down(retry_after))
    pace.wait(HOST)
    assert time.now - START == seconds


def test_429s_that_go_on_double_the_pause_and_a_good_answer_ends_that():
    pace, time = paced(window(20, 100), patience=1000)
    pauses = []
    for good in (False, False, False, False, False, True, False):
        if good:
            pace.succeeded(HOST, 0.1, 1)
        pace.failed(HOST, slow_down())
        before = time.now
        pace.wait(HOST)
        pauses.append(time.now - before)
    assert pauses == [100, 200, 400, 800, 900, 100, 200]


def test_429s_of_requests_that_were_under_way_together_count_as_one():
    pace, time = paced(window(20, 2))
    for _ in range(8):
        pace.failed(HOST, slow_down())
    pace.succeeded(HOST, 0.1, 1)  # it was under way too: no sign of an end
    pace.wait(HOST)
    assert time.now - START == 2
    pace.failed(HOST, slow_down())
    pace.wait(HOST)
    assert time.now - START == 6


def test_nobody_waits_longer_than_patience_for_a_429():
    pace, time = paced(per_second(10))
    pace.failed(HOST, slow_down(retry_after=300))
    time.now += 100
    for call in (lambda: pace.wait(HOST), lambda: pace.check(HOST)):
        error = refusal(call)
        assert (error.kind, error.retryable) == ("rate_limited", False)
        assert error.words == f"{HOST} asked for fewer requests: none for another 200 s"
    time.now += 140
    pace.wait(HOST)
    assert time.now - START == 300


@pytest.mark.parametrize(
    ("kind", "status", "retry_after", "seconds"),
    [
        ("banned", 418, 7200.0, 7200),
        ("banned", 418, None, 600),
        ("banned", 405, None, 600),
        ("blocked", 451, None, 3600),
        ("blocked", 403, None, 600),
        ("blocked", None, None, 3600),
    ],
)
def test_a_host_that_shuts_us_out_is_left_alone(kind, status, retry_after, seconds):
    pace, time = paced(per_second(10))
    pace.failed(HOST, FetchError(kind, f"HTTP {status}", status=status, retry_after=retry_after))
    for call in (lambda: pace.wait(HOST), lambda: pace.check(HOST)):
        error = refusal(call)
        assert (error.kind, error.retryable) == (kind, False)
    time.now += seconds - 0.001
    assert refusal(lambda: pace.wait(HOST)).kind == kind
    time.now += 0.001
    pace.wait(HOST)


def test_an_open_circuit_says_why_and_until_when():
    pace, _ = paced(per_second(10))
    pace.failed(HOST, FetchError("blocked", "HTTP 451: Unavailable For Legal Reasons", status=451))
    assert refusal(lambda: pace.check(HOST)).words == (
        f"{HOST} is not asked before 2026-11-24 09:00:00 UTC: HTTP 451: Unavailable For Legal Reasons"
    )


def test_threads_that_wait_for_their_turn_learn_that_the_circuit_opened():
    pace, time = paced(per_second(1))
    found = []

    def ask() -> None:
        try:
            pace.wait(HOST)
            found.append("went")
        except FetchError as error:
            found.append(error.kind)

    def be_banned() -> None:
        time.wait(0.5)
        pace.failed(HOST, FetchError("banned", "HTTP 418", status=418))

    time.run(*[ask] * 4, be_banned)
    assert sorted(found) == ["banned", "banned", "banned", "went"]


def barred() -> tuple[Pace, VirtualTime]:
    """A pace whose circuit has been open for just long enough."""
    pace, time = paced(per_second(10))
    pace.failed(HOST, FetchError("banned", "HTTP 418", status=418))
    time.now += 600
    return pace, time


def test_one_probe_goes_and_its_success_closes_the_circuit():
    pace, _ = barred()
    pace.wait(HOST)
    assert refusal(lambda: pace.wait(HOST)).kind == "banned"
    pace.succeeded(HOST, 0.1, 1)
    pace.wait(HOST)


def test_a_good_answer_to_an_earlier_request_does_not_close_the_circuit():
    pace, _ = paced(per_second(10))
    pace.failed(HOST, FetchError("banned", "HTTP 418", status=418))
    pace.succeeded(HOST, 0.1, 1)
    assert refusal(lambda: pace.wait(HOST)).kind == "banned"


def test_a_probe_that_is_refused_opens_the_circuit_again():
    pace, time = barred()
    pace.wait(HOST)
    pace.failed(HOST, FetchError("banned", "HTTP 418", status=418))
    time.now += 599
    assert refusal(lambda: pace.wait(HOST)).kind == "banned"


def test_a_probe_that_is_lost_makes_room_for_another_after_a_minute():
    pace, time = barred()
    pace.wait(HOST)
    pace.failed(HOST, FetchError("timeout", "no whole answer"))
    time.now += 59
    assert refusal(lambda: pace.wait(HOST)).kind == "banned"
    time.now += 1
    pace.wait(HOST)


def test_the_background_heeds_a_429_that_comes_while_it_waits():
    pace, time = paced(Budget(2, 1), patience=1000)
    went = []

    def fill_up() -> None:
        pace.wait(HOST, 2)
        pace.wait(HOST, 2, background=True)
        went.append(time.now - START)

    def be_refused() -> None:
        time.wait(0.5)
        pace.failed(HOST, slow_down(retry_after=20))

    time.run(fill_up, be_refused)
    assert went[0] >= 20.5
