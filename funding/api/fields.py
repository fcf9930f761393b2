"""Every field of every row, as JSON schema: its type, whether it may be null, its unit, a sentence. What documents the API.

A name means the same wherever it stands; where it may be null in one list alone, it may be null here.
"""

from collections.abc import Iterable
from typing import Any

from funding.analysis import arb, carry, fees
from funding.rate import KINDS

Schema = dict[str, Any]

AS_OTHERS = "of the contracts whose figures are known at both times, with today's weights"


def _field(kind: str, sentence: str, null: bool, **more: Any) -> Schema:
    return {"type": [kind, "null"] if null else kind, "description": sentence, **more}


def _text(sentence: str, *one_of: str, null: bool = False) -> Schema:
    allowed: list[str | None] = [*one_of, *((None,) if null else ())]
    return _field("string", sentence, null, **({"enum": allowed} if one_of else {}))


def _number(unit: str, sentence: str, null: bool = True, **more: Any) -> Schema:
    return _field("number", f"{sentence} Unit: {unit}.", null, **more)


def _pct(sentence: str, null: bool = True) -> Schema:
    return _number("per cent", sentence, null)


def _yearly(sentence: str, null: bool = True) -> Schema:
    return _number("per cent a year, simple", sentence, null)


def _fraction(sentence: str, null: bool = True) -> Schema:
    return _number("fraction of notional per funding interval, 0.0001 is 0.01 %", sentence, null)


def _usd(sentence: str) -> Schema:
    return _number("US dollars", sentence)


def _hours(sentence: str, null: bool = True) -> Schema:
    return _number("hours", sentence, null)


def _at(sentence: str, null: bool = False) -> Schema:
    return _field("integer", f"{sentence} Unix seconds.", null)


def _count(sentence: str, null: bool = False) -> Schema:
    return _field("integer", sentence, null, minimum=0)


def _flag(sentence: str, null: bool = False) -> Schema:
    return _field("boolean", sentence, null)


def object_of(fields: Iterable[str], *, all_given: bool = True) -> Schema:
    """An object with these fields and no others. `all_given`: none may be missing."""
    names = list(fields)
    required = {"required": names} if all_given else {}
    return {
        "type": "object",
        "properties": {name: FIELDS[name] for name in names},
        "additionalProperties": False,
    } | required


