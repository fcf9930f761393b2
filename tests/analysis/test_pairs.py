"""Which pairs there are. Fees of the table that are used: okx 0.05, binance 0.05, bybit 0.055, bitfinex 0, aevo unknown."""

from typing import Any

import pytest

from funding.analysis.fees import NO_FEES, Fees
from funding.analysis.pairs import MOST_PAIRS, Wanted, find_pairs
from tests.analysis.given import Row, judged, row, stale

BINANCE = row("binance:BTCUSDT", 0.0001)  # 10.95 % a year
BYBIT = row("bybit:BTCUSDT", 0.0002)  # 21.9
OKX = row("okx:BTC-USDT-SWAP", 0.0004)  # 43.8
THREE = [BINANCE, BYBIT, OKX]


def found(rows: list[Row], fees: Fees = NO_FEES, **wanted: Any) -> list[str]:
    """ "short > long" """
    pairs = find_pairs(rows, fees, Wanted(**wanted)).pairs
    return [f"{pair.short.exchange} > {pair.long.exchange}" for pair in pairs]


def notices(rows: list[Row], fees: Fees = NO_FEES, **wanted: Any) -> list[str]:
    return find_pairs(rows, fees, Wanted(**wanted)).notices


def test_the_best_pair_is_one_an_asset_and_all_are_all() -> None:
    assert found(THREE) == ["okx > binance"]
    assert found(THREE, every=True) == ["okx > binance", "okx > bybit", "bybit > binance"]


def test_a_pair_earns_its_spread_less_the_fees_spread_over_the_holding() -> None:
    [pair] = find_pairs(THREE, Fees(), Wanted(holding_hours=168)).pairs
    # 43.8 - 10.95 = 32.85; four fills of 0.05 are 0.2 %, in a week 0.2 × 8760 / 168 = 10.428571 % a year
    assert pair.net == pytest.approx(22.421429, abs=1e-6)
    [longer] = find_pairs(THREE, Fees(), Wanted(holding_hours=1680)).pairs
    assert longer.net == pytest.approx(31.807143, abs=1e-6)


def test_the_best_is_the_best_after_fees_not_the_widest_spread() -> None:
    rows = [row("weex:BTCUSDT", 0.00041), OKX, BINANCE]  # weex takes 0.08: 44.895 - 8.343 is less than 43.8 - 5.214
    assert found(rows, NO_FEES) == ["weex > binance"]
    assert found(rows, Fees()) == ["okx > binance"]


def test_a_yield_below_the_least_is_no_pair() -> None:
    assert found(THREE, min_yield_pct=32.8) == ["okx > binance"]
    assert found(THREE, min_yield_pct=32.9) == []
    assert found(THREE, Fees(), min_yield_pct=22.5) == []


def test_a_pair_that_its_fees_eat_is_no_pair_by_default() -> None:
    two = [BINANCE, BYBIT]  # 10.95 less 0.21 × 8760 / 168 = 10.95: nothing
    assert found(two, Fees(), holding_hours=169) == ["bybit > binance"]
    assert found(two, Fees(), holding_hours=167) == []


# Who may pair


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (stale("okx:BTC-USDT-SWAP", 0.0004), "1 row left out: 1 stale"),
        (row("okx:BTC-USDT-SWAP", 0.0004, suspect="rate outside its cap"), "1 row left out: 1 suspect"),
        (row("okx:BTC-USDT-SWAP", 0.0004, funding_interval_hours=None), "1 row left out: 1 of unknown interval"),
        (row("okx:BTC-USDT-SWAP", 0.0004, volume_24h_usd=None), "1 row left out: 1 of unknown volume"),
    ],
)
def test_a_contract_that_is_not_to_be_trusted_is_left_out_and_counted(other: Row, words: str) -> None:
    assert found([BINANCE, BYBIT, other]) == ["bybit > binance"]
    assert notices([BINANCE, BYBIT, other]) == [words]


def test_a_contract_of_another_price_is_another_asset() -> None:
    rows = judged(
        [
            row("binance:BBUSDT", 0.0001, asset="BB", mark_price=0.0096, open_interest_usd=5e6),
            row("okx:BB-USDT-SWAP", 0.01, asset="BB", mark_price=7.72, open_interest_usd=1e6),
            row("gate:BB_USDT", 0.0002, asset="BB", mark_price=0.0097, open_interest_usd=2e6),
        ]
    )
    assert found(rows) == ["gate > binance"]
    assert notices(rows) == ["1 row left out: 1 suspect"]


