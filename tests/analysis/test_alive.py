"""Since when a spread has been there. Times in hours."""

from funding.analysis.alive import alive_since
from funding.analysis.charges import Charges

DAY0 = 1_800_000_000 - 1_800_000_000 % 86_400
H = 3600


def charges(hours: float | None, *rates: float, first: float | None = None) -> Charges:
    """One settlement after the other, the first an interval after midnight unless it is said when."""
    step = hours or 8
    start = step if first is None else first
    times = [DAY0 + round((start + step * place) * H) for place in range(len(rates))]
    return Charges(times, rates, [hours] * len(rates))


def since(short: Charges, long: Charges) -> float | None:
    found = alive_since(short, long)
    return None if found is None else (found - DAY0) / H


def test_a_spread_that_was_always_there_goes_back_to_the_first_period_of_both() -> None:
    assert since(charges(8, 0.0002, 0.0002), charges(8, 0.00005, 0.0001)) == 0
    assert since(charges(8, 0.0002, 0.0002), charges(8, 0.0001, first=16)) == 8


def test_it_begins_after_the_last_period_without_it() -> None:
    assert since(charges(8, 0.0002, 0.0001, 0.0003, 0.0003), charges(8, 0.0001, 0.0002, 0.0001, 0.0001)) == 16
    assert since(charges(8, 0.0002, 0.0001, 0.0003), charges(8, 0.0001, 0.0001, 0.0001)) == 16  # equal is not above


def test_rates_are_compared_by_the_hour() -> None:
    hourly = charges(1, *[0.00002] * 5, *[0.00001] * 3, *[0.00002] * 8)  # the eighth of 0.0001 is 0.0000125
    assert since(hourly, charges(8, 0.0001, 0.0001)) == 8
    assert since(charges(8, 0.0002, 0.0002), hourly) == 0  # 0.000025 is above 0.00002 all along


def test_a_change_within_the_longer_period_counts_from_where_it_was() -> None:
    assert since(charges(8, 0.0001, 0.0001), charges(1, *[0.00002] * 5, *[0.00001] * 11)) == 5


def test_a_break_within_the_other_legs_period_is_one() -> None:
    hourly = charges(1, *[0.00002] * 11, 0.0, *[0.00002] * 4)
    assert since(hourly, charges(8, 0.0001, 0.0001)) == 12


def test_it_is_looked_at_up_to_where_both_legs_are_settled() -> None:
    assert since(charges(1, *[0.00002] * 12), charges(8, 0.0001)) == 0
    assert since(charges(1, *[0.00002] * 8, *[0.0] * 4), charges(8, 0.0001)) == 0


def test_it_ends_where_something_is_missing() -> None:
    gap = Charges([DAY0 + 8 * H, DAY0 + 24 * H], [0.0002, 0.0002], [8, 8])
    assert since(gap, charges(8, 0.0001, 0.0001, 0.0001)) == 16


def test_a_spread_that_was_not_there_at_the_end_or_is_not_known_has_no_beginning() -> None:
    assert since(charges(8, 0.0002, 0.0001), charges(8, 0.0001, 0.0001)) is None
    assert since(charges(None, 0.0002), charges(8, 0.0001)) is None
    assert since(Charges(), charges(8, 0.0001)) is None
    assert since(charges(8, 0.0001), Charges()) is None


def test_negative_rates_compare_like_others() -> None:
    assert since(charges(8, -0.0001), charges(8, -0.0003)) == 0
