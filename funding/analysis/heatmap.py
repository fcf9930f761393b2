"""Exchanges × assets, one rate in each cell: what a dashboard draws."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from funding.analysis.current import HOURS_A_YEAR, NOISE, rate_pct
from funding.analysis.eligible import eligible
from funding.analysis.prices import Row

RAW = "raw"
UNITS = {RAW: None, "1h": 1, "8h": 8, "1d": 24, "apr": HOURS_A_YEAR}  # unit → hours

Cells = list[float | None]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """`cells[i][j]` is what exchanges[i] pays for bases[j], in the unit that was asked for; None: it does not list it.

    `spreads[j]` is the highest less the lowest of bases[j]; None where fewer than two are known, and in raw, whose
    intervals differ.
    """

    exchanges: list[str]
    bases: list[str]
    cells: list[Cells]
    spreads: Cells
    left_out: Mapping[str, int]


def heatmap(
    rows: Collection[Row], unit: str = "8h", limit: int = 50, *, chosen: Callable[[Row], bool] | None = None
) -> Heatmap:
    """The `limit` assets with most volume, exchanges by name. `chosen`: see eligible().

    raw: the fraction per the contract's own interval; 1h, 8h, 1d, apr: per cent per hour, 8 hours, day, year. Of several
    contracts of an asset on one exchange the deepest is shown: the greatest open interest, then volume, then the first by
    symbol. Bases are canonical assets; an unknown volume adds nothing. Raises ValueError for an unknown unit.
    """
    if unit not in UNITS:
        raise ValueError(f"{unit} is not a unit: {', '.join(UNITS)}")
    found = eligible(rows, chosen=chosen, yields=unit != RAW)
    bases = _by_volume(found.rows)[:limit]
    deepest = _deepest(found.rows, frozenset(bases))
    exchanges = sorted({exchange for exchange, _ in deepest})
    cells = [[_cell(deepest.get((exchange, base)), UNITS[unit]) for base in bases] for exchange in exchanges]
    spreads = [None if unit == RAW else _spread(column) for column in zip(*cells, strict=True)]
    return Heatmap(exchanges, bases, cells, spreads, found.left_out)


def _by_volume(rows: list[Row]) -> list[str]:
    volumes: dict[str, float] = defaultdict(float)
    for row in rows:
        volumes[row["asset"]] += row["volume_24h_usd"] or 0
    return sorted(volumes, key=lambda asset: (-volumes[asset], asset))


def _deepest(rows: list[Row], bases: Collection[str]) -> dict[tuple[str, str], Row]:
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row["asset"] in bases:
            place = (row["exchange"], row["asset"])
            found[place] = min(found.get(place, row), row, key=_depth)
    return found


def _depth(row: Row) -> tuple[float, float, str]:
    return -(row["open_interest_usd"] or 0), -(row["volume_24h_usd"] or 0), row["symbol"]


def _cell(row: Row | None, hours: int | None) -> float | None:
    if row is None:
        return None
    rate: float = row["funding_rate"]
    return rate if hours is None else rate_pct(rate, row["funding_interval_hours"], hours)


def _spread(column: Sequence[float | None]) -> float | None:
    known = [one for one in column if one is not None]
    return round(max(known) - min(known), NOISE) if len(known) > 1 else None
