"""Sums of what was charged. `UNTIL` is a midnight, so that a day's settlements are those at 8, 16 and 24 h."""

import pytest

from funding.analysis.charges import Charges
from funding.analysis.sums import DAYS, FIELDS, NOT_KNOWN, Sums, against_settled, sums, sums_by_contract

DAY = 86_400
UNTIL = 1_800_000_000 - 1_800_000_000 % DAY
H = 3600


def charged(
    rate: float = 0.0001, hours: int = 8, days: float = 30, until: int = UNTIL
) -> list[tuple[int, float, float]]:
    """(time, rate, interval), oldest first."""
    count = round(days * 24 / hours)
    return [(until - number * hours * H, rate, float(hours)) for number in reversed(range(count))]


def summed(settlements: list[tuple[int, float, float]], until: int = UNTIL, hours: float | None = 8.0) -> Sums:
    times, rates, intervals = zip(*settlements, strict=True) if settlements else ((), (), ())
    return sums(Charges(times, rates, intervals), until, hours)


def figures(one: Sums) -> list[float | int | None]:
    return [getattr(one, name) for name in FIELDS]


def test_a_month_of_one_rate_is_that_of_the_example() -> None:
    assert figures(summed(charged())) == [0.03, 0.09, 0.21, 0.9, 7, 30, 0]


@pytest.mark.parametrize(("hours", "day"), [(1, 0.24), (2, 0.12), (4, 0.06), (8, 0.03), (24, 0.01)])
def test_a_day_adds_up_by_its_own_interval(hours: int, day: float) -> None:
    one = summed(charged(hours=hours), hours=hours)
    assert figures(one) == [day, round(day * 3, 10), round(day * 7, 10), round(day * 30, 10), 7, 30, 0]


def test_a_settlement_at_the_end_counts_and_one_at_the_start_does_not() -> None:
    longer = [(UNTIL - 7 * DAY, 0.5, 8.0) if one[0] == UNTIL - 7 * DAY else one for one in charged(days=31)]
    assert summed(longer).settled_7d_pct == 0.21
    assert summed(longer, UNTIL - 1).settled_7d_pct == pytest.approx(0.2 + 50)  # the last is not in it, the other is


def test_a_day_counts_as_positive_only_if_longs_paid_in_it() -> None:
    signs = [(time, rate * ((UNTIL - time) // DAY % 3 - 1), hours) for time, rate, hours in charged()]
    one = summed(signs)  # by day, the latest first: -0.03, 0, 0.03, -0.03, …
    assert one.days_pct[:4] == (-0.03, 0.0, 0.03, -0.03)
    assert figures(one) == [-0.03, 0.0, -0.03, 0.0, 2, 10, 0]


@pytest.mark.parametrize(
    ("lost_day", "expected"),
    [
        (0.5, [None, None, None, None, None, None, 1]),
        (1.5, [0.03, None, None, None, None, None, 1]),
        (3.5, [0.03, 0.09, None, None, None, None, 1]),
        (6.5, [0.03, 0.09, None, None, None, None, 1]),
        (7.5, [0.03, 0.09, 0.21, None, 7, None, 1]),
        (29.5, [0.03, 0.09, 0.21, None, 7, None, 1]),
    ],
)
def test_a_sum_of_which_a_settlement_is_missing_is_none(lost_day: float, expected: list[float | None]) -> None:
    moment = UNTIL - int(lost_day * 24) // 8 * 8 * H
    kept = [one for one in charged() if one[0] != moment]
    assert len(kept) == 89
    assert figures(summed(kept)) == expected


def test_the_sum_of_a_contract_that_is_new_is_known_from_its_first_day_on() -> None:
    assert figures(summed(charged(days=8))) == [0.03, 0.09, 0.21, None, 7, None, 22]
    assert figures(summed(charged(days=6 + 2 / 3))) == [0.03, 0.09, None, None, None, None, 24]


def test_what_is_due_and_not_stored_yet_is_missing_until_it_is() -> None:
    late = charged()[:-1]
    assert figures(summed(late, UNTIL)) == [None, None, None, None, None, None, 1]
    assert summed(late, UNTIL - 1).settled_7d_pct == 0.21


def test_a_contract_without_settlements_or_interval_has_no_sums() -> None:
    assert summed([]) == NOT_KNOWN
    assert figures(NOT_KNOWN) == [None, None, None, None, None, None, DAYS]
    without = [(time, rate) for time, rate, _ in charged()]
    times, rates = zip(*without, strict=True)
    assert sums(Charges(times, rates, (None,) * 90), UNTIL, None) == NOT_KNOWN
    assert sums(Charges(times, rates, (None,) * 90), UNTIL, 8.0).settled_30d_pct == 0.9


def test_a_change_of_the_interval_leaves_the_sums_whole() -> None:
    change = UNTIL - 10 * DAY
    mixed = charged(until=change, days=25) + charged(0.0002, hours=1, days=10)
    one = summed(mixed, hours=1.0)
    assert (one.settled_1d_pct, one.settled_7d_pct) == (0.48, 3.36)
    assert one.settled_30d_pct == 5.4  # 10 × 24 × 0.02 + 20 × 3 × 0.01
    assert one.incomplete_days == 0


def test_sums_carry_no_noise_of_binary_fractions() -> None:
    assert summed(charged(0.00001, hours=1), hours=1.0).settled_1d_pct == 0.024


def test_contracts_are_summed_one_by_one_with_their_own_intervals() -> None:
    rows = [(4, *one, "venue") for one in charged()] + [(9, time, -rate, None, "venue") for time, rate, _ in charged()]
    found = sums_by_contract(rows, UNTIL, {4: 8.0, 9: 8.0, 11: 1.0})
    assert {one: sums_of.settled_7d_pct for one, sums_of in found.items()} == {4: 0.21, 9: -0.21}
    assert sums_by_contract(rows, UNTIL, {})[9] == NOT_KNOWN


def test_the_present_rate_is_set_against_the_week() -> None:
    week = summed(charged())
    assert against_settled(21.9, week) == {
        "settled_7d_annualized_pct": 10.95,
        "predicted_minus_settled_7d_pct": 10.95,
    }
    assert against_settled(None, week) == {
        "settled_7d_annualized_pct": 10.95,
        "predicted_minus_settled_7d_pct": None,
    }
    assert against_settled(21.9, NOT_KNOWN) == {
        "settled_7d_annualized_pct": None,
        "predicted_minus_settled_7d_pct": None,
    }