def test_the_deepest_market_judges_prices_also_where_it_is_not_asked_for() -> None:
    rows = judged(
        [
            row("binance:BBUSDT", 0.0001, asset="BB", mark_price=0.0096, open_interest_usd=5e6),
            row("okx:BB-USDT-SWAP", 0.01, asset="BB", mark_price=7.72, open_interest_usd=4e6),
            row("gate:BB_USDT", 0.0002, asset="BB", mark_price=7.71, open_interest_usd=1e6),
        ]
    )
    assert found(rows, exchanges=("okx", "gate")) == []


def test_a_kind_is_that_of_both_legs() -> None:
    inverse = [
        row(f"{name}:BTCUSD", rate, kind="inverse", quote="USD") for name, rate in (("bybit", 0.0), ("okx", 0.001))
    ]
    assert found([*THREE, *inverse], every=True, kind="inverse") == ["okx > bybit"]
    assert found([*THREE, *inverse], kind="linear") == ["okx > binance"]


SEARCHED = [*THREE, row("okx:ETH-USDT-SWAP", 0.0003, asset="ETH"), row("bybit:ETHUSDT", asset="ETH")]


@pytest.mark.parametrize(
    ("search", "best", "every"),
    [
        ("eth", ["okx > bybit"], ["okx > bybit"]),
        ("BTC binance", ["okx > binance"], ["okx > binance", "bybit > binance"]),
        ("btc bybit", [], ["okx > bybit", "bybit > binance"]),  # BTC's best pair is not on bybit
        ("swap", ["okx > binance", "okx > bybit"], ["okx > binance", "okx > bybit", "okx > bybit"]),
        ("e", ["okx > bybit"], ["okx > bybit"]),
        ("x", [], []),
    ],
)
def test_a_search_picks_from_the_pairs_by_the_names_of_both_legs(
    search: str, best: list[str], every: list[str]
) -> None:
    assert found(SEARCHED, search=search) == best
    assert found(SEARCHED, search=search, every=True) == every


def test_multipliers_do_not_keep_contracts_apart() -> None:
    rows = [
        row("okx:PEPE-USDT-SWAP", 0.0003, asset="PEPE", mark_price=0.00001),
        row("bybit:1000PEPEUSDT", 0.0001, asset="PEPE", base="1000PEPE", multiplier=1000.0, mark_price=0.01),
    ]
    assert found(rows) == ["okx > bybit"]


def test_a_quote_that_is_no_dollar_never_pairs_with_a_dollar() -> None:
    zar = row("valr:BTCZARPERP", 0.005, quote="ZAR", mark_price=1800.0)
    assert found([*THREE, zar]) == ["okx > binance"]
    other = row("luno:BTCZAR", 0.001, quote="ZAR", mark_price=1800.0)
    assert found([*THREE, zar, other]) == ["valr > luno", "okx > binance"]


def test_dollars_of_all_kinds_pair_with_each_other_and_inverse_with_linear() -> None:
    inverse = row("deribit:BTC-PERPETUAL", -0.0001, kind="inverse", quote="USD", settle="BTC")
    assert found([row("dydx:BTC-USD", 0.0001, quote="USDC"), inverse]) == ["dydx > deribit"]


def test_a_contract_being_delisted_is_left_out_if_the_caller_knows() -> None:
    answer = find_pairs(THREE, NO_FEES, Wanted(), kept_out={("okx", "BTC-USDT-SWAP"): "being delisted"})
    assert [(pair.short.exchange, pair.long.exchange) for pair in answer.pairs] == [("bybit", "binance")]
    assert answer.notices == ["1 row left out: 1 being delisted"]


def test_an_exchange_whose_fees_are_not_known_makes_no_pair_until_they_are_given() -> None:
    rows = [*THREE, row("aevo:BTC-PERP", 0.0009)]
    assert found(rows, Fees()) == ["okx > binance"]
    assert notices(rows, Fees()) == [
        "1 row left out: 1 without known fees",
        "the fees of aevo are not known: give your own, or ask without fees",
    ]
    assert found(rows, Fees({"aevo": 0.05})) == ["aevo > binance"]
    assert found(rows, NO_FEES) == ["aevo > binance"]
    assert notices(rows, NO_FEES) == []


