"""Which requests a span takes, on an invented venue that pages as it likes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from funding.adapter import HOUR, History, Row, Settlement
from funding.errors import FetchError
from funding.history import Page
from funding.walk import Span, moment, walk

NOW = 1_795_507_200  # 2026-11-24T08:00:00Z
URL = "https://venue.example/history?symbol={symbol}"
WINDOW = URL + "&from={since_s}&to={until_s}"
BACK = URL + "&to={until_s}"


def hourly(count: int, until: int = NOW, hours: float = 1) -> list[int]:
    """So many settlement times, oldest first, the last one at `until`."""
    step = int(hours * HOUR)
    return [until - number * step for number in reversed(range(count))]


@dataclass
class Venue:
    """What it has, and how it answers. Keeps what it was asked."""

    times: list[int]
    size: int = 0  # rows an answer; 0: all
    cuts: str = "oldest"  # which rows are left out of an answer that is too long
    newest_first: bool = True
    bounds: Callable[[int, int, int], bool] = lambda time, since, until: since <= time <= until
    asked: list[Row] = field(default_factory=list)
    fails_at: int = 0  # the number of the request that fails

    def __call__(self, words: Row) -> Page:
        self.asked.append(words)
        if len(self.asked) == self.fails_at:
            raise FetchError("timeout", "no answer")
        since, until = words.get("since_s", 0), words.get("until_s", NOW)
        return self.page([time for time in self.times if self.bounds(time, since, until)])

    def page(self, times: list[int], cursor: str | None = None) -> Page:
        if self.size:
            times = times[-self.size :] if self.cuts == "oldest" else times[: self.size]
        rows = [Settlement(time, 0.0001) for time in times]
        return Page(tuple(reversed(rows) if self.newest_first else rows), len(rows), cursor)


@dataclass
class Paged:
    """By number, offset or cursor: the cursor is the next offset."""

    times: list[int]
    size: int
    newest_first: bool = True
    cursor_after: Callable[[int, bool], str | None] = lambda end, more: str(end) if more else None
    asked: list[Row] = field(default_factory=list)

    def __call__(self, words: Row) -> Page:
        self.asked.append(words)
        begin = int(words["cursor"] or words["offset"])
        times = list(reversed(self.times)) if self.newest_first else self.times
        end = min(begin + self.size, len(times))
        rows = tuple(Settlement(time, 0.0001) for time in times[begin:end])
        return Page(rows, len(rows), self.cursor_after(end, end < len(times)))


def history(url: str, **declared: Any) -> History:
    return History(url, parse=lambda row: None, **declared)


def walked(
    one: History, venue: Callable[[Row], Page], since: int, hours: float | None = 1, until: int = NOW
) -> list[int]:
    """The times in the order in which they came."""
    return [found.time for answer in walk(one, Span(since, until), hours, venue) for found in answer]


def windows(venue: Venue) -> list[tuple[float, float]]:
    """What was asked for, in hours from NOW."""
    return [((words["since_s"] - NOW) / HOUR, (words["until_s"] - NOW) / HOUR) for words in venue.asked]


# Windows


def test_windows_are_as_long_as_an_answer_can_hold_and_the_newest_comes_first():
    venue = Venue(hourly(24), size=11)
    found = walked(history(WINDOW, page_size=11), venue, NOW - 23 * HOUR, until=NOW + HOUR // 2)
    assert windows(venue) == [(-9.5, 0.5), (-19.5, -9.5), (-23, -19.5)]
    assert sorted(found) == hourly(24)
    assert found[0] == NOW


def test_a_window_is_no_longer_than_the_venue_answers():
    venue = Venue(hourly(30))
    walked(history(WINDOW, page_size=1000, span_hours=12), venue, NOW - 29 * HOUR)
    assert windows(venue) == [(-12, 0), (-24, -12), (-29, -24)]


def test_without_a_limit_one_window_is_all():
    venue = Venue(hourly(30))
    walked(history(WINDOW), venue, NOW - 29 * HOUR)
    assert windows(venue) == [(-29, 0)]


def test_an_interval_that_is_not_known_counts_as_an_hour():
    venue = Venue(hourly(3, hours=8), size=11)
    walked(history(WINDOW, page_size=11), venue, NOW - 24 * HOUR, hours=None)
    assert windows(venue) == [(-10, 0), (-20, -10), (-24, -20)]


def test_two_empty_windows_in_a_row_end_it_and_one_does_not():
    venue = Venue([*hourly(2, NOW - 25 * HOUR), *hourly(2)])
    found = walked(history(WINDOW, page_size=11), venue, NOW - 500 * HOUR)
    assert windows(venue) == [(-10, 0), (-20, -10), (-30, -20), (-40, -30), (-50, -40)]
    assert sorted(found) == venue.times


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("cuts", ["oldest", "newest"])
def test_where_the_interval_was_shorter_than_now_and_answers_are_cut_nothing_is_lost(cuts, newest_first):
    times = [*hourly(60, NOW - 24 * HOUR), *hourly(3, hours=8)]
    venue = Venue(times, size=10, cuts=cuts, newest_first=newest_first)
    found = walked(history(WINDOW, page_size=10), venue, NOW - 90 * HOUR, hours=8)
    assert sorted(found) == times
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "bounds",
    [
        lambda time, since, until: since <= time <= until,
        lambda time, since, until: since <= time < until,
        lambda time, since, until: since < time <= until,
    ],
    ids=["both included", "until excluded", "since excluded"],
)
def test_whatever_bounds_a_venue_includes_no_settlement_falls_between_two_windows(bounds):
    times = hourly(50)[1:-1]  # the span's own ends are another matter
    venue = Venue(times, size=10, bounds=bounds)
    assert sorted(walked(history(WINDOW, page_size=10), venue, times[0] - HOUR)) == times


def test_a_venue_that_ignores_the_window_and_always_gives_the_newest_is_left_after_two_more():
    venue = Venue(hourly(500), size=10, bounds=lambda time, since, until: True)
    assert sorted(walked(history(WINDOW, page_size=10), venue, NOW - 400 * HOUR)) == hourly(10)
    assert len(venue.asked) == 3


def test_what_came_before_an_error_is_given():
    venue = Venue(hourly(40), fails_at=3)
    found: list[int] = []
    with pytest.raises(FetchError, match="no answer"):
        for answer in walk(history(WINDOW, page_size=10), Span(NOW - 39 * HOUR, NOW), 1, venue):
            found += [one.time for one in answer]
    assert sorted(found) == hourly(19)  # of -9 to 0 and -18 to -9


def test_what_brings_something_new_for_ever_is_ended():
    def endless(words: Row) -> Page:
        return Page((Settlement(words["until_s"] - 60, 0.1),), 1)

    with pytest.raises(FetchError, match="more than 1000 answers for one contract, the rest was left"):
        walked(history(BACK, page_size=1), endless, 0)


# Back from a time


@pytest.mark.parametrize("included", [True, False])
def test_back_from_a_time_whether_it_is_included_or_not(included):
    venue = Venue(hourly(25), size=10, bounds=lambda time, since, until: time <= until if included else time < until)
    found = walked(history(BACK, page_size=10), venue, NOW - 24 * HOUR, until=NOW + 60)
    assert sorted(found) == hourly(25)
    assert [(words["until_s"] - NOW) // HOUR for words in venue.asked] == [0, -10, -20]


def test_back_from_a_time_no_deeper_than_is_wanted():
    venue = Venue(hourly(100), size=10)
    found = walked(history(BACK, page_size=10), venue, NOW - 15 * HOUR)
    assert sorted(found) == hourly(20)
    assert len(venue.asked) == 2


def test_when_the_last_page_is_full_by_chance_an_empty_one_ends_it():
    venue = Venue(hourly(20), size=10)
    assert sorted(walked(history(BACK, page_size=10), venue, 0)) == hourly(20)
    assert len(venue.asked) == 3


def test_a_full_page_that_brings_nothing_new_ends_it():
    venue = Venue(hourly(20), size=10, bounds=lambda time, since, until: True)
    assert sorted(walked(history(BACK, page_size=10), venue, 0)) == hourly(10)
    assert len(venue.asked) == 2


# Pages, offsets, cursors


def test_pages_until_one_is_not_full():
    venue = Paged(hourly(25), 10)
    assert sorted(walked(history(URL + "&page={page}", page_size=10), venue, 0)) == hourly(25)
    assert [(words["page"], words["offset"]) for words in venue.asked] == [(1, 0), (2, 10), (3, 20)]


def test_newest_first_pages_no_deeper_than_is_wanted():
    venue = Paged(hourly(100), 10)
    assert sorted(walked(history(URL + "&offset={offset}", page_size=10), venue, NOW - 14 * HOUR)) == hourly(20)


def test_oldest_first_pages_are_all_turned():
    venue = Paged(hourly(40), 10, newest_first=False)
    assert sorted(walked(history(URL + "&page={page}", page_size=10), venue, NOW - 4 * HOUR)) == hourly(40)


def test_a_settlement_between_two_pages_shifts_the_rows_and_counts_once():
    venue = Paged(hourly(20), 10)
    one = history(URL + "&page={page}", page_size=10)
    found: list[int] = []
    for answer in walk(one, Span(0, NOW), 1, venue):
        found += [settled.time for settled in answer]
        venue.times = hourly(21, NOW + HOUR) if venue.times[-1] == NOW else venue.times
    assert sorted(found) == hourly(20)


def test_a_venue_that_ignores_the_page_is_asked_twice():
    venue = Venue(hourly(30), size=10, bounds=lambda time, since, until: True)
    assert sorted(walked(history(URL + "&page={page}", page_size=10), venue, 0)) == hourly(10)
    assert len(venue.asked) == 2


def test_a_cursor_is_followed_until_there_is_none():
    venue = Paged(hourly(25), 10)
    assert sorted(walked(history(URL + "&cursor={cursor}", cursor="next"), venue, 0)) == hourly(25)
    assert [words["cursor"] for words in venue.asked] == ["", "10", "20"]


def test_a_cursor_that_repeats_ends_it():
    venue = Paged(hourly(25), 10, cursor_after=lambda end, more: "10")
    assert len(walked(history(URL + "&cursor={cursor}", cursor="next"), venue, 0)) == 20
    assert len(venue.asked) == 2


def test_a_cursor_that_every_row_gives_ends_with_a_page_that_is_not_full():
    venue = Paged(hourly(25), 10, cursor_after=lambda end, more: str(end))
    assert sorted(walked(history(URL + "&id={cursor}", cursor="id", page_size=10), venue, 0)) == hourly(25)
    assert len(venue.asked) == 3


def test_no_placeholder_is_one_answer():
    venue = Venue(hourly(300))
    assert walked(history(URL), venue, NOW - HOUR) == list(reversed(hourly(300)))
    assert venue.asked == [{}]


# Moments


def test_a_moment_in_every_unit_and_nanoseconds_as_text():
    assert moment("since", NOW) == {
        "since_s": 1795507200,
        "since_ms": 1795507200000,
        "since_us": 1795507200000000,
        "since_ns": "1795507200000000000",
        "since_iso": "2026-11-24T08:00:00Z",
    }
