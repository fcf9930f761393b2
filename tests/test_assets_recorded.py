"""The asset table against every recorded instrument, rate and price: what is renamed or scaled, and whether prices agree."""

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from funding.analysis.identity import Market, find_suspects
from funding.assets import resolve

CAPTURES = Path(os.environ.get("FUNDING_CAPTURES") or Path(__file__).parents[2] / "shared" / "captures")
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"no recordings at {CAPTURES} (FUNDING_CAPTURES)")

SYMBOL = (
    "symbol", "symbolId", "instId", "instrument_name", "instrument", "contractName", "marketDisplayName", "market",
    "contract", "contract_code", "ticker_id", "ticker", "name",
)  # fmt: skip
BASE = (
    "baseCoin", "baseCcy", "base_ccy", "base_currency", "baseCurrency", "baseTokenId", "underlying", "underlying_asset",
    "baseAsset", "base_asset", "baseSymbol", "indexBase", "coinName", "base", "bCcy",
)  # fmt: skip
MARK = ("markPrice", "mark_price", "markPx", "mark", "markedPrice", "fairPrice", "price")
# Their symbols are base and quote without anything between.
GLUED = (
    "aster", "binance", "binance-coinm", "bitget", "bitunix", "bybit", "coinw", "cryptocom", "deepcoin", "delta", "edgex",
    "hashkey", "hotcoin", "kucoin", "lbank", "phemex", "reya", "weex", "zoomex",
)  # fmt: skip
QUOTE = re.compile(r"(?<=.)(RUSDPERP|PERP|USDTM|USDM|USDT|USDC|USD1|USD)$")


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of a recording: the ticker as the venue writes it, and the row."""

    exchange: str
    file: str
    base: str
    symbol: str
    row: dict[str, Any]


@cache
def seen() -> tuple[Seen, ...]:
    return tuple(row for file in sorted(CAPTURES.glob("*/*.json")) for row in _rows(file))


def _rows(file: Path) -> Iterator[Seen]:
    recording = json.loads(file.read_text("utf-8"))
    if recording["what"] in ("error", "history"):
        return
    for row in [*_objects(recording["response"]["body"]), *recording.get("expected", ())]:
        symbol = _first(row, SYMBOL)
        base = _first(row, BASE) or symbol
        if base:
            yield Seen(file.parent.name, file.stem, _ticker(file.parent.name, base), symbol, row)


def _objects(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, str) and body[:1] in ("{", "["):
        body = json.loads(body)
    if isinstance(body, dict):
        yield body
    for value in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _objects(value)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if isinstance(row.get(name), str) and row[name]), "")


def _ticker(exchange: str, name: str) -> str:
    """What the venue calls the base, out of a base field or of a symbol: PERP_1000PEPE_USDC, xyz:TSLA, kPEPERUSDPERP."""
    name = name.upper() if name.islower() else name
    name = re.split(r"[-_/]", re.sub(r"^(PERP_|SPOT_|[FP][FI]_)|^.*:", "", name))[0]
    return QUOTE.sub("", name) if exchange in GLUED else name


# What is called otherwise than the venue calls it. A person looks at each: a new one fails here until it is added.
RENAMED: dict[tuple[str, float], str] = {
    ("AAPLX", 1): "kraken:AAPLx",
    ("AMZN", 1): "backpack:AMZN.US",
    ("BABYDOGE", 1_000): "deepcoin:1000BABYDOGE",
    ("BONK", 1_000): "blofin:1000BONK grvt:KBONK pacifica:kBONK",
    ("BTC", 1): "kraken:XBT kucoin:XBT",
    ("BTT", 1_000): "lbank:1000BTTC",
    ("CAT", 1_000): "deepcoin:1000CAT",
    ("CATSTOCK", 1): "variational:CAT",
    ("DRAM", 1): "backpack:DRAM.US",
    ("EUR", 1): "ondo:EURUSD orderly:EURUSD pacifica:EURUSD",
    ("FSTOCK", 1): "arcus:F",
    ("MU", 1): "backpack:MU.US lbank:MUSTOCK",
    ("PEPE", 1_000): "aevo:1000PEPE apex:1000PEPE backpack:kPEPE coinw:1000PEPE edgex:1000PEPE extended:1000PEPE "
    "hotcoin:1000PEPE nado:kPEPE orderly:1000PEPE reya:kPEPE sodex:1000PEPE toobit:1000PEPE variational:1000PEPE "
    "weex:1000PEPE",
    ("QQQ", 1): "backpack:QQQ.US",
    ("SHIB", 1_000): "binance:1000SHIB",
    ("US500", 0.1): "hyperliquid:US500",  # km:US500
    ("US500", 1): "mexc:SPX500 orderly:SPX500 pacifica:SP500 toobit:SPX500",
    ("WHY", 1_000): "binance:1000WHY",
    ("WTI", 1): "hyperliquid:CL mexc:USOIL standx:CL weex:CL",
    ("XAU", 1): "bluefin:GOLD bullet:GOLD hyperliquid:GOLD lbank:GOLD",
    ("XEC", 1_000): "binance:1000XEC",
}


def test_only_tickers_that_were_looked_at_are_renamed_or_scaled_and_all_others_keep_their_name() -> None:
    renamed = defaultdict(set)
    for row in seen():
        found = resolve(row.exchange, row.base, row.symbol)
        if (found.asset, found.multiplier) != (row.base, 1):
            renamed[found.asset, found.multiplier].add(f"{row.exchange}:{row.base}")
    assert renamed == {meaning: set(tickers.split()) for meaning, tickers in RENAMED.items()}


# Many recordings are of one evening, 2026-09-13, and say so by the price of bitcoin.
EVENING = range(76_500, 77_500)
NOT_IN_DOLLARS = {("pionex", "BTC_ETH_PERP")}


def evening() -> Iterator[tuple[Seen, float]]:
    """Rows of that evening with the price of what is priced, in dollars."""
    marked = [(row, price) for row in seen() if (price := _mark(row.row)) is not None]
    files = {(row.exchange, row.file) for row, price in marked if row.base == "BTC" and int(price) in EVENING}
    for row, price in marked:
        if (row.exchange, row.file) in files and (row.exchange, row.symbol) not in NOT_IN_DOLLARS:
            yield row, price


def _mark(row: dict[str, Any]) -> float | None:
    value = next((row[name] for name in MARK if isinstance(row.get(name), str | float | int) and row[name]), None)
    return None if value is None or float(value) == 0 else float(value)


def test_what_was_called_one_asset_had_one_price_per_token() -> None:
    markets = []
    for row, price in evening():
        found = resolve(row.exchange, row.base, row.symbol)
        markets.append(
            Market(
                asset=found.asset,
                exchange=row.exchange,
                symbol=row.symbol,
                mark_price=price,
                multiplier=found.multiplier,
                open_interest_usd=None,
            )
        )
    assert len({market.exchange for market in markets}) > 20
    assert find_suspects(markets) == {}


SAME_PRICE = {  # the tickers that met under one name that evening
    "BTC": "BTC",
    "CAT": "CAT",
    "CATSTOCK": "CAT",
    "EUR": "EUR EURUSD",
    "MU": "MU MU.US MUSTOCK",
    "PEPE": "1000PEPE kPEPE",
    "US500": "SP500 SPX500 US500",
    "WTI": "CL WTI",
    "XAU": "GOLD XAU",
}


@pytest.mark.parametrize("asset", SAME_PRICE)
def test_the_tickers_of_one_asset_agree_within_two_and_a_half_per_cent(asset: str) -> None:
    tickers, prices = set(), []
    for row, price in evening():
        found = resolve(row.exchange, row.base, row.symbol)
        if found.asset == asset:
            tickers.add(row.base)
            prices.append(price / found.multiplier)
    assert tickers == set(SAME_PRICE[asset].split())
    assert max(prices) <= 1.025 * min(prices)


CLASS_FIELDS = {
    "aevo": "market_type",
    "backpack": "rwaMarketType",
    "binance": "underlyingType",
    "binance-coinm": "underlyingType",
    "blofin": "assetClass",
    "btse": "category",
    "bullet": "contractType",
    "extended": "subCategory",
    "hibachi": "category",
    "weex": "underlyingType",
}
CLASS_WORDS = {
    "crypto": "COIN CRYPTO Crypto CryptoPerp L1 Meme crypto",
    "stock": "Equity RwaPerpUsEquity STOCK Stocks",
    "index": "ETF/Index INDEX RwaPerpUsEquityIndices",
    "commodity": "Commodities Metals RwaPerpCommodities",
    "fx": "FX fx",
}
OURS = {word: name for name, words in CLASS_WORDS.items() for word in words.split()}


def test_no_venue_states_another_class_than_ours() -> None:
    stated = {}
    for row in seen():
        word = row.row.get(CLASS_FIELDS.get(row.exchange, ""))
        ours = resolve(row.exchange, row.base, row.symbol).asset_class
        if word in OURS and ours not in (None, OURS[word]):
            stated[row.exchange, row.base] = (OURS[word], ours)
    assert stated == {("backpack", "QQQ.US"): ("index", "stock")}  # a fund of an index is a share
