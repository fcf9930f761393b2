"""What the asset table says, ticker by ticker: each known collision, each look-alike, each unit is a case of its own."""

import json
import re
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from funding import assets
from funding.assets import Asset, canonical, plain, resolve

TEXT = files("funding").joinpath("assets.json").read_text("utf-8")
TABLE: dict[str, Any] = json.loads(TEXT)


def listed(text: str) -> list[list[str]]:
    """`exchange:base` or `exchange:base:symbol`, separated by blanks."""
    return [contract.split(":", 2) for contract in text.split()]


def meaning(exchange: str | None, base: str, symbol: str | None = None) -> tuple[str, float]:
    found = resolve(exchange, base, symbol)
    return found.asset, found.multiplier


# Whole tickers and nothing else

LOOK_ALIKES = """
    binance:1INCH binance:0G bybit:2Z bybit:A2Z gate:4 gate:1 bingx:1CAT bybit:100X lbank:10TA
    binance:CATI binance:CATS mexc:PEPE2 mexc:SHIB2 mexc:DOGE2 mexc:BABYDOGE2
    binance:BROCCOLI714 binance:BROCCOLIF3B gate:BROCCOLI bybit:BOBBOB bybit:BOBA
    bybit:HPOS10I bybit:AI16Z binance:C98 binance:API3 binance:B2 binance:B3 binance:L3 binance:BANANAS31 bybit:IQ50
    aster:USD1 gate:US500 gate:NAS100 gate:US100 gate:US30 gate:US2000 gate:GER40 gate:UK100 weex:JP225 gate:JPN225
    okx:HK50 gate:AUS200 gate:KR200 gate:TW88 gate:EUROPE50IX hyperliquid:XYZ100
    grvt:KAITO grvt:KAS grvt:KAVA grvt:KSM grvt:KDA grvt:KNC grvt:KMNO grvt:KORU grvt:KLAY
    gate:M gate:B gate:H gate:D gate:G gate:S gate:T gate:A gate:C gate:F gate:U gate:X gate:ON
    aster:B-MONEY kraken:AIXBT okx:AIXBT bingx:NCFX2USD deepcoin:1BTC deepcoin:2BTC deepcoin:dBTC
    okx:1000NEWCOIN hyperliquid:kNEWCOIN
"""  # the last two: an unlisted form stays what it is


@pytest.mark.parametrize(("exchange", "base"), listed(LOOK_ALIKES))
def test_a_name_that_only_looks_scaled_or_aliased_stays_an_asset_of_its_own(exchange: str, base: str) -> None:
    assert meaning(exchange, base) == (base, 1)
    assert plain(exchange, base) == base


@pytest.mark.parametrize("base", ["CAT", "STX", "RTX", "BB", "PURR", "ON", "C"])
@pytest.mark.parametrize("exchange", ["mexc", "weex"])
def test_the_suffix_stock_is_never_stripped(exchange: str, base: str) -> None:
    assert meaning(exchange, f"{base}STOCK") == (f"{base}STOCK", 1)
    assert resolve(exchange, f"{base}STOCK").asset_class == "stock"


@pytest.mark.parametrize("exchange", ["mexc", "lbank"])
def test_a_short_name_that_the_venue_itself_declares_is_taken(exchange: str) -> None:
    assert resolve(exchange, "MUSTOCK") == Asset("MU", 1, "stock")
    assert plain(exchange, "MUSTOCK") == "MUSTOCK"


def test_only_the_leading_number_of_a_scaled_name_is_the_multiplier() -> None:
    assert meaning("mexc", "1000PEPE2") == ("PEPE2", 1000)
    assert meaning("mexc", "100000BABYDOGE2") == ("BABYDOGE2", 100_000)
    assert meaning("bybit", "1000IQ50") == ("IQ50", 1000)
    assert meaning("bybit", "1000CATS") == ("CATS", 1000)


def test_a_one_letter_coin_may_be_scaled_too_but_only_where_it_was_seen() -> None:
    assert meaning("bybit", "1000X") == ("X", 1000)
    assert meaning("gate", "1000X") == ("1000X", 1)


def test_a_capital_k_is_a_thousand_on_grvt_alone() -> None:
    assert meaning("grvt", "KPEPE") == ("PEPE", 1000)
    assert meaning("okx", "KPEPE") == ("KPEPE", 1)


