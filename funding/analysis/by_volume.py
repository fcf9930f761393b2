"""Assets by what is traded of them: a ranking, and a check on units, since a wrong one shows as one exchange with nearly all."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from funding.analysis.current import NOISE
from funding.analysis.eligible import Found, eligible
from funding.analysis.prices import Row

FIELDS = (
    "asset", "asset_class", "volume_24h_usd", "open_interest_usd", "contracts", "exchanges", "contracts_without_volume",
    "largest_exchange", "largest_share_pct",
)  # fmt: skip


def by_volume(rows: Collection[Row]) -> Found:
    """Rows with FIELDS, the most traded asset first. `rows`: all there are.

    volume_24h_usd and open_interest_usd: US dollars, of all contracts of which they are known; None where of none.
    largest_share_pct: of the volume, the part of the exchange that has most of it. Example: 6 + 2 on one, 2 on another: 80.
    """
    found = eligible(rows, yields=False)
    by_asset: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows:
        by_asset[row["asset"]].append(row)
    totals = [_row(asset, together) for asset, together in by_asset.items()]
    totals.sort(key=lambda row: (-(row["volume_24h_usd"] or 0), row["volume_24h_usd"] is None, row["asset"]))
    return Found(totals, found.left_out)


def _row(asset: str, together: list[Row]) -> dict[str, Any]:
    volume = _total(row["volume_24h_usd"] for row in together)
    largest, part = _largest(together)
    return {
        "asset": asset,
        "asset_class": next((row["asset_class"] for row in together if row["asset_class"] is not None), None),
        "volume_24h_usd": volume,
        "open_interest_usd": _total(row["open_interest_usd"] for row in together),
        "contracts": len(together),
        "exchanges": len({row["exchange"] for row in together}),
        "contracts_without_volume": sum(row["volume_24h_usd"] is None for row in together),
        "largest_exchange": largest,
        "largest_share_pct": round(part / volume * 100, NOISE) if volume else None,
    }


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _largest(together: list[Row]) -> tuple[str | None, float]:
    """The exchange with most of the volume; None where nobody has any."""
    parts: dict[str, float] = defaultdict(float)
    for row in together:
        parts[row["exchange"]] += row["volume_24h_usd"] or 0
    exchange = min(parts, key=lambda one: (-parts[one], one))
    return (exchange, parts[exchange]) if parts[exchange] else (None, 0.0)
