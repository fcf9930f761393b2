"""The contracts whose longs pay most, and those whose longs are paid most."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from funding.analysis.eligible import among, eligible
from funding.analysis.prices import Row


@dataclass(frozen=True, slots=True)
class Extremes:
    """Rows of `current`, the most extreme first. `left_out`: reason → rows."""

    highest: list[Row]
    lowest: list[Row]
    left_out: Mapping[str, int]


def extremes(
    rows: Collection[Row], limit: int = 20, *, min_volume_usd: float = 0, exchanges: Collection[str] = ()
) -> Extremes:
    """The `limit` highest and lowest by annualized_pct; of equal ones the one with more volume, then by name.

    With few rows one may stand in both lists.
    """
    found = eligible(rows, chosen=among(exchanges, min_volume_usd=min_volume_usd))
    ranked = sorted(found.rows, key=lambda row: (-(row["volume_24h_usd"] or 0), row["exchange"], row["symbol"]))
    lowest = sorted(ranked, key=lambda row: row["annualized_pct"])[:limit]
    highest = sorted(ranked, key=lambda row: -row["annualized_pct"])[:limit]
    return Extremes(highest, lowest, found.left_out)