# Units

UNITS: dict[str, dict[int, str]] = {
    "PEPE": {
        1: "gate:PEPE kucoin:PEPE okx:PEPE kraken:PEPE mexc:PEPE woo:PEPE",
        1_000: "binance:1000PEPE bybit:1000PEPE bingx:1000PEPE aster:1000PEPE weex:1000PEPE toobit:1000PEPE "
        "hyperliquid:kPEPE backpack:kPEPE grvt:KPEPE paradex:kPEPE extended:1000PEPE orderly:1000PEPE edgex:1000PEPE "
        "nado:kPEPE apex:1000PEPE aevo:1000PEPE pacifica:kPEPE variational:1000PEPE hotcoin:1000PEPE sodex:1000PEPE "
        "reya:kPEPE phemex:1000PEPE phemex:u1000PEPE btse:1KPEPE bitunix:1000PEPE",
        1_000_000: "velocity:1MPEPE",
    },
    "SHIB": {
        1: "gate:SHIB kucoin:SHIB okx:SHIB kraken:SHIB",
        1_000: "binance:1000SHIB bybit:SHIB1000 hyperliquid:kSHIB backpack:kSHIB paradex:kSHIB orderly:1000SHIB "
        "grvt:KSHIB pacifica:kSHIB btse:1KSHIB",
    },
    "BONK": {
        1: "gate:BONK okx:BONK kraken:BONK",
        1_000: "binance:1000BONK bybit:1000BONK kucoin:1000BONK mexc:1000BONK bingx:1000BONK bitget:1000BONK "
        "blofin:1000BONK aster:1000BONK hyperliquid:kBONK backpack:kBONK grvt:KBONK paradex:kBONK pacifica:kBONK "
        "orderly:1000BONK lighter:1000BONK btse:1KBONK",
        1_000_000: "velocity:1MBONK",
    },
    "FLOKI": {
        1: "gate:FLOKI kucoin:FLOKI okx:FLOKI kraken:FLOKI",
        1_000: "binance:1000FLOKI bybit:1000FLOKI hyperliquid:kFLOKI paradex:kFLOKI btse:1KFLOKI",
    },
    "LUNC": {1: "gate:LUNC kucoin:LUNC bitfinex:LUNA", 1_000: "binance:1000LUNC bybit:1000LUNC hyperliquid:kLUNC"},
    "SATS": {
        1: "gate:SATS okx:SATS kraken:SATS",
        1_000: "binance:1000SATS bitget:1000SATS",
        10_000: "bybit:10000SATS kucoin:10000SATS bingx:10000SATS",
    },
    "CHEEMS": {
        1: "gate:CHEEMS",
        1_000: "binance:1000CHEEMS kucoin:1000CHEEMS bingx:1000CHEEMS deepcoin:1000CHEEMS",
        1_000_000: "bybit:1000000CHEEMS",
    },
    "MOG": {
        1: "gate:MOG kraken:MOG",
        1_000: "deribit:1000MOG",
        1_000_000: "binance:1000000MOG bybit:1000000MOG kucoin:1000000MOG bingx:1000000MOG orderly:1000000MOG",
    },
    "BABYDOGE": {
        1_000: "deepcoin:1000BABYDOGE",
        100_000: "mexc:100000BABYDOGE",
        1_000_000: "binance:1MBABYDOGE bybit:1000000BABYDOGE kucoin:1MBABYDOGE kraken:1MBABYDOGE gate:MBABYDOGE "
        "bingx:1000000BABYDOGE",
    },
    "CAT": {
        1: "weex:CAT kraken:CAT",
        1_000: "binance:1000CAT bybit:1000CAT bingx:1000CAT deepcoin:1000CAT btse:1KCAT",
        10_000: "kucoin:10000CAT",
    },
    "RATS": {1: "gate:RATS", 1_000: "binance:1000RATS bybit:1000RATS kucoin:1000RATS"},
    "TURBO": {1: "binance:TURBO gate:TURBO kucoin:TURBO okx:TURBO", 1_000: "bybit:1000TURBO"},
    "TOSHI": {1: "binance:TOSHI gate:TOSHI kucoin:TOSHI", 1_000: "bybit:1000TOSHI"},
    "TAG": {1: "binance:TAG gate:TAG kucoin:TAG", 1_000: "bybit:1000TAG"},
    "XEC": {1: "kucoin:XEC", 1_000: "binance:1000XEC bybit:1000XEC"},
    "NEIRO": {1: "binance:NEIRO okx:NEIRO kucoin:NEIROCTO", 1_000: "bybit:1000NEIROCTO hyperliquid:kNEIRO"},
    "BTT": {1: "mexc:BTT", 1_000: "bybit:1000BTT lbank:1000BTTC"},
    "AIDOGE": {100_000: "mexc:100000AIDOGE", 10_000_000: "bybit:10000000AIDOGE"},
    "NOT": {1: "okx:NOT apex:NOT", 1_000: "extended:kNOT"},
}
CONTRACTS = [
    (asset, float(tokens), *contract)
    for asset, by_tokens in UNITS.items()
    for tokens, contracts in by_tokens.items()
    for contract in listed(contracts)
]


