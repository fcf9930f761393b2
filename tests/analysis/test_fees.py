"""What trading costs, and where a contract's page is."""

import json
import math
import re
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from funding.adapter import load
from funding.analysis import fees
from funding.analysis.fees import NO_FEES, Fees, link_pattern, published, trade_url

TABLE: dict[str, Any] = json.loads(files("funding").joinpath("fees.json").read_text("utf-8"))
EXCHANGES: dict[str, dict[str, Any]] = TABLE["exchanges"]


def contract(symbol: str, base: str = "BTC", quote: str = "USDT", kind: str = "linear") -> dict[str, str]:
    return {"symbol": symbol, "base": base, "quote": quote, "kind": kind}


# The table


def test_the_table_has_every_exchange_that_is_read_and_no_other() -> None:
    assert list(EXCHANGES) == list(load())


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_row_of_the_table_is_whole(exchange: str) -> None:
    row = EXCHANGES[exchange]
    assert {"maker_pct", "taker_pct", "checked", "confidence", "trade_url"} <= set(row)
    assert (row["maker_pct"] is None) == (row["taker_pct"] is None) == (row["confidence"] is None)
    assert row["confidence"] in (None, "low", "medium", "high")
    assert row["checked"] is None or re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", row["checked"])
    assert row["checked"] is None or row["checked"] <= TABLE["as_of"]
    for pct in (row["maker_pct"], row["taker_pct"]):
        # a fraction would be 0.0005, which no tariff is in per cent
        assert pct is None or pct == 0 or 0.0025 <= abs(pct) < 0.2
    assert (row["taker_pct"] or 0) >= 0  # makers are paid here and there, takers nowhere
    if row["trade_url"] is not None:
        assert row["trade_url_confirmed"] in (True, False)
        assert row["symbol_form"]


@pytest.mark.parametrize("exchange", [name for name, row in EXCHANGES.items() if row["trade_url"]])
def test_every_pattern_is_one_that_can_be_filled(exchange: str) -> None:
    for kind, quote in (("linear", "USDT"), ("linear", "USDC"), ("inverse", "USD")):
        url = trade_url(exchange, contract("tBTC_USDT", quote=quote, kind=kind))
        if url is not None:
            assert urlsplit(url).scheme == "https"
            assert "BTC" in url.upper()
            assert "{" not in url


# Fees


@pytest.mark.parametrize(
    ("exchange", "taker_pct"),
    [
        ("okx", 0.05),
        ("bybit", 0.055),
        ("deribit", 0.035),
        ("weex", 0.08),
        ("bitfinex", 0.0),  # nothing, and known to be
        ("aevo", None),  # not known
        ("nowhere", None),
    ],
)
def test_a_taker_fee_is_that_of_the_table_or_not_known(exchange: str, taker_pct: float | None) -> None:
    assert Fees().taker_pct(exchange) == taker_pct


def test_hyperliquids_builder_markets_have_a_tariff_of_their_own() -> None:
    assert Fees().taker_pct("hyperliquid", "BTC") == 0.045
    assert Fees().taker_pct("hyperliquid", "xyz:TSLA") == 0.09
    assert Fees().taker_pct("bitfinex", "tBTCF0:USTF0") == 0.0  # a colon elsewhere means nothing


def test_ones_own_fee_comes_before_the_table_for_every_contract_of_the_exchange() -> None:
    mine = Fees({"hyperliquid": 0.03, "aevo": 0.0, "okx": 0.02})
    asked = (("hyperliquid", "BTC"), ("hyperliquid", "xyz:TSLA"), ("aevo", "BTC-PERP"), ("okx", ""), ("bybit", ""))
    assert [mine.taker_pct(*one) for one in asked] == [0.03, 0.03, 0.0, 0.02, 0.055]


def test_without_fees_everything_costs_nothing_but_what_is_said_to_cost() -> None:
    assert NO_FEES.taker_pct("okx") == 0.0
    assert NO_FEES.taker_pct("aevo") == 0.0
    mine = Fees({"okx": 0.04}, table=False)
    assert (mine.taker_pct("okx"), mine.taker_pct("bybit")) == (0.04, 0.0)


def test_a_model_names_its_version_and_what_is_ones_own() -> None:
    assert fees.AS_OF == "2026-11-24"
    assert Fees().model == "default 2026-11-24"
    assert Fees({"okx": 0.05, "bybit": 0.0550}).model == "default 2026-11-24, own bybit 0.055, own okx 0.05"
    assert NO_FEES.model == "none"
    assert Fees({"okx": 0.04}, table=False).model == "none, own okx 0.04"


@pytest.mark.parametrize("pct", [math.nan, math.inf])
def test_a_fee_that_is_no_number_is_refused_by_name(pct: float) -> None:
    with pytest.raises(ValueError, match="the fee of okx is not a number"):
        Fees({"okx": pct})


