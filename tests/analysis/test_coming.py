"""When a contract will settle."""

import pytest

from funding.analysis.coming import coming

H = 3600
DUE = 1_800_028_800


@pytest.mark.parametrize(
    ("due", "hours", "after", "until", "expected"),
    [
        (0, 8.0, -1, 24, [0, 8, 16, 24]),
        (0, 8.0, 0, 24, [8, 16, 24]),  # the start is not in it, the end is
        (0, 8.0, 7.999, 16, [8, 16]),
        (0, 8.0, 8, 15.999, []),
        (0, 8.0, -30, -1, []),  # nothing before the next
        (-16, 8.0, 0, 9, [8]),  # passed by
        (0, 1.0, 0, 3, [1, 2, 3]),
        (0, 0.5, 0, 1, [0.5, 1]),
        (0, None, -1, 24, [0]),
        (0, None, -1, 0, [0]),
        (0, None, 0, 24, []),
        (None, 8.0, 0, 24, []),
    ],
)  # fmt: skip
def test_it_settles_at_the_next_time_and_every_interval_after(
    due: float | None, hours: float | None, after: float, until: float, expected: list[float]
) -> None:
    row = {"next_funding_time": None if due is None else DUE + round(due * H), "funding_interval_hours": hours}
    found = list(coming(row, DUE + round(after * H), DUE + round(until * H)))
    assert [(one - DUE) / H for one in found] == expected
    assert all(isinstance(one, int) for one in found)