@pytest.mark.parametrize(("asset", "tokens", "exchange", "base"), CONTRACTS)
def test_a_price_is_of_as_many_tokens_as_the_venue_means(asset: str, tokens: float, exchange: str, base: str) -> None:
    assert resolve(exchange, base) == Asset(asset, tokens, "crypto")


def test_a_multiplier_stays_in_the_base() -> None:
    kept = ("1000PEPE", "kPEPE", "SHIB1000", "1000NEIROCTO", "1000BTTC")
    assert tuple(plain("bybit", base) for base in kept) == kept


def test_some_contracts_are_for_a_tenth() -> None:
    assert meaning("okx", "ANTHROPIC") == ("ANTHROPIC", 0.1)
    assert meaning("okx", "OPENAI") == ("OPENAI", 0.1)
    assert meaning("binance", "OPENAI") == meaning("bybit", "OPENAI") == ("OPENAI", 1)
    assert meaning("hyperliquid", "US500", "mkts:US500") == ("US500", 0.1)
    assert meaning("hyperliquid", "SP500", "xyz:SP500") == ("US500", 1)


# Aliases

ALIASES = """
    kucoin:XBT:BTC kraken:XDG:DOGE binance:LUNA2:LUNA kucoin:NEIROCTO:NEIRO
    lbank:BTTC:BTT bybit:PUMPFUN:PUMP binance:RAYSOL:RAY bybit:RAYDIUM:RAY binance:RONIN:RON bybit:SOLAYER:LAYER
    btse:MONAD:MON kucoin:TONCOIN:TON binance:DODOX:DODO mexc:FILECOIN:FIL mexc:TRUMPOFFICIAL:TRUMP
    mexc:AIGENSYN:GENSYN htx:BCHSV:BSV mexc:STEPN:GMT kucoin:WAX:WAXP bitfinex:ALG:ALGO bitfinex:IOT:IOTA
    bitfinex:UST:USDT bitfinex:LUNA:LUNC bitfinex:LUNA2:LUNA bitfinex:DOG:MDOGE bitfinex:YGG:YEED
    bitfinex:HTX:HT
"""


@pytest.mark.parametrize(("exchange", "base", "expected"), listed(ALIASES))
def test_a_plain_alias_is_resolved_in_the_base_and_in_the_asset(exchange: str, base: str, expected: str) -> None:
    assert plain(exchange, base) == expected
    assert meaning(exchange, base) == (expected, 1)


@pytest.mark.parametrize("exchange", ["mexc", "lbank", "weex"])
def test_xbt_is_not_bitcoin_on_three_exchanges(exchange: str) -> None:
    assert plain(exchange, "XBT") == "XBT"
    assert resolve(exchange, "XBT") == Asset("XBT", 1, None)


@pytest.mark.parametrize("base", ["ALG", "XDG", "UST", "STEPN", "WAX", "TRUMPSOL"])
def test_the_alias_of_one_exchange_does_not_hold_on_another(base: str) -> None:
    assert plain("binance", base) == base
    assert meaning("binance", base) == (base, 1)


NAMES = """
    GOLD:XAU:commodity SILVER:XAG:commodity PLATINUM:XPT:commodity
    PALLADIUM:XPD:commodity COPPER:XCU:commodity SPX500:US500:index SP500:US500:index CL:WTI:commodity
    USOIL:WTI:commodity XTI:WTI:commodity BRENTOIL:BRENT:commodity BZ:BRENT:commodity EURUSD:EUR:fx
    AAPLx:AAPLX:stock
"""