def test_what_is_published_has_its_date_and_how_far_to_trust_it() -> None:
    assert published("bybit") == {
        "maker_pct": 0.02,
        "taker_pct": 0.055,
        "checked": "2026-10-16",
        "confidence": "high",
        "as_of": "2026-11-24",
    }
    assert published("valr") == {
        "maker_pct": None,
        "taker_pct": None,
        "checked": None,
        "confidence": None,
        "as_of": "2026-11-24",
    }
    assert tuple(published("nowhere")) == fees.FIELDS


# Pages


@pytest.mark.parametrize(
    ("exchange", "row", "url"),
    [
        ("binance", contract("BTCUSDT"), "https://www.binance.com/en/futures/BTCUSDT"),
        ("binance", contract("币安人生USDT"), "https://www.binance.com/en/futures/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT"),
        ("binance-coinm", contract("BTCUSD_PERP", quote="USD", kind="inverse"), "https://www.binance.com/en/delivery/BTCUSD_PERP"),
        ("bybit", contract("1000PEPEUSDT", "1000PEPE"), "https://www.bybit.com/trade/usdt/1000PEPEUSDT"),
        ("bybit", contract("BTCPERP", quote="USDC"), "https://www.bybit.com/trade/futures/usdc/BTC-PERP"),
        ("bybit", contract("BTCUSD", quote="USD", kind="inverse"), "https://www.bybit.com/trade/inverse/BTCUSD"),
        ("okx", contract("BTC-USDT-SWAP"), "https://www.okx.com/trade-swap/btc-usdt-swap"),
        ("bitget", contract("BTCPERP", quote="USDC"), "https://www.bitget.com/futures/usdc/BTCPERP"),
        ("bitget", contract("BTCUSD", quote="USD", kind="inverse"), "https://www.bitget.com/futures/usd/BTCUSD"),
        ("gate", contract("BTC_USDT"), "https://www.gate.com/futures/USDT/BTC_USDT"),
        ("gate", contract("BTC_USD", quote="USD", kind="inverse"), None),
        ("kucoin", contract("XBTUSDTM"), "https://www.kucoin.com/trade/futures/XBTUSDTM"),
        ("htx", contract("BTC-USDT"), "https://www.htx.com/futures/linear_swap/exchange#contract_code=BTC-USDT&contract_type=swap"),
        ("htx", contract("BTC-USD", quote="USD", kind="inverse"), None),
        ("bitfinex", contract("tBTCF0:USTF0"), "https://trading.bitfinex.com/t/BTCF0:USTF0"),
        ("whitebit", contract("BTC_PERP"), "https://whitebit.com/trade/BTC-PERP"),
        ("lbank", contract("BTCUSDT"), "https://www.lbank.com/futures/btcusdt"),
        ("hyperliquid", contract("xyz:TSLA", "TSLA", "USDC"), "https://app.hyperliquid.xyz/trade/xyz:TSLA"),
        ("dydx", contract("FARTCOIN,raydium,9BB6-USD", "FARTCOIN", "USDC"), "https://dydx.trade/trade/FARTCOIN%2Craydium%2C9BB6-USD"),
        ("woo", contract("PERP_BTC_USDT"), "https://woox.io/en/trade/BTC_PERP"),
        ("backpack", contract("kPEPE_USDC_PERP", "kPEPE", "USDC"), "https://backpack.exchange/trade/kPEPE_USD_PERP"),
        ("grvt", contract("BTC_USDT_Perp"), "https://grvt.io/exchange/perpetual/BTC-USDT"),
        ("delta", contract("BTCUSD", quote="USD"), "https://india.delta.exchange/app/futures/trade/BTC/BTCUSD"),
        ("weex", contract("BTCUSDT"), "https://www.weex.com/futures/BTC-USDT"),
        ("xt", contract("btc_usdt"), "https://www.xt.com/en/futures/trade/btc_usdt"),
        ("deepcoin", contract("BTCUSDT"), None),
        ("hibachi", contract("BTC/USDT-P"), None),
        ("nowhere", contract("BTC"), None),
    ],
)  # fmt: skip
def test_a_contracts_page_is_named_in_the_form_of_its_exchange(
    exchange: str, row: dict[str, str], url: str | None
) -> None:
    assert trade_url(exchange, row) == url


def test_a_symbol_cannot_lead_out_of_its_place_in_the_address() -> None:
    assert trade_url("binance", contract("../x?a=1#b")) == "https://www.binance.com/en/futures/..%2Fx%3Fa%3D1%23b"


def test_the_pattern_is_given_as_it_stands() -> None:
    assert link_pattern("okx") == "https://www.okx.com/trade-swap/{symbol_lower}"
    assert link_pattern("aevo") is None
