"""What a series of settlements lacks, by their own intervals. Pure functions over times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

HOUR = 3600

Settled = tuple[int, float | None]  # when it was charged, Unix seconds; its interval in hours


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two settlements, `missing`: when others were due."""

    after: int
    before: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """`missing`: due times between the first and the last that nothing is known of."""

    first: int | None
    last: int | None
    count: int
    missing: tuple[int, ...]


def series(settled: Sequence[Settled]) -> Series:
    """Of settlements by time, oldest first."""
    times = [time for time, _ in settled]
    missing = tuple(due for gap in gaps(settled) for due in gap.missing)
    return Series(min(times, default=None), max(times, default=None), len(times), missing)


def gaps(settled: Sequence[Settled]) -> Iterator[Gap]:
    """Oldest first. An interval that is not known is taken to be that of the settlement before; if neither is, no gap."""
    for (after, hours_before), (before, own) in pairwise(settled):
        step = int((own or hours_before or 0.0) * HOUR)
        if step and before - after > step + step // 2:  # more than half an interval late is missing
            yield Gap(after, before, tuple(range(after + step, before - step // 2, step)))
