"""Phemex: perpetuals in USDT and USDC, and COIN-M ones of one dollar each (contract API, "Query real funding rates").

The next time is spelled `nextfundingTime`. COIN-M tickers are another list, of integers (prices × 10^`priceScale`) with
two spellings; their rates are in the one list with all others (of which no answer was recorded: its form is not confirmed
by one). 5,000 requests in five minutes are documented, 300 a minute stand in the headers: the latter meets both.
Over a hundred lines: three families, two ticker lists, two spellings of a price.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import hours_seconds, ms, number, price, scaled, times

API = "https://api.phemex.com"
LISTS = ("v3/ticker", "ticker")  # USDT and USDC, COIN-M
QUOTES = {"USDT": "USDT", "USDC": "USDC", "USD": "USD"}
PRICE_SCALE = 4
PRODUCT = (
    "status", "type", "baseCurrency", "quoteCurrency", "settleCurrency", "priceScale", "fundingRate8hSymbol",
)  # fmt: skip
TICKER = (
    "markRp", "indexRp", "openInterestRv", "turnoverRv",
    "markPrice", "markEp", "indexPrice", "indexEp", "openInterest", "volume",
)  # fmt: skip


def products(body: Any) -> list[Row]:
    data = body["data"]
    return [*(data.get("products") or ()), *(data.get("perpProductsV2") or ())]


def is_trading(inst: Row) -> bool:
    return inst.get("status", "Listed") == "Listed" and str(inst.get("type", "Perpetual")).startswith("Perpetual")


def currencies(symbol: str, inst: Row) -> tuple[str, str, str]:
    """Base, quote, settle. Lower case letters before a symbol say the family (u1000PEPEUSDT, cETHUSD)."""
    if inst:
        return inst["baseCurrency"].replace(" ", ""), inst["quoteCurrency"], inst["settleCurrency"]
    base, quote = split_quote(symbol.lstrip("cu"), QUOTES)
    return base, quote, base if quote == "USD" else quote


def coin_price(ticker: Row, name: str, inst: Row) -> Any:
    value = ticker.get(f"{name}Price") or ticker.get(f"{name}Ep")
    return price(scaled(value, 10 ** int(inst.get("priceScale", PRICE_SCALE))))


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["products"], row["symbol"])
    if inst is None or not is_trading(inst):
        return None
    base, quote, settle = currencies(row["symbol"], inst)
    inverse, ticker = settle == base, tables["tickers"].get(row["symbol"], {})
    mark = coin_price(ticker, "mark", inst) if inverse else price(ticker.get("markRp"))
    index = coin_price(ticker, "index", inst) if inverse else price(ticker.get("indexRp"))
    interest = number(ticker.get("openInterest" if inverse else "openInterestRv"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=settle,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_seconds(row.get("fundingInterval")),
        next_funding_time=ms(row["nextfundingTime"]),
        funding_rate_cap=number(row.get("fundingRateCap")),
        funding_rate_floor=number(row.get("fundingRateFloor")),
        mark_price=mark,
        index_price=index,
        open_interest_usd=times(interest, 1 if inverse else mark),
        volume_24h_usd=number(ticker.get("volume" if inverse else "turnoverRv")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]), hours_seconds(row.get("intervalSeconds")))


def index_of(contract: Any, tables: Tables) -> Row:
    """The index that the rates are published as: .BTCUSDTFR8H even where they are of four hours, but COIN-M .BTCFR8H."""
    index = tables["products"].get(contract.symbol, {}).get("fundingRate8hSymbol") or f".{contract.symbol}FR8H"
    return {"symbol": index.removeprefix(".").removesuffix("FR8H")}


EXCHANGE = Exchange(
    title="Phemex",
    kind="cex",
    budget=window(300, 60),
    parse=parse,
    answer=Answer("code", good=("0",)),
    calls=(
        Call(
            "products",
            API + "/public/products",
            rows=products,
            key="symbol",
            keep=PRODUCT,
            good_for=HOUR,
        ),
        Call(
            "tickers",
            API + "/md/{list}/24hr/all",
            each=LISTS,
            rows="result",
            key="symbol",
            keep=TICKER,
            optional=True,
        ),
        Call(
            "rates",
            API + "/contract-biz/public/real-funding-rates?pageSize=200&pageNum={page}",
            rows="data.rows",
            page_size=200,
        ),
    ),
    history=History(
        API
        + "/api-data/public/data/funding-rate-history?symbol=.{symbol}FR8H&start={since_ms}&end={until_ms}&limit=100",
        rows="data.rows",
        parse=settlement,
        asks=index_of,
        page_size=100,
    ),
)
