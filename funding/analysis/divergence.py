"""Contracts whose rate is far from what the others of their asset pay."""

from collections import defaultdict
from collections.abc import Collection
from statistics import median
from typing import Any

from funding.analysis.current import NOISE
from funding.analysis.eligible import Found, eligible
from funding.analysis.prices import Row

FIELDS = (
    "exchange", "symbol", "asset", "funding_rate", "funding_interval_hours", "annualized_pct", "median_annualized_pct",
    "difference_annualized_pct", "robust_z", "contracts", "exchanges", "open_interest_usd", "volume_24h_usd",
)  # fmt: skip
NORMAL = 1.4826  # makes the MAD of a normal distribution its standard deviation: 1 / 0.6745, its third quartile


def divergence(rows: Collection[Row], *, min_volume_usd: float = 0) -> Found:
    """Rows with FIELDS, the farthest from its asset's median first. `rows`: all there are.

    median_annualized_pct: of all contracts of the asset, on all exchanges; an asset on one exchange alone is left away.
    difference_annualized_pct = annualized_pct - median, in annualised percentage points.
    robust_z = difference / (1.4826 × MAD), MAD = the median of the absolute differences; where more than half of the
    contracts agree exactly the MAD is 0: then 0 for a contract that agrees with them and None for the others.
    `min_volume_usd` leaves contracts out of the list and not out of the median.
    Example: 10, 11, 12, 40: median 11.5; differences -1.5, -0.5, 0.5, 28.5; MAD 1; z of 40: 28.5 / 1.4826 = 19.22.
    """
    found = eligible(rows)
    by_asset: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows:
        by_asset[row["asset"]].append(row)
    diverging = [one for together in by_asset.values() for one in _of_asset(together, min_volume_usd)]
    diverging.sort(key=lambda row: (-abs(row["difference_annualized_pct"]), row["exchange"], row["symbol"]))
    return Found(diverging, found.left_out)


def _of_asset(together: list[Row], min_volume_usd: float) -> list[dict[str, Any]]:
    exchanges = len({row["exchange"] for row in together})
    if exchanges < 2:
        return []
    middle = median(row["annualized_pct"] for row in together)
    deviation = median(abs(row["annualized_pct"] - middle) for row in together)
    return [
        _row(row, middle, deviation, len(together), exchanges)
        for row in together
        if not min_volume_usd or (row["volume_24h_usd"] or 0) >= min_volume_usd
    ]


def _row(row: Row, middle: float, deviation: float, contracts: int, exchanges: int) -> dict[str, Any]:
    difference = row["annualized_pct"] - middle
    figures = {
        "median_annualized_pct": round(middle, NOISE),
        "difference_annualized_pct": round(difference, NOISE),
        "robust_z": robust_z(difference, deviation),
        "contracts": contracts,
        "exchanges": exchanges,
    }
    return {name: figures[name] if name in figures else row[name] for name in FIELDS}


def robust_z(difference: float, deviation: float) -> float | None:
    """How many robust standard deviations the difference is; None where nothing deviates and this one does."""
    if deviation == 0:
        return 0.0 if difference == 0 else None
    return round(difference / (NORMAL * deviation), NOISE)
