"""Predicted against settled."""

from itertools import zip_longest
from typing import Any

from funding.analysis.accuracy import FIELDS, LEADS, accuracy


def settlement(exchange: str, rate: float, *predicted: float | None, source: str = "venue") -> dict[str, Any]:
    """The sums over one. `predicted`: 10 minutes, 1 h and 4 h before."""
    sums: dict[str, Any] = {"exchange": exchange, "source": source, "settlements": 1}
    for lead, quoted in zip_longest(LEADS, predicted):
        error = 0.0 if quoted is None else quoted - rate
        known = int(quoted is not None)
        sums |= {f"settlements_{lead}": known, f"error_{lead}": error, f"absolute_error_{lead}": abs(error)}
    return sums


def test_errors_that_cancel_leave_no_bias_and_a_mean_absolute_error() -> None:
    [one] = accuracy(
        [
            settlement("okx", 0.0002, 0.0003, 0.0002, -0.0002),
            settlement("okx", 0.0002, 0.0001, 0.0002),
            settlement("okx", 0.0001),
        ]
    )
    assert tuple(one) == FIELDS
    assert one == {
        "exchange": "okx",
        "settlements": 3,
        "not_confirmed": 0,
        "mean_absolute_error_10m_pct": 0.01,
        "bias_10m_pct": 0.0,
        "settlements_10m": 2,
        "mean_absolute_error_1h_pct": 0.0,
        "bias_1h_pct": 0.0,
        "settlements_1h": 2,
        "mean_absolute_error_4h_pct": 0.04,
        "bias_4h_pct": -0.04,
        "settlements_4h": 1,
    }


def test_more_quoted_than_charged_is_a_bias_above_zero() -> None:
    [one] = accuracy([settlement("okx", -0.0002, -0.0001), settlement("okx", 0.0001, 0.0004)])
    assert (one["bias_10m_pct"], one["mean_absolute_error_10m_pct"]) == (0.02, 0.02)


def test_exchanges_stand_by_name_each_with_its_own() -> None:
    found = accuracy([settlement("okx", 0.0, 0.0001), settlement("bybit", 0.0, 0.0002), settlement("okx", 0.0, 0.0003)])
    assert [(one["exchange"], one["bias_10m_pct"]) for one in found] == [("bybit", 0.02), ("okx", 0.02)]


def test_what_is_only_our_own_observation_is_counted_and_not_measured() -> None:
    [one] = accuracy([settlement("okx", 0.0001, 0.0001, source="observed"), settlement("okx", 0.0001, 0.0002)])
    assert (one["settlements"], one["not_confirmed"], one["mean_absolute_error_10m_pct"]) == (1, 1, 0.01)
    [one] = accuracy([settlement("okx", 0.0001, 0.0001, source="observed")])
    assert (one["settlements"], one["mean_absolute_error_10m_pct"], one["settlements_10m"]) == (0, None, 0)


def test_no_settlements_have_no_accuracy() -> None:
    assert accuracy([]) == []
