"""Which spans a contract lacks, by what is known of it."""

import pytest

from funding.adapter import DAY, HOUR, History
from funding.ledger import BEFORE, Wanted, lacking
from funding.walk import Span

NOW = 1_795_507_500  # 2026-11-24T08:05:00Z
DUE = NOW - 300
START = NOW - 10 * DAY
EIGHT = [(DUE - number * 8 * HOUR, 8.0) for number in reversed(range(30))]  # the oldest is less than 8 h after START


def spans(known, hours=8.0, asked=None, late=1):
    return list(lacking(known, hours, START, Wanted(NOW, 10, late=late), asked))


def test_nothing_known_everything_lacks():
    assert spans([]) == [Span(START - BEFORE, NOW)]


def test_all_known_nothing_lacks():
    assert spans(EIGHT) == []


def test_the_newest_gap_comes_first():
    known = [row for row in EIGHT[5:-2] if row != EIGHT[15]]
    assert spans(known) == [
        Span(EIGHT[-3][0], NOW),
        Span(EIGHT[14][0], EIGHT[16][0]),
        Span(START - BEFORE, EIGHT[5][0]),
    ]


def test_what_the_exchange_was_asked_for_is_not_asked_for_again_where_it_had_nothing():
    assert spans(EIGHT[5:], asked=START - 60) == []
    assert spans(EIGHT[5:], asked=START + DAY) == [Span(START - BEFORE, START + DAY)]


@pytest.mark.parametrize(("late", "expected"), [(1, [Span(EIGHT[-2][0], NOW)]), (2, [])])
def test_a_settlement_is_lacking_after_so_many_intervals(late, expected):
    assert spans(EIGHT[:-1], late=late) == expected


def test_the_settlements_own_interval_counts_before_the_contracts():
    known = [(time, 8.0) for time, _ in EIGHT[:-1]]
    assert spans(known, hours=24.0) == [Span(EIGHT[-2][0], NOW)]


def test_without_any_interval_the_newest_is_always_asked_for():
    known = [(time, None) for time, _ in EIGHT]
    assert spans(known, hours=None, asked=START) == [Span(DUE, NOW)]


def test_as_deep_as_wanted_or_as_the_exchange_keeps():
    history = History("https://venue.example", parse=lambda row: None, days=3)
    assert Wanted(NOW, 10).start(history) == NOW - 3 * DAY
    assert Wanted(NOW, 2).start(history) == NOW - 2 * DAY