@pytest.mark.parametrize(("base", "expected", "asset_class"), listed(NAMES))
def test_another_ticker_of_a_metal_an_index_or_a_currency_keeps_its_base(
    base: str, expected: str, asset_class: str
) -> None:
    assert resolve("bullet", base) == Asset(expected, 1, asset_class)
    assert plain("bullet", base) == base


def test_a_token_of_gold_or_of_a_stock_is_an_asset_of_its_own() -> None:
    assert resolve("pacifica", "PAXG") == Asset("PAXG", 1, "crypto")
    assert resolve("sodex", "XAUT") == Asset("XAUT", 1, "crypto")
    assert resolve("pionex", "TSLAX") == Asset("TSLAX", 1, "stock")


# One name, two assets

COLLISIONS = """
    binance:CAT binance:1000CAT
    gate:CAT weex:CAT
    variational:CAT kraken:CAT
    weex:CATSTOCK weex:CAT
    okx:BB binance:BB
    hyperliquid:BB:xyz:BB binance:BB
    hyperliquid:STX:para:STX hyperliquid:STX:STX
    mexc:STXSTOCK mexc:STX
    okx:ON binance:ON
    bybit:ON binance:ON
    okx:QNT binance:QNT
    lighter:QNT bybit:QNT
    btse:QNT bingx:QNT
    mexc:RTXSTOCK gate:RTX
    gate:PURR hyperliquid:PURR:PURR
    okx:PURR mexc:PURR
    bybit:PURR mexc:PURR
    mexc:CSTOCK binance:C
    arcus:F bybit:F
    btse:GAS okx:GAS
    okx:AI lighter:AI
    okx:AI aster:AI
    aster:MEME okx:MEME
    gate:EDGE binance:EDGE
    aster:B-MONEY binance:B
    binance:SPX mexc:SPX500
    gate:HK50 okx:HK50
    hyperliquid:JPY:xyz:JPY mexc:JPY
    mexc:KIMISTOCK okx:MOONSHOT
    okx:SHEIN binance:SHEIN
    binance:BOB binance:1000000BOB
    binance:BEAMX bybit:BEAM
    binance:BROCCOLI714 binance:BROCCOLIF3B
    bingx:TRUMP bingx:TRUMPSOL
    bitfinex:LUNA binance:LUNA2
    bitfinex:UST bitfinex:TERRAUST
    bitfinex:DOG kraken:DOG
    hyperliquid:NEIROETH hyperliquid:kNEIRO
    bybit:PUMPFUN bybit:PUMPBTC
    mexc:XBT kucoin:XBT
"""


@pytest.mark.parametrize(("one", "other"), [listed(pair) for pair in COLLISIONS.strip().splitlines()])
def test_two_assets_of_one_name_are_kept_apart(one: list[str], other: list[str]) -> None:
    assert resolve(*one).asset != resolve(*other).asset


STOCKS = {
    "CATSTOCK": "binance:CAT gate:CAT mexc:CATSTOCK weex:CATSTOCK variational:CAT",
    "BBSTOCK": "okx:BB hyperliquid:BB:xyz:BB",
    "ONSTOCK": "okx:ON bybit:ON",
    "QNTSTOCK": "okx:QNT hyperliquid:QNT:xyz:QNT lighter:QNT",
    "STXSTOCK": "hyperliquid:STX:para:STX",
    "PURRSTOCK": "gate:PURR okx:PURR bybit:PURR",
    "FSTOCK": "arcus:F",
}


@pytest.mark.parametrize(
    ("expected", "contract"), [(stock, row) for stock, rows in STOCKS.items() for row in listed(rows)]
)
def test_a_stock_whose_ticker_is_a_coin_elsewhere_is_one_asset_on_all_exchanges(
    expected: str, contract: list[str]
) -> None:
    assert resolve(*contract) == Asset(expected, 1, "stock")
    assert plain(contract[0], contract[1]) == contract[1]


def test_the_same_thing_under_two_tickers_is_one_asset() -> None:
    assert meaning("okx", "AI") == meaning("mexc", "AIGENSYN") == ("GENSYN", 1)
    assert meaning("hyperliquid", "JPY", "xyz:JPY") == meaning("aevo", "USDJPY") == ("USDJPY", 1)
    assert meaning("bybit", "SHEIN") == meaning("okx", "SHEIN")
    assert meaning("bingx", "TRUMPSOL") == meaning("binance", "TRUMP") == ("TRUMP", 1)


