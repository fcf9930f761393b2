"""Gaps of a series, by the intervals of its settlements."""

import pytest

from funding.analysis.series import Gap, Series, gaps, series

HOUR = 3600


def at(*hours: float, every: float | None = 8.0) -> list[tuple[int, float | None]]:
    return [(int(hour * HOUR), every) for hour in hours]


def missing(settled: list[tuple[int, float | None]]) -> list[float]:
    return [due / HOUR for gap in gaps(settled) for due in gap.missing]


@pytest.mark.parametrize(
    ("settled", "hours"),
    [
        ([], []),
        (at(0), []),
        (at(0, 8, 16), []),
        (at(0, 8, 32), [16, 24]),
        (at(0, 1, 4, every=1), [2, 3]),
        (at(0, 8) + at(12, 16, every=4), []),
        (at(0, 4, every=4) + at(12, 20, every=8), []),
        (at(0, 8) + at(24, every=None), [16]),  # its own is not known: that of the one before
        (at(0, 8, 16, every=None), []),
        (at(0, every=None) + at(16), [8]),
        (at(0, 8.5, 16), []),  # half an hour late is not missing
    ],
)
def test_what_was_due_and_is_not_there(settled, hours):
    assert missing(settled) == hours


def test_a_gap_names_the_settlements_around_it():
    assert list(gaps(at(0, 8, 24, 32, 48))) == [
        Gap(8 * HOUR, 24 * HOUR, (16 * HOUR,)),
        Gap(32 * HOUR, 48 * HOUR, (40 * HOUR,)),
    ]


def test_a_series_in_short():
    assert series(at(0, 8, 24)) == Series(0, 24 * HOUR, 3, (16 * HOUR,))
    assert series([]) == Series(None, None, 0, ())
