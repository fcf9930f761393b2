"""A row of `arb`, worked out by hand."""

from typing import Any

import pytest

from funding.analysis.arb import FIELDS, LEG_FIELDS, arb_row
from funding.analysis.fees import Fees
from funding.analysis.pairs import Wanted, find_pairs
from funding.analysis.sums import Sums
from tests.analysis.given import NEXT, Row, row


def shown(short: Row, long: Row, fees: Fees | None = None, hours: float = 168, **more: Any) -> Row:
    fees = fees or Fees()
    wanted = Wanted(min_yield_pct=-1e9, min_volume_usd=0, holding_hours=hours)
    [pair] = find_pairs([short, long], fees, wanted).pairs
    return arb_row(pair, hours, fees.model, **more)


OKX = row("okx:PEPE-USDT-SWAP", 0.0003, asset="PEPE", mark_price=0.0000101, volume_24h_usd=3e7, open_interest_usd=2e7)
BYBIT = row(
    "bybit:1000PEPEUSDT", 0.00005, asset="PEPE", base="1000PEPE", multiplier=1000.0, mark_price=0.01,
    funding_interval_hours=4.0, volume_24h_usd=8e7, open_interest_usd=1e7, next_funding_time=NEXT - 14_400,
)  # fmt: skip


def test_a_row_has_every_field_in_its_order_and_is_that_of_the_example() -> None:
    one = shown(OKX, BYBIT)
    assert tuple(one) == FIELDS
    assert tuple(one["long"]) == tuple(one["short"]) == LEG_FIELDS
    assert one == {
        "asset": "PEPE",
        "long": {
            "exchange": "bybit",
            "symbol": "1000PEPEUSDT",
            "funding_rate": 0.00005,
            "funding_interval_hours": 4.0,
            "annualized_pct": 10.95,
            "rate_kind": "predicted",
            "next_funding_time": NEXT - 14_400,
            "mark_price": 0.01,
            "open_interest_usd": 1e7,
            "volume_24h_usd": 8e7,
            "taker_fee_pct": 0.055,
        },
        "short": {
            "exchange": "okx",
            "symbol": "PEPE-USDT-SWAP",
            "funding_rate": 0.0003,
            "funding_interval_hours": 8.0,
            "annualized_pct": 32.85,
            "rate_kind": "predicted",
            "next_funding_time": NEXT,
            "mark_price": 0.0000101,
            "open_interest_usd": 2e7,
            "volume_24h_usd": 3e7,
            "taker_fee_pct": 0.05,
        },
        "spread_8h_pct": 0.02,
        "gross_annualized_pct": 21.9,
        "fees_pct": 0.21,
        "net_annualized_pct": 10.95,
        "breakeven_hours": 84.0,
        "entry_price_gap_pct": 1.0,  # 0.0000101 a token against 0.01 / 1000
        "min_volume_24h_usd": 3e7,
        "min_open_interest_usd": 1e7,
        "interval_mismatch": True,
        "settled_spread_7d_pct": None,
        "settled_spread_30d_pct": None,
        "settled_spread_daily_pct": [None] * 7,
        "days_positive_7d": None,
        "alive_since_at": None,
        "fee_model": "default 2026-11-24",
    }


def test_the_spread_of_two_negative_rates_is_theirs_too() -> None:
    one = shown(row("okx:A", -0.0001), row("bybit:A", -0.0003), Fees(table=False))
    assert (one["gross_annualized_pct"], one["net_annualized_pct"], one["spread_8h_pct"]) == (21.9, 21.9, 0.02)
    assert (one["fees_pct"], one["breakeven_hours"], one["fee_model"]) == (0.0, 0.0, "none")


def test_a_short_holding_pays_the_same_fees_in_less_time() -> None:
    one = shown(OKX, BYBIT, hours=24)
    assert one["net_annualized_pct"] == -54.75  # 21.9 - 0.21 × 365
    assert one["breakeven_hours"] == 84.0


def test_the_price_gap_is_below_zero_where_the_cheaper_is_sold() -> None:
    assert shown(row("okx:A", 0.0003, mark_price=98.0), row("bybit:A", mark_price=100.0))["entry_price_gap_pct"] == -2.0


def test_what_one_leg_does_not_tell_the_pair_does_not_either() -> None:
    one = shown(row("okx:A", 0.0003, mark_price=None, open_interest_usd=None), row("bybit:A", volume_24h_usd=None))
    assert [one[name] for name in ("entry_price_gap_pct", "min_open_interest_usd", "min_volume_24h_usd")] == [None] * 3


def test_zero_volume_is_a_volume() -> None:
    assert shown(row("okx:A", 0.0003, volume_24h_usd=0.0), row("bybit:A"))["min_volume_24h_usd"] == 0.0


def test_equal_intervals_do_not_mismatch() -> None:
    assert shown(row("okx:A", 0.0003), row("bybit:A"))["interval_mismatch"] is False


# What was settled


def month(*latest: float | None, rest: float | None) -> Sums:
    return Sums((*latest, *[rest] * (30 - len(latest))))


SHORT = month(0.03, 0.03, 0.01, 0.03, 0.03, 0.03, 0.03, rest=0.03)
LONG = month(0.01, 0.01, 0.02, 0.03, 0.01, 0.01, 0.01, rest=0.01)


def test_settled_spreads_are_the_short_legs_sum_less_the_long_legs() -> None:
    one = shown(OKX, BYBIT, short_settled=SHORT, long_settled=LONG, alive_since_at=NEXT - 999)
    assert one["settled_spread_7d_pct"] == 0.09  # 0.19 - 0.10
    assert one["settled_spread_30d_pct"] == 0.55  # 0.88 - 0.33
    assert one["settled_spread_daily_pct"] == [0.02, 0.02, 0.02, 0.0, -0.01, 0.02, 0.02]  # the latest last
    assert one["days_positive_7d"] == 5  # one day it was below 0, one day 0
    assert one["alive_since_at"] == NEXT - 999


@pytest.mark.parametrize("leg", ["short", "long"])
def test_a_leg_whose_week_is_not_whole_has_no_spread_in_it(leg: str) -> None:
    partly = month(0.03, 0.03, None, rest=0.03)
    short, long = (partly, LONG) if leg == "short" else (SHORT, partly)
    one = shown(OKX, BYBIT, short_settled=short, long_settled=long)
    assert [day is None for day in one["settled_spread_daily_pct"]] == [False] * 4 + [True] + [False] * 2
    assert [one[name] for name in ("settled_spread_7d_pct", "settled_spread_30d_pct", "days_positive_7d")] == [None] * 3


def test_a_leg_of_which_nothing_is_given_has_no_spread() -> None:
    one = shown(OKX, BYBIT, short_settled=SHORT)
    assert one["settled_spread_daily_pct"] == [None] * 7
    assert [one[name] for name in ("settled_spread_7d_pct", "settled_spread_30d_pct", "days_positive_7d")] == [None] * 3


def test_a_week_may_be_whole_where_the_month_is_not() -> None:
    young = month(*[0.03] * 8, rest=None)
    one = shown(OKX, BYBIT, short_settled=young, long_settled=LONG)
    assert (one["settled_spread_7d_pct"], one["settled_spread_30d_pct"], one["days_positive_7d"]) == (0.11, None, 6)
