"""What longs pay on average, asset by asset and in the whole market, weighted by what is open and by what is traded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from funding.analysis.current import NOISE
from funding.analysis.eligible import eligible
from funding.analysis.prices import Contract, Row

Yields = Mapping[Contract, float]  # contract → annualised per cent, as it was known at another time

WEIGHTS = {"oi": "open_interest_usd", "volume": "volume_24h_usd"}  # prefix of a field → what is weighted by
EARLIER = ("24h", "7d")
FIELDS = (
    "asset", "contracts", "positive", "negative", "zero", "positive_share_pct", "open_interest_usd", "volume_24h_usd",
    *(f"{weight}_weighted_annualized_pct" for weight in WEIGHTS),
    *(
        f"{weight}_weighted_{what}_{ago}_pct"
        for ago in EARLIER for weight in WEIGHTS for what in ("annualized_before", "change")
    ),
    *(f"positive_share_before_{ago}_pct" for ago in EARLIER),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentiment:
    """`market` and `assets` have FIELDS; the market's asset is None; assets with most open interest come first."""

    market: dict[str, Any]
    assets: list[dict[str, Any]]
    left_out: Mapping[str, int]


NOTHING: Yields = {}


def sentiment(
    rows: Collection[Row], day_ago: Yields = NOTHING, week_ago: Yields = NOTHING, assets: Collection[str] = ()
) -> Sentiment:
    """`rows`: all there are; `assets`: only these, canonical, the market then being those together.

    *_weighted_annualized_pct = sum(weight × annualized_pct) / sum(weight), over contracts of which both are known; weights
    are one-sided open interest and 24 h volume in US dollars. positive_share_pct: of all contracts, those with a rate
    above 0.
    *_before_*: the same of what was known 24 h or 7 d ago, over the contracts that are known at both times and with
    today's weights, since what was open then is not kept. *_change_*: today's mean over those same contracts minus that.
    None where no contract has what is needed. Example: 3 M at 20 %, 1 M at 4 %: (60 + 4) / 4 = 16 %.
    """
    found = eligible(rows, chosen=(lambda row: row["asset"] in assets) if assets else None)
    by_asset: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows:
        by_asset[row["asset"]].append(row)
    before = dict(zip(EARLIER, (day_ago, week_ago), strict=True))
    rows_of_assets = [_row(asset, together, before) for asset, together in by_asset.items()]
    rows_of_assets.sort(key=lambda row: (-(row["open_interest_usd"] or 0), row["asset"]))
    return Sentiment(_row(None, found.rows, before), rows_of_assets, found.left_out)


def _row(asset: str | None, together: list[Row], before: Mapping[str, Yields]) -> dict[str, Any]:
    now = {(row["exchange"], row["symbol"]): row["annualized_pct"] for row in together}
    figures: dict[str, Any] = {"asset": asset, **_counts(now.values())}
    weights = {weight: _weights(together, field) for weight, field in WEIGHTS.items()}
    for weight, field in WEIGHTS.items():
        figures[field] = sum(weights[weight].values()) if weights[weight] else None
        figures[f"{weight}_weighted_annualized_pct"] = weighted_mean(now, weights[weight])
    for ago, then in before.items():
        both = {contract: then[contract] for contract in now if contract in then}
        figures[f"positive_share_before_{ago}_pct"] = _counts(both.values())["positive_share_pct"]
        for weight in WEIGHTS:
            shared = {contract: size for contract, size in weights[weight].items() if contract in both}
            earlier, today = weighted_mean(both, shared), weighted_mean(now, shared)
            change = None if earlier is None or today is None else round(today - earlier, NOISE)
            figures[f"{weight}_weighted_annualized_before_{ago}_pct"] = earlier
            figures[f"{weight}_weighted_change_{ago}_pct"] = change
    return {name: figures[name] for name in FIELDS}


def _weights(together: Iterable[Row], field: str) -> dict[Contract, float]:
    return {(row["exchange"], row["symbol"]): row[field] for row in together if row[field] is not None}


def weighted_mean(yields: Yields, weights: Mapping[Contract, float]) -> float | None:
    """Over the contracts that have a weight; None where the weights come to nothing."""
    total = sum(weights.values())
    return round(sum(yields[one] * size for one, size in weights.items()) / total, NOISE) if total else None


def _counts(yields: Collection[float]) -> dict[str, Any]:
    positive, negative = sum(one > 0 for one in yields), sum(one < 0 for one in yields)
    return {
        "contracts": len(yields),
        "positive": positive,
        "negative": negative,
        "zero": len(yields) - positive - negative,
        "positive_share_pct": round(positive / len(yields) * 100, NOISE) if yields else None,
    }
