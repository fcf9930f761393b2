"""Rate limits and the clock, with a clock of their own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.simulator.clock import Clock
from bench.simulator.limits import Limit, Limiter, Refused
from bench.simulator.venue import Venue

gaps = st.lists(st.floats(0, 1.5, allow_nan=False), min_size=1, max_size=120)


def arrivals(spaces: list[float]) -> list[float]:
    moments, at = [], 0.0
    for space in spaces:
        at += space
        moments.append(at)
    return moments


def passed(limit: Limit, moments: list[float], weight: float = 1) -> list[float]:
    limiter = Limiter(limit)
    return [at for at in moments if limiter.take(at, weight) is None]


@settings(deadline=None)
@given(gaps)
def test_a_window_never_passes_more_than_its_limit_between_two_of_its_borders(spaces: list[float]) -> None:
    counts: dict[int, int] = {}
    for at in passed(Limit("window", 3, 2), arrivals(spaces)):
        counts[int(at // 2)] = counts.get(int(at // 2), 0) + 1
    assert max(counts.values()) <= 3


@settings(deadline=None)
@given(gaps)
def test_a_sliding_limit_never_passes_more_in_any_span(spaces: list[float]) -> None:
    found = passed(Limit("sliding", 3, 2), arrivals(spaces))
    assert all(fourth >= first + 2 for first, fourth in zip(found, found[3:], strict=False))


@settings(deadline=None)
@given(gaps)
def test_a_bucket_never_passes_more_than_its_burst_and_what_has_run_in(spaces: list[float]) -> None:
    found = passed(Limit("bucket", 4, 2, burst=3), arrivals(spaces))
    for start in range(len(found)):
        for end in range(start, len(found)):
            assert end - start + 1 <= 3 + 2 * (found[end] - found[start]) + 1e-6


def test_a_window_opens_again_at_its_border_and_a_sliding_one_when_the_oldest_is_past() -> None:
    moments = [1.9, 1.9, 2.0, 2.1, 3.9, 3.95]
    assert passed(Limit("window", 2, 2), moments) == [1.9, 1.9, 2.0, 2.1]
    assert passed(Limit("sliding", 2, 2), moments) == [1.9, 1.9, 3.9, 3.95]


def test_a_bucket_is_full_at_first_and_refills_evenly() -> None:
    quarters = [n / 4 for n in range(14)]
    assert passed(Limit("bucket", 10, 10, burst=2), quarters) == [0.0, 0.25, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("kind", ["bucket", "window", "sliding"])
def test_the_wait_that_a_refusal_names_is_enough(kind: str) -> None:
    limiter = Limiter(Limit(kind, 2, 4, retry_after=True))
    assert limiter.take(1.0, 1) is None
    assert limiter.take(1.0, 1) is None
    refused = limiter.take(1.5, 1)
    assert refused
    assert 0 < refused.wait <= 4
    assert int(refused.retry_after) >= refused.wait
    assert limiter.take(1.5 + refused.wait - 0.01, 1)
    assert limiter.take(1.5 + refused.wait + 0.001, 1) is None


def test_weights_count_only_where_the_limit_is_one_of_weight() -> None:
    moments = [0.0, 0.1, 0.2]
    assert passed(Limit("window", 100, 60, weighted=True), moments, weight=40) == [0.0, 0.1]
    assert passed(Limit("window", 100, 60), moments, weight=40) == moments


def test_going_on_after_refusals_is_a_ban() -> None:
    limiter = Limiter(Limit("window", 1, 10, ban_after=2, ban_seconds=100))
    verdicts = [limiter.take(at, 1) for at in (0.0, 1.0, 2.0, 3.0, 50.0, 102.5)]
    assert [v.form if v else None for v in verdicts] == [None, "429", "429", "418", "418", None]
    assert verdicts[3] == Refused("418", 99.0)


def test_a_limit_that_makes_no_sense_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="kind is one of bucket, window, sliding, not 'leaky'"):
        Limit("leaky", 1, 1)
    with pytest.raises(ValueError, match="form is one of"):
        Limit("window", 1, 1, form="200")
    with pytest.raises(ValueError, match="above 0"):
        Limit("window", 0, 1)


# What a venue makes of it


def test_a_venue_counts_what_passed_and_what_was_refused() -> None:
    venue = Venue("okx", seed=1)
    venue.change({"limit": {"kind": "window", "limit": 2, "seconds": 10}})
    verdicts = [venue.take(at, 1) for at in (1.0, 2.0, 3.0)]
    assert [v is None for v in verdicts] == [True, True, False]
    counts = venue.counts
    assert (counts.requests, counts.passed, counts.refused, counts.first_at, counts.last_at) == (3, 2, 1, 1.0, 2.0)


def test_a_delay_lies_within_its_jitter_and_fills_it() -> None:
    venue = Venue("okx", seed=1)
    venue.change({"latency_ms": 80, "jitter_ms": 20})
    delays = [venue.delay() for _ in range(2000)]
    assert 0.060 <= min(delays) < 0.062
    assert 0.098 < max(delays) <= 0.100
    assert sum(delays) / len(delays) == pytest.approx(0.080, abs=0.001)
    assert Venue("okx", seed=1).delay() == 0


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"latency": 5}, "nothing here is called latency"),
        ({"limit": {"kind": "window", "limit": 1, "second": 1}}, "Limit has no second"),
        ({"limit": {"kind": "window"}}, "missing"),
        ({"fault": "gremlins"}, "no fault is called 'gremlins'"),
        ({"fault": {"kind": "hang", "often": 2}}, "Fault has no often"),
        ({"fault": {"kind": "hang", "every": 0}}, "every is 1 or more"),
    ],
)
def test_a_setting_nobody_knows_is_refused_and_changes_nothing(wanted: dict[str, object], words: str) -> None:
    venue = Venue("okx", seed=1)
    venue.change({"fault": "hang"})
    before = venue.describe()
    with pytest.raises(ValueError, match=words):
        venue.change({"latency_ms": 7, **wanted})
    assert venue.describe() == before


# The clock


def test_the_clock_runs_at_its_speed_in_whole_steps_and_can_be_set() -> None:
    real = [100.0]
    clock = Clock(start=1_800_000_003, speed=60, step=10, monotonic=lambda: real[0])
    assert clock.now() == 1_800_000_000
    real[0] += 1
    assert clock.now() == 1_800_000_060
    clock.set(speed=0)
    real[0] += 1_000
    assert clock.now() == 1_800_000_060
    clock.set(now=1_900_000_000, speed=1)
    real[0] += 15
    assert clock.now() == 1_900_000_010
