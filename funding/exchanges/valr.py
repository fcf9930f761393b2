"""VALR: a few linear perpetuals in USDT, charged every hour (REST API v1, "Futures Info").

No index price is published, and the interval and the mark price stand elsewhere: the one in the documents, the other in
the market summary. No answer was recorded. Not confirmed: whether `estimatedFundingRate` moves within the hour, the
summary's `quoteVolume`, how far back the history goes.
"""

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import iso, ms, number, price, times

API = "https://api.valr.com/v1/public"
QUOTES = {"USDTPERP": "USDT", "USDCPERP": "USDC", "ZARPERP": "ZAR"}
DOLLARS = {"USDT": 1, "USDC": 1}


def parse(row: Row, tables: Tables) -> Rate | None:
    symbol = row["currencyPair"]
    inst, ticker = find(tables["instruments"], symbol), tables["tickers"].get(symbol, {})
    if inst is None or not inst.get("active", True):
        return None
    base, quote = (inst["baseCurrency"], inst["quoteCurrency"]) if inst else split_quote(symbol, QUOTES)
    mark, dollars = price(ticker.get("markPrice")), DOLLARS.get(quote)
    return Rate(
        symbol=symbol,
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["estimatedFundingRate"]),
        next_funding_time=ms(row["nextFundingRun"]),
        mark_price=mark,
        open_interest_usd=times(number(row.get("openInterest")), mark, dollars),
        volume_24h_usd=times(number(ticker.get("quoteVolume")), dollars),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["fundingTime"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="VALR",
    kind="cex",
    budget=window(30, 60),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "instruments",
            API + "/pairs/FUTURE",
            key="symbol",
            keep=("active", "baseCurrency", "quoteCurrency"),
            good_for=HOUR,
        ),
        Call("tickers", API + "/marketsummary", key="currencyPair", keep=("markPrice", "quoteVolume"), optional=True),
        Call("rates", API + "/futures/info"),
    ),
    history=History(
        API + "/futures/funding/history?currencyPair={symbol}&limit=100&skip={offset}",
        parse=settlement,
        page_size=100,
    ),
)
