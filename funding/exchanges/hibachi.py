"""Hibachi: perpetuals on coins and currencies, settled in USDT (market data API, "/market/inventory").

One answer holds the contracts and their figures. `status` tells what is closed, `symbolStatus` stays OPEN for ever;
currency pairs stay LIVE over the weekend. No limit is published, and no refusal was recorded (its form is not confirmed).
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.rate import Rate
from funding.values import number, price, seconds, times

MARKET = "https://data-api.hibachi.xyz/market"


def parse(row: Row, tables: Tables) -> Rate | None:
    contract = row["contract"]
    if contract["status"] != "LIVE":
        return None
    info = row["info"]
    mark = price(info.get("markPrice"))
    return Rate(
        symbol=contract["symbol"],
        base=contract["underlyingSymbol"],
        quote=contract["settlementSymbol"],
        settle=contract["settlementSymbol"],
        kind="linear",
        funding_rate=number(info["estimatedFundingRate"]),
        mark_price=mark,
        index_price=price(info.get("spotPrice")),
        open_interest_usd=times(number(info.get("openInterestQuantity")), mark),
        volume_24h_usd=number(info.get("volume24h")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(seconds(row["fundingTimestamp"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Hibachi",
    kind="dex",
    budget=per_second(5),
    parse=parse,
    answer=Answer("errorCode"),
    interval_hours=1,
    on_grid=True,
    calls=(Call("rates", MARKET + "/inventory", rows="markets"),),
    history=History(
        MARKET + "/data/funding-rates?symbol={symbol}&startTime={since_s}&endTime={until_s}&limit=100&offset=0",
        rows="data",
        parse=settlement,
        page_size=100,
    ),
)