FIELDS: dict[str, Schema] = {
    # What a contract is
    "exchange": _text("The exchange, by id."),
    "symbol": _text("The exchange's own symbol."),
    "unified_symbol": _text("BTC/USDT:USDT, inverse BTC/USD:BTC.", null=True),
    "base": _text("The exchange's ticker, plain aliases resolved, a multiplier kept: 1000PEPE."),
    "asset": _text("The canonical asset: PEPE. Null: the whole market.", null=True),
    "asset_class": _text("crypto, stock, index, commodity, fx; null where it is not known.", null=True),
    "multiplier": _number("tokens", "How many tokens the price is of.", null=False),
    "quote": _text("The currency of the price."),
    "settle": _text("The currency that is paid in.", null=True),
    "kind": _text("Of a contract linear or inverse, of an exchange cex or dex.", *KINDS, "cex", "dex"),
    "title": _text("The exchange's name."),
    # Rates
    "funding_rate": _fraction("Positive: longs pay shorts."),
    "funding_rate_pct": _pct("funding_rate in per cent, per its own interval."),
    "rate_1h_pct": _pct("What the rate comes to in 1 hour."),
    "rate_8h_pct": _pct("What the rate comes to in 8 hours."),
    "rate_1d_pct": _pct("What the rate comes to in 24 hours."),
    "annualized_pct": _yearly("funding_rate × 8760 / funding_interval_hours × 100; null where no interval is known."),
    "rate_kind": _text(
        "predicted: moves until it is charged; fixed: set, not yet charged; settled: the last one charged.",
        "predicted", "fixed", "settled", null=True,
    ),
    "rate_source": _text("settled: as it was charged; current: as if the current rate stayed.", null=True),
    "funding_interval_hours": _hours("How often it is charged."),
    "interval_source": _text(
        "reported: in the answer; documented: a constant; derived: from times; assumed: by the exchange's rule.",
        "reported", "documented", "derived", "assumed", null=True,
    ),
    "next_funding_time": _at("When it is charged next.", null=True),
    "next_funding_source": _text("reported, or derived by us.", "reported", "derived", null=True),
    "last_settled_rate": _fraction("The last rate that was charged."),
    "last_settled_at": _at("When.", null=True),
    "funding_rate_cap": _fraction("The most that the exchange charges."),
    "funding_rate_floor": _fraction("The least that the exchange charges."),
    "at_cap": _flag("Whether the rate is held at cap or floor.", null=True),
    # Prices and sizes
    "mark_price": _number("quote", "Per multiplier tokens."),
    "index_price": _number("quote", "Per multiplier tokens."),
    "open_interest_usd": _usd("One side."),
    "volume_24h_usd": _usd("Traded in 24 hours."),
    # How it is known
    "exchange_at": _at("The exchange's own stamp.", null=True),
    "observed_at": _at("When we saw it."),
    "age_seconds": _field("integer", "Since it was seen. Seconds.", True, minimum=0),
    "stale": _flag("Too old to be relied on."),
    "stale_reason": _text("Why, in words.", null=True),
    "suspect": _text("Why it is not to be trusted, in words; null: nothing speaks against it.", null=True),
    "trade_url": _text("The contract's page at the exchange.", null=True),
    # What was charged
    **{f"settled_{days}d_pct": _pct(f"Sum of what was charged in {days} × 24 h; null if not all is known.") for days in (1, 3, 7, 30)},
    "funding_time": _at("When it is charged, or was."),
    "source": _text("venue: its own word; observed: our last quote before it.", "venue", "observed"),
    "start_time": _at("Beginning of the bucket."),
    "end_time": _at("End of the bucket, not in it."),
    "settlements": _count("How many were charged; null if not all are known.", null=True),
    "observations": _count("How many quotes."),
    "funding_rate_sum": _number("fraction of notional", "Sum of what was charged.", null=False),
    "funding_rate_sum_pct": _pct("The same.", null=False),
    "hours_covered": _hours("What the sum was charged for."),
    # Pairs
    "spread_8h_pct": _pct("What the pair earns in 8 hours, without fees.", null=False),
    "gross_annualized_pct": _yearly("Short's minus long's.", null=False),
    "fees_pct": _pct("Taker, in and out, both legs; in carry below 0, since it is paid."),
    "net_annualized_pct": _yearly("Net of fees, spread over the holding time."),
    "breakeven_hours": _hours("How long the spread must last to pay the fees.", null=False),
    "entry_price_gap_pct": _pct("Short's price above long's; above 0 it is earned when the prices meet."),
    "min_volume_24h_usd": _usd("The smaller of the legs'."),
    "min_open_interest_usd": _usd("The smaller of the legs'."),
    "interval_mismatch": _flag("Whether the legs are charged at different intervals."),
    "settled_spread_7d_pct": _pct("Short's minus long's settled sum."),
    "settled_spread_30d_pct": _pct("Short's minus long's settled sum."),
    "settled_spread_daily_pct": {
        "type": "array", "items": {"type": ["number", "null"]}, "minItems": 7, "maxItems": 7,
        "description": "The same of each of the last 7 × 24 h, the latest last; null where not all is known. Unit: per cent.",
    },
    "days_positive_7d": _count("Of the last 7 × 24 h, those in which the settled spread was above 0.", null=True),
    "alive_since_at": _at("Since when the spread has been there, by what was charged.", null=True),
    "fee_model": _text("Name and date of the fees, and what is one's own."),
    "taker_fee_pct": _pct("Per fill.", null=False),
    # The market
    "contracts": _count("How many contracts.", null=True),
    "exchanges": _count("How many exchanges."),
    "positive": _count("Contracts with a rate above 0."),
    "negative": _count("Contracts with a rate below 0."),
    "zero": _count("Contracts with a rate of 0."),
    "positive_share_pct": _pct("Of all contracts, those with a rate above 0."),
    **{f"positive_share_before_{ago}_pct": _pct(f"The same {ago} ago, {AS_OTHERS}.") for ago in ("24h", "7d")},
    **{
        f"{weight}_weighted_{what}": _yearly(f"Mean weighted by {by}{more}.")
        for weight, by in (("oi", "open interest"), ("volume", "volume"))
        for what, more in (
            ("annualized_pct", ""),
            *((f"annualized_before_{ago}_pct", f", {ago} ago, {AS_OTHERS}") for ago in ("24h", "7d")),
            *((f"change_{ago}_pct", f", now minus {ago} ago, {AS_OTHERS}") for ago in ("24h", "7d")),
        )
    },
    "median_annualized_pct": _yearly("Of all contracts of the asset that are neither stale nor suspect."),
    "spread_annualized_pct": _yearly("Highest minus lowest of them."),
    "difference_annualized_pct": _yearly("From the median.", null=False),
    "robust_z": _number("robust standard deviations", "Difference / (1.4826 × MAD); null where the MAD is 0."),
    "contracts_without_volume": _count("Contracts of which no volume is known."),
    "largest_exchange": _text("The exchange with most of the volume.", null=True),
    "largest_share_pct": _pct("Its part of the volume."),
    "time_source": _text("reported, or derived by us.", "reported", "derived", null=True),
    "not_confirmed": _count("Settlements known by our own last look alone, which are not measured."),
    **{
        name: schema
        for lead in ("10m", "1h", "4h")
        for name, schema in (
            (f"mean_absolute_error_{lead}_pct", _pct(f"Of what was quoted {lead} before; percentage points.")),
            (f"bias_{lead}_pct", _pct(f"Mean of quoted minus charged, {lead} before; percentage points.")),
            (f"settlements_{lead}", _count(f"Of which a quote {lead} before is known.")),
        )
    },
    "from_interval_hours": _hours("Before."),
    "to_interval_hours": _hours("Since."),
    "first_seen_at": _at("When we first saw it."),
    # Exchanges
    "status": _text(
        "How it stands, the worst first.", "never", "banned", "blocked", "stale", "failing", "ok"
    ),
    "hosts": _count("Hosts that are asked."),
    "calls_per_cycle": _count("Requests in a cycle, on the average.", null=True),
    "budget": _text("Its rate limit, in words."),
    "budget_share": _number("part of the budget, 0 to 1", "What a cycle uses."),
    "last_run_at": _at("When it was asked last.", null=True),
    "last_success_at": _at("When it last gave rows.", null=True),
    "fetch_seconds": _number("seconds", "How long the last run took."),
    "calls": _count("Requests in the last run.", null=True),
    "skipped": {"type": ["object", "null"], "additionalProperties": {"type": "integer"}, "description": "Rows not read, by reason."},
    "failures": {"type": ["object", "null"], "additionalProperties": {"type": "integer"}, "description": "Calls that failed, by kind."},
    "notices": {"type": ["array", "null"], "items": {"type": "string"}, "description": "What there is to know, in words."},
    "consecutive_failures": _count("Runs that failed since the last good one."),
    "last_error_at": _at("When it last failed.", null=True),
    "last_error_kind": _text("In a word.", null=True),
    "last_error": _text("In words.", null=True),
    "link_pattern": _text("The page of a contract, with {symbol}.", null=True),
    # Carry
    "start_at": _at("When it is entered."),
    "end_at": _at("When it is left."),
    "hours": _hours("How long it is held.", null=False),
    "notional": _number("quote", "Of each leg.", null=False),
    "funding_pct": _pct("Of one leg's notional; above 0 is received."),
    "net_pct": _pct("Funding and fees."),
    "funding_amount": _number("quote", "Above 0 is received."),
    "fees_amount": _number("quote", "Below 0, since it is paid."),
    "net_amount": _number("quote", "Funding and fees."),
    "leg": _text("Which leg.", "long", "short"),
    "paid_at": _at("When."),
    "what": _text("What is paid.", "funding", "fee in", "fee out"),
    "pct": _pct("Of one leg's notional; above 0 is received."),
    "amount": _number("quote", "Above 0 is received."),
    # Of fees
    "maker_pct": _pct("Per fill."),
    "taker_pct": _pct("Per fill."),
    "checked": _text("The day on which the exchange's own page said so.", null=True),
    "confidence": _text("How sure it is.", null=True),
    "as_of": _text("The table's date."),
}  # fmt: skip
FIELDS |= {
    "fees": object_of(fees.FIELDS) | {"description": "Base-tier fees."},
    "long": object_of(arb.LEG_FIELDS) | {"description": "The contract that is bought."},
    "short": object_of(arb.LEG_FIELDS) | {"description": "The contract that is sold."},
    "legs": {"type": "array", "items": object_of(carry.LEG_FIELDS), "description": "Each leg's sums."},
    "ledger": {"type": "array", "items": object_of(carry.LEDGER_FIELDS), "description": "Each payment, by time."},
}
