"""Exchanges × assets, one rate in each cell: what a dashboard draws."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from funding.analysis.eligible import eligible
from funding.analysis.prices import Row

UNITS = {"raw": "funding_rate", "1h": "rate_1h_pct", "8h": "rate_8h_pct", "apr": "annualized_pct"}  # unit → field


@dataclass(frozen=True, slots=True)
class Heatmap:
    """`cells[i][j]` is what exchanges[i] pays for bases[j], in the unit that was asked for; None: it does not list it."""

    exchanges: list[str]
    bases: list[str]
    cells: list[list[float | None]]
    left_out: Mapping[str, int]


def heatmap(rows: Collection[Row], unit: str = "8h", limit: int = 50) -> Heatmap:
    """The `limit` assets with most volume, exchanges by name. `rows`: all there are.

    raw: the fraction per the contract's own interval; 1h, 8h, apr: per cent per hour, 8 hours, year. Of several contracts
    of an asset on one exchange the deepest is shown: the greatest open interest, then volume, then the first by symbol.
    Bases are canonical assets; an unknown volume adds nothing. Raises ValueError for an unknown unit.
    """
    if unit not in UNITS:
        raise ValueError(f"{unit} is not a unit: {', '.join(UNITS)}")
    found = eligible(rows, yields=unit != "raw")
    bases = _by_volume(found.rows)[:limit]
    deepest = _deepest(found.rows, frozenset(bases))
    exchanges = sorted({exchange for exchange, _ in deepest})
    cells = [[_cell(deepest.get((exchange, base)), unit) for base in bases] for exchange in exchanges]
    return Heatmap(exchanges, bases, cells, found.left_out)


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


def _cell(row: Row | None, unit: str) -> Any:
    return None if row is None else row[UNITS[unit]]
