"""Prices that may be compared."""

import pytest

from funding.analysis.identity import Market, find_suspects
from funding.analysis.prices import currency, price_per_token, price_suspects
from tests.analysis.given import row, stale


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("USDT", "dollar"), ("USD", "dollar"), ("USDC", "dollar"), ("vUSDC", "dollar"), ("USDE", "dollar"),
        ("ZAR", "ZAR"), ("BTC", "BTC"), ("EUR", "EUR"), ("usdt", "usdt"), ("USDX", "USDX"),
    ],
)  # fmt: skip
def test_a_dollar_coin_is_a_dollar_and_what_is_not_listed_is_itself(quote: str, expected: str) -> None:
    assert currency({"quote": quote}) == expected


def test_a_price_is_per_token() -> None:
    assert price_per_token(row("bybit:1000PEPEUSDT", mark_price=0.0125, multiplier=1000.0)) == 0.0000125
    assert price_per_token(row("okx:BTC-USDT-SWAP", mark_price=None)) is None


def test_who_is_off_the_deepest_market_is_suspect_whatever_dollar_it_is_quoted_in() -> None:
    rows = [
        row("binance:BBUSDT", asset="BB", mark_price=0.0096, open_interest_usd=5e6),
        row("bybit:BBPERP", asset="BB", mark_price=0.00961, quote="USDC", open_interest_usd=3e6),
        row("okx:BB-USDT-SWAP", asset="BB", mark_price=7.7195, open_interest_usd=1e6),
    ]
    assert price_suspects(rows) == {
        ("okx", "BB-USDT-SWAP"): (
            "price per token 7.7195 is 804.1 times that of BB's deepest market, binance:BBUSDT at 0.0096"
        )
    }


def test_prices_in_different_currencies_are_not_compared() -> None:
    rows = [
        row("binance:ETHUSDT", asset="ETH", mark_price=3000.0),
        row("valr:ETHZARPERP", asset="ETH", quote="ZAR", mark_price=54_000.0),
        row("bitfinex:tETHF0:BTCF0", asset="ETH", quote="BTC", mark_price=0.033),
    ]
    assert price_suspects(rows) == {}


def test_two_in_one_foreign_currency_are_compared_with_each_other() -> None:
    rows = [
        row("bitfinex:tETHF0:BTCF0", asset="ETH", quote="BTC", mark_price=0.033, open_interest_usd=2e6),
        row("deepcoin:ETHBTC", asset="ETH", quote="BTC", mark_price=0.044, open_interest_usd=1e6),
    ]
    assert set(price_suspects(rows)) == {("deepcoin", "ETHBTC")}


def test_a_stale_price_judges_nobody_and_is_not_judged() -> None:
    rows = [
        stale("binance:BBUSDT", asset="BB", mark_price=7.7, open_interest_usd=9e9),
        row("bybit:BBUSDT", asset="BB", mark_price=0.0096),
        row("gate:BB_USDT", asset="BB", mark_price=0.0097),
    ]
    assert price_suspects(rows) == {}


@pytest.mark.parametrize("off", [0.88, 0.91, 1.0, 1.09, 1.1, 1.1000001, 1.12])
def test_what_is_passed_over_quickly_is_what_the_whole_test_would_pass(off: float) -> None:
    rows = [
        row("a:X", mark_price=100.0, open_interest_usd=9e6),
        row("b:X", mark_price=100.0 * off, open_interest_usd=1e6),
        row("c:X", mark_price=102.0, open_interest_usd=2e6),
    ]
    markets = [
        Market(
            asset="BTC",
            exchange=one["exchange"],
            symbol="X",
            mark_price=one["mark_price"],
            multiplier=1.0,
            open_interest_usd=one["open_interest_usd"],
        )
        for one in rows
    ]
    assert price_suspects(rows) == find_suspects(markets)
