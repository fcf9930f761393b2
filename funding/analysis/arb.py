"""A row of `arb`: short one contract, long another of the same asset, what that earns after fees, and what came of it lately.

What is said of a pair is in per cent of one leg's notional, both legs having the same.
"""

from typing import Any

from funding.analysis.current import HOURS_A_YEAR, NOISE
from funding.analysis.legs import Leg, Pair
from funding.analysis.pairs import FILLS
from funding.analysis.prices import Row, price_per_token
from funding.analysis.sums import NOT_KNOWN, Sums

LEG_FIELDS = (
    "exchange", "symbol", "funding_rate", "funding_interval_hours", "annualized_pct", "rate_kind", "next_funding_time",
    "mark_price", "open_interest_usd", "volume_24h_usd", "taker_fee_pct",
)  # fmt: skip
FIELDS = (
    "asset", "long", "short", "spread_8h_pct", "gross_annualized_pct", "fees_pct", "net_annualized_pct",
    "breakeven_hours", "entry_price_gap_pct", "min_volume_24h_usd", "min_open_interest_usd", "interval_mismatch",
    "settled_spread_7d_pct", "settled_spread_30d_pct", "settled_spread_daily_pct", "days_positive_7d", "alive_since_at",
    "fee_model",
)  # fmt: skip
WEEK = 7  # days


def arb_row(
    pair: Pair,
    holding_hours: float,
    fee_model: str,
    *,
    short_settled: Sums = NOT_KNOWN,
    long_settled: Sums = NOT_KNOWN,
    alive_since_at: int | None = None,
) -> dict[str, Any]:
    """A row of `arb`, with FIELDS in their order. What was settled is null where it is not given or not whole.

    gross_annualized_pct = short - long annualised; spread_8h_pct = gross × 8 / 8760.
    fees_pct = 2 × (short's + long's taker fee): in and out, both legs.
    net_annualized_pct = gross - fees_pct × 8760 / holding_hours, as if funding came evenly; carry() has the settlements.
    breakeven_hours = fees_pct / (gross / 8760): how long the spread must last to pay the fees.
    entry_price_gap_pct = (short's / long's price per token - 1) × 100: above 0, what is sold is the dearer, and the gap is
    earned when the prices meet; below 0 it is lost.
    settled_spread_*_pct = short's - long's settled sum; daily: of each of the last 7 × 24 h, the latest last.
    days_positive_7d: of these, those in which it was above 0.
    Example: 32.85 % against 10.95 %, taker 0.05 % and 0.055 %, 168 h: gross 21.9, spread_8h 0.02, fees 0.21,
    net 21.9 - 0.21 × 8760 / 168 = 10.95, breakeven 0.21 / (21.9 / 8760) = 84 h.
    """
    short, long = pair.short.row, pair.long.row
    gross = pair.short.rate - pair.long.rate
    fees_pct = FILLS * (pair.short.taker_fee_pct + pair.long.taker_fee_pct)
    days = list(map(_difference, short_settled.days_pct[:WEEK], long_settled.days_pct[:WEEK]))
    return {
        "asset": short["asset"],
        "long": _shown(pair.long),
        "short": _shown(pair.short),
        "spread_8h_pct": round(gross * 8 / HOURS_A_YEAR, NOISE),
        "gross_annualized_pct": round(gross, NOISE),
        "fees_pct": round(fees_pct, NOISE),
        "net_annualized_pct": round(gross - fees_pct * HOURS_A_YEAR / holding_hours, NOISE),
        "breakeven_hours": round(fees_pct * HOURS_A_YEAR / gross, NOISE),
        "entry_price_gap_pct": _price_gap(short, long),
        "min_volume_24h_usd": _smaller(short, long, "volume_24h_usd"),
        "min_open_interest_usd": _smaller(short, long, "open_interest_usd"),
        "interval_mismatch": short["funding_interval_hours"] != long["funding_interval_hours"],
        "settled_spread_7d_pct": _difference(short_settled.settled_7d_pct, long_settled.settled_7d_pct),
        "settled_spread_30d_pct": _difference(short_settled.settled_30d_pct, long_settled.settled_30d_pct),
        "settled_spread_daily_pct": days[::-1],
        "days_positive_7d": None if None in days else sum(spread > 0 for spread in days if spread is not None),
        "alive_since_at": alive_since_at,
        "fee_model": fee_model,
    }


def _shown(leg: Leg) -> dict[str, Any]:
    return {name: leg.taker_fee_pct if name == "taker_fee_pct" else leg.row[name] for name in LEG_FIELDS}


def _price_gap(short: Row, long: Row) -> float | None:
    sold, bought = price_per_token(short), price_per_token(long)
    return None if sold is None or bought is None else round((sold / bought - 1) * 100, NOISE)


def _smaller(one: Row, other: Row, field: str) -> float | None:
    values = one[field], other[field]
    return None if None in values else min(values)


def _difference(short: float | None, long: float | None) -> float | None:
    return None if short is None or long is None else round(short - long, NOISE)
