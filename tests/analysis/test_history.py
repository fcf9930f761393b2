import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.analysis.history import RESOLUTIONS, SERIES, Observed, Settled, shape

MIDNIGHT = 1_799_971_200  # 2027-01-15 00:00 UTC
HOUR = 3600
BTC = ("okx", "BTC-USDT-SWAP")


def settled(hour: float, rate: float, interval_hours: float | None = 8.0) -> Settled:
    return Settled(MIDNIGHT + int(hour * HOUR), rate, interval_hours, 60_000.0, "observed")


def observed(hour: float, rate: float, interval_hours: float | None = 8.0) -> Observed:
    return Observed(MIDNIGHT + int(hour * HOUR), rate, interval_hours, MIDNIGHT + 8 * HOUR)


def rows(series: str, points: Sequence[Any], resolution: str) -> list[dict[str, Any]]:
    one = SERIES[series]
    columns = one.columns if resolution == "raw" else one.bucket_columns
    found = shape(one, BTC, points, RESOLUTIONS[resolution])
    return [dict(zip(columns, row.cells, strict=True)) for row in found]


def test_a_settlement_is_a_row_with_its_own_interval() -> None:
    assert rows("settled", [settled(8, 0.0001), settled(9, -0.00005, 1.0), settled(10, 0.0002, None)], "raw") == [
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "funding_time": MIDNIGHT + 8 * HOUR,
            "funding_rate": 0.0001,
            "funding_rate_pct": 0.01,
            "annualized_pct": 10.95,
            "funding_interval_hours": 8.0,
            "mark_price": 60_000.0,
            "source": "observed",
        },
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "funding_time": MIDNIGHT + 9 * HOUR,
            "funding_rate": -0.00005,
            "funding_rate_pct": -0.005,
            "annualized_pct": -43.8,
            "funding_interval_hours": 1.0,
            "mark_price": 60_000.0,
            "source": "observed",
        },
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "funding_time": MIDNIGHT + 10 * HOUR,
            "funding_rate": 0.0002,
            "funding_rate_pct": 0.02,
            "annualized_pct": None,
            "funding_interval_hours": None,
            "mark_price": 60_000.0,
            "source": "observed",
        },
    ]


def test_a_bucket_of_settlements_is_their_sum_with_the_hours_that_it_covers() -> None:
    points = [settled(0, 0.0001), settled(8, 0.0002), settled(16, 0.0003), settled(24, -0.0001)]
    assert rows("settled", points, "1d") == [
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "start_time": MIDNIGHT,
            "end_time": MIDNIGHT + 24 * HOUR,
            "settlements": 3,
            "funding_rate_sum": 0.0006,
            "funding_rate_sum_pct": 0.06,
            "annualized_pct": 21.9,
            "funding_interval_hours": 8.0,
            "hours_covered": 24.0,
        },
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "start_time": MIDNIGHT + 24 * HOUR,
            "end_time": MIDNIGHT + 48 * HOUR,
            "settlements": 1,
            "funding_rate_sum": -0.0001,
            "funding_rate_sum_pct": -0.01,
            "annualized_pct": -10.95,
            "funding_interval_hours": 8.0,
            "hours_covered": 8.0,
        },
    ]


@pytest.mark.parametrize(
    ("intervals", "interval", "covered", "annualized"),
    [
        ((8.0, 8.0), 8.0, 16.0, 10.95),
        ((8.0, 4.0), None, 12.0, 14.6),
        ((8.0, None), None, None, None),
        ((None, None), None, None, None),
    ],
)
def test_a_bucket_says_which_interval_where_there_is_one_and_covers_nothing_unknown(
    intervals: tuple[float | None, float | None],
    interval: float | None,
    covered: float | None,
    annualized: float | None,
) -> None:
    [row] = rows("settled", [settled(1, 0.0001, intervals[0]), settled(9, 0.0001, intervals[1])], "1d")
    assert (row["funding_interval_hours"], row["hours_covered"], row["annualized_pct"]) == (
        interval,
        covered,
        annualized,
    )
    assert row["funding_rate_sum"] == 0.0002


def test_a_bucket_of_observations_is_the_last_of_them_never_a_sum() -> None:
    points = [observed(7, 0.0001), observed(7.5, 0.0003), observed(7.9, 0.0002, 4.0), observed(8, 0.0009)]
    first, second = rows("observed", points, "8h")
    assert first == {
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "start_time": MIDNIGHT,
        "end_time": MIDNIGHT + 8 * HOUR,
        "observations": 3,
        "observed_at": MIDNIGHT + int(7.9 * HOUR),
        "funding_rate": 0.0002,
        "funding_rate_pct": 0.02,
        "annualized_pct": 43.8,
        "funding_interval_hours": 4.0,
        "next_funding_time": MIDNIGHT + 8 * HOUR,
    }
    assert (second["start_time"], second["observations"]) == (MIDNIGHT + 8 * HOUR, 1)


def test_a_sum_has_no_float_noise() -> None:
    [row] = rows("settled", [settled(1, 0.0001, 1.0), settled(2, 0.0002, 1.0)], "1d")
    assert (row["funding_rate_sum"], row["funding_rate_sum_pct"]) == (0.0003, 0.03)


times = st.lists(st.integers(0, 40 * 24 * 60), unique=True, max_size=30).map(sorted)


@given(minutes=times, resolution=st.sampled_from(["1h", "8h", "1d"]))
def test_every_point_is_in_exactly_one_bucket_and_that_holds_its_time(minutes: list[int], resolution: str) -> None:
    points = [Settled(MIDNIGHT + 60 * minute, 0.0001, 1.0, None, "venue") for minute in minutes]
    found = rows("settled", points, resolution)
    assert sum(row["settlements"] for row in found) == len(points)
    starts = [row["start_time"] for row in found]
    assert starts == sorted(set(starts))
    for row in found:
        inside = [point for point in points if row["start_time"] <= point.time < row["end_time"]]
        assert row["settlements"] == len(inside) > 0
        assert row["end_time"] - row["start_time"] == RESOLUTIONS[resolution]
        assert row["start_time"] % (row["end_time"] - row["start_time"]) == 0
        assert math.isclose(row["funding_rate_sum"], 0.0001 * len(inside))


def test_a_row_says_where_the_history_can_be_taken_up_again_and_how_many_points_it_is_made_of() -> None:
    points = [observed(1, 0.1), observed(2, 0.1), observed(9, 0.1)]
    places = [(row.time, row.points) for row in shape(SERIES["observed"], BTC, points, RESOLUTIONS["8h"])]
    assert places == [(MIDNIGHT, 2), (MIDNIGHT + 8 * HOUR, 1)]
    assert [(row.time, row.points) for row in shape(SERIES["observed"], BTC, points, None)] == [
        (point.time, 1) for point in points
    ]
