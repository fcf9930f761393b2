"""What one contract charged, oldest first, and when something that it charged is not known: what sums and carry read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from operator import itemgetter, sub
from typing import Any

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Charges:
    """Columns of one length. A rate is the fraction of notional charged at its time (Unix seconds) for `hours` until then."""

    times: Sequence[int] = ()
    rates: Sequence[float] = ()
    hours: Sequence[float | None] = ()


def by_contract(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Charges]]:
    """(contract id, its charges), from rows in the order of contract and time that begin (contract id, time, rate, hours)."""
    for contract_id, together in groupby(rows, key=itemgetter(0)):
        _, times, rates, hours, *_ = zip(*together, strict=True)
        yield contract_id, Charges(times, rates, hours)


def unknown_times(charges: Charges, until: int, interval_hours: float | None) -> list[tuple[float, float]]:
    """(after, up to and including) stretches of time, up to `until`, in which settlements are missing or not known to be all.

    All time before the first one that is known is such a stretch, and so is everything where no interval is known.
    `interval_hours`: the contract's present one, taken where a settlement has none of its own; None: not known. One is
    missing where two are farther apart than the longer of their intervals and half the shorter: the half for an exchange
    that is late, the longer because the time up to a change of the interval is paid at either's length.
    """
    expected = _expected(charges.hours, interval_hours)
    if not expected:
        return [(-inf, until)]
    times = charges.times
    missing: list[tuple[float, float]] = [(-inf, times[0] - expected[0])]
    if max(map(sub, times[1:], times), default=0) > 1.5 * min(expected):  # else there is none to look for
        for place in range(1, len(times)):
            before, own = expected[place - 1], expected[place]
            if times[place] - times[place - 1] > max(before, own) + min(before, own) / 2:
                missing.append((times[place - 1], times[place] - own))
    if times[-1] + max(expected[-1], (interval_hours or 0) * HOUR) <= until:
        missing.append((times[-1], until))
    return missing


def is_whole(missing: Sequence[tuple[float, float]], after: float, until: float) -> bool:
    """Whether no settlement of the time (after, until] is missing, by the stretches that unknown_times() gives."""
    return not any(start < until and end > after for start, end in missing)


def _expected(hours: Sequence[float | None], interval_hours: float | None) -> Sequence[float]:
    """Seconds that each settlement pays for; empty where that is not known.

    Where an exchange tells no intervals, a history's are the spacing of its settlements, so that a gap shows as one long
    interval: one that is longer than both its neighbours is cut to the longer of them.
    """
    known = [one * HOUR for one in hours if one is not None]
    fallback = interval_hours * HOUR if interval_hours is not None else min(known, default=None)
    if fallback is None or not hours:
        return ()
    own = known if len(known) == len(hours) else [fallback if one is None else one * HOUR for one in hours]
    if min(own) == max(own) == fallback:
        return own
    neighbours = zip([fallback, *own[:-1]], own, [*own[1:], fallback], strict=True)
    return [min(one, max(before, after)) for before, one, after in neighbours]
