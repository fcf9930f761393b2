"""When a contract will settle, by its row."""

from collections.abc import Iterator
from math import floor

from funding.analysis.charges import HOUR
from funding.analysis.prices import Row


def coming(row: Row, after: int, until: int) -> Iterator[int]:
    """The times with after < time <= until (Unix seconds) at next_funding_time + k × interval, k >= 0.

    Where no interval is known, the next time alone; where no next time is, none.
    """
    due, hours = row["next_funding_time"], row["funding_interval_hours"]
    if due is None:
        return
    if hours is None:
        yield from (due,) if after < due <= until else ()
        return
    step = hours * HOUR
    number = max(0, floor((after - due) / step) + 1)
    while (moment := round(due + number * step)) <= until:
        yield moment
        number += 1
