"""What was charged in the last day, week and month, contract by contract, and how the present rate compares with it.

A sum is whole or it is None: a part of a week is never shown as a week.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funding.analysis.charges import Charges, by_contract, is_whole, unknown_times
from funding.analysis.current import NOISE

DAY = 86_400
DAYS = 30
SETTLED_AFTER_SECONDS = 900  # by then a settlement is stored

FIELDS = (
    "settled_1d_pct", "settled_3d_pct", "settled_7d_pct", "settled_30d_pct", "days_positive_7d", "days_positive_30d",
    "incomplete_days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """One contract, in per cent of the notional, positive = longs paid.

    `days_pct`: what was charged in each of the last 30 × 24 h, (start, end], the latest first; None for one of which a
    settlement is missing.
    """

    days_pct: tuple[float | None, ...]

    @property
    def settled_1d_pct(self) -> float | None:
        return self.sum_pct(1)

    @property
    def settled_3d_pct(self) -> float | None:
        return self.sum_pct(3)

    @property
    def settled_7d_pct(self) -> float | None:
        return self.sum_pct(7)

    @property
    def settled_30d_pct(self) -> float | None:
        return self.sum_pct(30)

    @property
    def days_positive_7d(self) -> int | None:
        return self.days_positive(7)

    @property
    def days_positive_30d(self) -> int | None:
        return self.days_positive(30)

    @property
    def incomplete_days(self) -> int:
        """Of the last 30 days: why a sum is None."""
        return self.days_pct.count(None)

    def sum_pct(self, days: int) -> float | None:
        """Of the last so many days: the sum of rate × 100. None if one is not whole."""
        known = [day for day in self.days_pct[:days] if day is not None]
        return round(sum(known), NOISE) if len(known) == days else None

    def days_positive(self, days: int) -> int | None:
        """Of the last so many days, those in which longs paid. None if one is not whole."""
        known = [day for day in self.days_pct[:days] if day is not None]
        return sum(day > 0 for day in known) if len(known) == days else None


NOT_KNOWN = Sums((None,) * DAYS)


def sums_by_contract(
    rows: Iterable[Sequence[Any]], until: int, interval_hours: Mapping[int, float | None]
) -> dict[int, Sums]:
    """Contract id → what was charged up to and including `until` (Unix seconds).

    `rows`: settlements as by_contract() takes them, from 30 days before `until` on; more do no harm. `interval_hours`:
    contract id → the present one. For an `until` less than SETTLED_AFTER_SECONDS ago, what is due may not be stored yet.
    """
    return {one: sums(charges, until, interval_hours.get(one)) for one, charges in by_contract(rows)}


def sums(charges: Charges, until: int, interval_hours: float | None) -> Sums:
    """The sums of one contract. Example: 0.0001 every 8 h is 0.03 % in 1 d, 0.09 % in 3 d, 0.21 % in 7 d, 0.9 % in 30 d."""
    missing = unknown_times(charges, until, interval_hours)
    edges = [until - day * DAY for day in range(DAYS + 1)]
    places = [bisect_right(charges.times, edge) for edge in edges]
    days: list[float | None] = []
    for day in range(DAYS):
        if is_whole(missing, edges[day + 1], edges[day]):
            days.append(round(sum(charges.rates[places[day + 1] : places[day]]) * 100, NOISE))
        else:
            days.append(None)
    return Sums(tuple(days))


def against_settled(annualized_pct: float | None, settled: Sums) -> dict[str, float | None]:
    """How the present rate compares with what was charged in 7 days, in annualised per cent.

    settled_7d_annualized_pct = settled_7d_pct × 365 / 7; predicted_minus_settled_7d_pct = annualized_pct - that.
    Example: 21.9 % now, 0.21 % in 7 days: 10.95 % and 10.95 % more.
    """
    week = settled.settled_7d_pct
    yearly = None if week is None else round(week * 365 / 7, NOISE)
    more = None if yearly is None or annualized_pct is None else round(annualized_pct - yearly, NOISE)
    return {"settled_7d_annualized_pct": yearly, "predicted_minus_settled_7d_pct": more}
