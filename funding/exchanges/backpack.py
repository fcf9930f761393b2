"""Backpack Exchange: perpetuals settled in USDC (API docs, "Get all mark prices").

The rate is that of the running interval, whose length the markets tell: an hour on all of them since 2025-08-20. What is not
open for trading keeps its rate, and prediction markets stand among the open interests. The first row of the past is the
interval that still runs. The bounds of the rate are in another unit, and are left. Not confirmed: how far back the past goes.
"""

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import hours_ms, iso, ms, number, price, times

API = "https://api.backpack.exchange/api/v1"


def is_ours(market: Row) -> bool:
    return market.get("marketType", "PERP") == "PERP" and str(market.get("orderBookState", "Open")) == "Open"


def parse(row: Row, tables: Tables) -> Rate | None:
    symbol = row["symbol"]
    market = find(tables["markets"], symbol)
    if market is None or not is_ours(market):
        return None
    base, quote, _ = symbol.rsplit("_", 2)
    mark, interest = price(row.get("markPrice")), tables["interest"].get(symbol, {})
    return Rate(
        symbol=symbol,
        base=market.get("baseSymbol") or base,
        quote=market.get("quoteSymbol") or quote,
        settle=market.get("quoteSymbol") or quote,
        kind="linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_ms(market.get("fundingInterval")),
        next_funding_time=ms(row["nextFundingTimestamp"]),
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(interest.get("openInterest")), mark),
        volume_24h_usd=number(tables["tickers"].get(symbol, {}).get("quoteVolume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["intervalEndTimestamp"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Backpack Exchange",
    kind="cex",
    budget=window(2000, 60),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "markets",
            API + "/markets",
            key="symbol",
            keep=("baseSymbol", "quoteSymbol", "marketType", "orderBookState", "fundingInterval"),
            good_for=HOUR,
        ),
        Call("interest", API + "/openInterest", key="symbol", keep=("openInterest",), optional=True),
        Call("tickers", API + "/tickers", key="symbol", keep=("quoteVolume",), optional=True),
        Call("rates", API + "/markPrices"),
    ),
    history=History(
        API + "/fundingRates?symbol={symbol}&limit=1000&offset={offset}",
        parse=settlement,
        page_size=1000,
        budget=window(30, 60),
    ),
)
