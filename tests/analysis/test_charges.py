"""What is missing among settlements. Times in hours, from midnight of a day on."""

from math import inf

from funding.analysis.charges import Charges, by_contract, is_whole, unknown_times

DAY0 = 1_800_000_000 - 1_800_000_000 % 86_400
H = 3600


def charges(*charged: tuple[float, float | None], rate: float = 0.0001) -> Charges:
    """(hour, interval)"""
    times = [DAY0 + round(hour * H) for hour, _ in charged]
    return Charges(times, [rate] * len(times), [interval for _, interval in charged])


def missing(until: float, interval: float | None, *charged: tuple[float, float | None]) -> list[tuple[float, float]]:
    """In hours."""
    found = unknown_times(charges(*charged), DAY0 + round(until * H), interval)
    return [((start - DAY0) / H, (end - DAY0) / H) for start, end in found]


def every(step: float, start: float, end: float) -> list[tuple[float, float | None]]:
    count = round((end - start) / step)
    return [(start + step * number, step) for number in range(count + 1)]


def test_rows_of_the_store_become_columns_of_each_contract() -> None:
    rows = [(3, 100, 0.1, 8.0, "more", None), (3, 200, 0.2, None, "more", None), (7, 100, 0.3, 1.0, "more", None)]
    assert list(by_contract(rows)) == [
        (3, Charges((100, 200), (0.1, 0.2), (8.0, None))),
        (7, Charges((100,), (0.3,), (1.0,))),
    ]
    assert list(by_contract([])) == []


def test_of_a_whole_series_only_the_time_before_it_is_unknown() -> None:
    assert missing(27, 8, *every(8, 8, 24)) == [(-inf, 0)]
    assert missing(31.9, 8, *every(8, 8, 24)) == [(-inf, 0)]


def test_a_settlement_that_is_due_and_not_there_is_missing() -> None:
    assert missing(32, 8, *every(8, 8, 24)) == [(-inf, 0), (24, 32)]


def test_a_gap_holds_what_is_missing() -> None:
    assert missing(35, 8, (8, 8), (24, 8), (32, 8)) == [(-inf, 0), (8, 16)]
    assert missing(8, 1, *every(1, 1, 3), *every(1, 6, 8)) == [(-inf, 0), (3, 5)]


def test_a_settlement_some_minutes_late_is_none_missing() -> None:
    assert missing(27, 8, (8, 8), (16.4, 8), (24, 8)) == [(-inf, 0)]
    assert missing(27, 8, (8, 8), (19.9, 8)) == [(-inf, 0)]  # one and a half intervals at most
    assert missing(27, 8, (8, 8), (20.5, 8)) == [(-inf, 0), (8, 12.5)]


def test_a_gap_that_a_history_without_intervals_shows_as_a_long_interval_is_found() -> None:
    assert missing(35, 8, (8, 8), (24, 16), (32, 8)) == [(-inf, 0), (8, 16)]
    assert missing(33, 8, (8, 8), (16, 8), (32, 16)) == [(-inf, 0), (16, 24)]  # the last: by the present interval
    assert missing(25, 8, (16, 16), (24, 8)) == [(-inf, 8)]  # the first


def test_a_change_of_the_interval_is_no_gap() -> None:
    assert missing(33, 8, *every(1, 1, 8), (16, 8), (24, 8), (32, 8)) == [(-inf, 0)]
    assert missing(20, 1, (8, 8), (16, 8), *every(1, 17, 20)) == [(-inf, 0)]
    assert missing(20, 1, (8, 8), (16, 8), *every(1, 20, 20)) == [(-inf, 0)]  # charged by the hour only from 19 h on


def test_around_a_change_the_longer_interval_and_half_the_shorter_are_waited_for() -> None:
    assert missing(17, 1, (0, 8), (8, 8), (16.4, 1)) == [(-inf, -8)]
    assert missing(17, 1, (0, 8), (8, 8), (16.6, 1)) == [(-inf, -8), (8, 15.6)]
    assert missing(12.5, 1, (0, 8), (8, 8), (9, 1), (12, 1)) == [(-inf, -8), (9, 11)]  # by the hour since 9 h


def test_the_last_is_waited_for_by_its_own_interval_or_the_present_one() -> None:
    assert missing(31, 1, *every(1, 1, 8), (16, 8), (24, 8)) == [(-inf, 0)]
    assert missing(32, 1, *every(1, 1, 8), (16, 8), (24, 8)) == [(-inf, 0), (24, 32)]
    assert missing(18, None, (8, 8), (16, 8), (17, 1)) == [(-inf, 0), (17, 18)]
    assert missing(1.5, None, (0.5, 0.5), (1, 0.5)) == [(-inf, 0), (1, 1.5)]


def test_after_a_change_the_longer_of_the_two_intervals_is_waited_for() -> None:
    assert missing(14, 8, *every(1, 1, 8)) == [(-inf, 0)]
    assert missing(16, 8, *every(1, 1, 8)) == [(-inf, 0), (8, 16)]


def test_an_interval_that_is_not_told_is_the_present_one() -> None:
    assert missing(27, 8, (8, None), (16, None), (24, None)) == [(-inf, 0)]
    assert missing(27, 8, (8, None), (24, None)) == [(-inf, 0), (8, 16)]
    assert missing(27, None, (8, None), (16, 8), (24, 8)) == [(-inf, 0)]  # or the shortest that is told


def test_where_no_interval_is_known_or_nothing_was_charged_everything_is_unknown() -> None:
    assert missing(27, None, (8, None), (16, None)) == [(-inf, 27)]
    assert missing(27, 8) == [(-inf, 27)]


def test_a_time_is_whole_if_nothing_in_it_is_unknown_its_start_not_being_in_it() -> None:
    gaps = [(-inf, 0.0), (8.0, 16.0)]
    assert is_whole(gaps, 0, 8)
    assert is_whole(gaps, 16, 24)
    assert not is_whole(gaps, -1, 8)
    assert not is_whole(gaps, 0, 9)
    assert not is_whole(gaps, 15, 24)
    assert is_whole([], 0, 8)