SPOT_ALONE = """
    gate:GTC htx:GTC mexc:BIFI lbank:HIT htx:PNT htx:SOUL kucoin:VAI gate:RAI gate:MPH gate:MM
    gate:TRAC bitget:EVA bitget:DEGEN bitget:APX bitget:OMNI mexc:HERO mexc:PROS mexc:FREE bingx:SNOW mexc:GMT
    mexc:GAS mexc:FLUX kucoin:ALT
"""


@pytest.mark.parametrize(("exchange", "base"), listed(SPOT_ALONE))
def test_what_is_known_of_a_spot_market_alone_does_not_rename_a_perpetual(exchange: str, base: str) -> None:
    """Such lists make KuCoin's ALT another coin than it is; a contract that really is another coin shows in its price."""
    assert meaning(exchange, base) == (base, 1)


# Classes


def test_the_class_is_said_where_it_is_known_and_nowhere_else() -> None:
    classes = [resolve("gate", base).asset_class for base in ("BTC", "TSLA", "US30", "XAU", "USDJPY", "OPENAI", "QNT")]
    assert classes == ["crypto", "stock", "index", "commodity", "fx", None, None]


# What a user types

TYPED = """
    btc:BTC xbt:BTC XBT:BTC 1000pepe:PEPE kPEPE:PEPE KPEPE:PEPE kpepe:PEPE shib1000:SHIB 1mbabydoge:BABYDOGE
    mbabydoge:BABYDOGE bttc:BTT gold:XAU spx500:US500 aaplx:AAPLX catstock:CATSTOCK cat:CAT 1inch:1INCH spx:SPX ai:AI
    nosuchcoin:NOSUCHCOIN
"""  # ai: what OKX alone means by it does not count


@pytest.mark.parametrize(("text", "expected"), listed(TYPED))
def test_typed_text_leads_to_the_asset_whatever_its_case(text: str, expected: str) -> None:
    assert canonical(text) == expected


def test_what_an_exchange_alone_lists_can_be_typed_too() -> None:
    for tables in TABLE["exchanges"].values():
        for asset, _, _ in [*tables.get("assets", {}).values(), *tables.get("contracts", {}).values()]:
            assert canonical(asset.lower()) == asset


# The table itself


def test_no_key_stands_twice_in_the_file() -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [key for key, times in Counter(key for key, _ in pairs).items() if times > 1] == []
        return dict(pairs)

    json.loads(TEXT, object_pairs_hook=unique)


def test_no_ticker_means_two_assets_everywhere() -> None:
    tickers = [
        *TABLE["aliases"],
        *(ticker for others in TABLE["names"].values() for ticker in others),
        *(ticker for multipliers in TABLE["multipliers"].values() for ticker in multipliers),
    ]
    assert [ticker for ticker, times in Counter(ticker.casefold() for ticker in tickers).items() if times > 1] == []


def test_the_name_of_an_asset_means_itself_and_is_upper_case() -> None:
    names = {*TABLE["aliases"].values(), *TABLE["names"], *TABLE["multipliers"]}
    names |= {asset for assets_of_class in TABLE["classes"].values() for asset in assets_of_class}
    assert {name for name in names if meaning(None, name) != (name, 1)} == set()
    assert {name for name in names if name != name.upper()} == set()


def test_an_asset_has_one_class() -> None:
    classes = Counter(asset for assets_of_class in TABLE["classes"].values() for asset in assets_of_class)
    assert [asset for asset, times in classes.items() if times > 1] == []


def test_a_multiplier_is_the_number_that_the_ticker_shows() -> None:
    letters = {"k": 1_000, "1K": 1_000, "1M": 1_000_000, "M": 1_000_000}
    for asset, multipliers in TABLE["multipliers"].items():
        for ticker, tokens in multipliers.items():
            zeros = re.search(r"10{3,}", ticker)
            assert tokens == (int(zeros[0]) if zeros else letters[ticker.removesuffix(asset)]), ticker


def test_the_table_says_of_which_day_it_is() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", assets.AS_OF)
    assert assets.CLASSES == ("crypto", "stock", "index", "commodity", "fx")