# Filters


def test_volume_and_open_interest_are_asked_of_both_legs() -> None:
    small = row("okx:BTC-USDT-SWAP", 0.0004, volume_24h_usd=999_999.0, open_interest_usd=2e6)
    assert found([BINANCE, BYBIT, small]) == ["bybit > binance"]  # a million by default
    assert found([BINANCE, BYBIT, small], min_volume_usd=999_999) == ["okx > binance"]
    assert found([BINANCE, BYBIT, small], min_volume_usd=0, min_open_interest_usd=3e6) == ["bybit > binance"]
    assert notices([BINANCE, BYBIT, small]) == []  # too small is not left out: it was not asked for


def test_an_unknown_open_interest_is_counted_where_a_least_is_asked_for() -> None:
    rows = [BINANCE, BYBIT, row("okx:BTC-USDT-SWAP", 0.0004, open_interest_usd=None)]
    assert found(rows) == ["okx > binance"]
    assert notices(rows, min_open_interest_usd=1) == ["1 row left out: 1 of unknown open interest"]


def test_several_exchanges_are_those_of_both_legs_and_one_is_that_of_one_leg() -> None:
    assert found(THREE, exchanges=("bybit", "binance")) == ["bybit > binance"]
    assert found(THREE, exchanges=("bybit",)) == ["okx > bybit"]
    assert found(THREE, exchanges=("bybit",), every=True) == ["okx > bybit", "bybit > binance"]
    assert found(THREE, exclude_exchanges=("okx",)) == ["bybit > binance"]
    assert found(THREE, exclude_exchanges=("okx", "bybit")) == []


def test_assets_and_quotes_are_those_of_both_legs() -> None:
    rows = [
        *THREE,
        row("okx:ETH-USDT-SWAP", 0.0009, asset="ETH"),
        row("bybit:ETHPERP", 0.0001, asset="ETH", quote="USDC"),
    ]
    assert found(rows) == ["okx > bybit", "okx > binance"]
    assert found(rows, assets=("BTC",)) == ["okx > binance"]
    assert found(rows, quotes=("USDT",)) == ["okx > binance"]
    assert found(rows, quotes=("USDT", "USDC"), assets=("ETH",)) == ["okx > bybit"]


def test_what_was_not_asked_for_is_not_counted_as_left_out() -> None:
    rows = [*THREE, stale("gate:ETH_USDT", asset="ETH"), stale("gate:BTC_USDT")]
    assert notices(rows, assets=("BTC",)) == ["1 row left out: 1 stale"]
    assert notices(rows, exclude_exchanges=("gate",)) == []


def test_no_more_than_the_best_thousand_pairs_are_given_and_that_is_said() -> None:
    rows = [row(f"e{place}:X", place / 1e6) for place in range(50)]  # 50 × 49 / 2 = 1225 pairs
    answer = find_pairs(rows, NO_FEES, Wanted(every=True))
    assert len(answer.pairs) == MOST_PAIRS == 1000
    assert answer.notices == ["only the 1000 pairs of highest net yield are given"]
    assert answer.pairs[0].net > answer.pairs[-1].net


def test_no_rows_and_one_row_make_no_pairs() -> None:
    assert found([]) == []
    assert found([OKX]) == []


def test_of_equal_contracts_the_one_with_more_volume_makes_the_pair() -> None:
    more = row("xt:btc_usdt", 0.0004, volume_24h_usd=2e7)
    assert found([*THREE, more]) == ["xt > binance"]
    assert found([*THREE, more | {"volume_24h_usd": None}], min_volume_usd=0) == ["okx > binance"]


def test_by_default_a_week_is_held_and_a_million_traded() -> None:
    wanted = Wanted()
    assert (wanted.holding_hours, wanted.min_volume_usd, wanted.min_yield_pct, wanted.every) == (168, 1e6, 0, False)
    assert Wanted(holding_hours=0.5).holding_hours == 0.5


@pytest.mark.parametrize("hours", [0, -1, float("nan")])
def test_a_holding_time_that_is_none_is_refused(hours: float) -> None:
    with pytest.raises(ValueError, match="held for more than 0 hours"):
        Wanted(holding_hours=hours)
