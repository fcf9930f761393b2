"""Arcus: perpetuals priced in dollars, paid each hour (API, "Get markets").

`nextFundingRate` is the forecast of what falls due; `fundingRate` was the last one applied. Markets that are OFFLINE have
prices of 0. Times are in seconds here and in microseconds in the history. Everything settles in USDG, by the documents
alone. Not confirmed: how far back the history goes.
"""

from funding.adapter import Call, Exchange, History, Row, Settlement, Tables, weight
from funding.rate import Rate
from funding.values import microseconds, number, price, seconds, times

API = "https://api.arcus.xyz/v1"


def parse(row: Row, tables: Tables) -> Rate | None:
    if (row["type"], row["status"]) != ("PERPETUAL", "ONLINE"):
        return None
    mark = price(row.get("markPrice"))
    return Rate(
        symbol=row["marketDisplayName"],
        base=row["baseAsset"],
        quote=row["quoteAsset"],
        settle="USDG",
        kind="linear",
        funding_rate=number(row["nextFundingRate"]),
        next_funding_time=seconds(row["nextFundingAt"]),
        last_settled_rate=number(row.get("fundingRate")),
        mark_price=mark,
        index_price=price(row.get("oraclePrice")),
        open_interest_usd=times(number(row.get("openInterest")), mark),
        volume_24h_usd=number(row.get("volume24hNotional")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(microseconds(row["time"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Arcus",
    kind="dex",
    budget=weight(1500, 60),  # a call costs 20, and 1 more for every 20 rows
    parse=parse,
    interval_hours=1,
    calls=(Call("rates", API + "/markets", rows="markets", weight=24),),
    history=History(
        API + "/fundingRates?market={symbol}&from={since_us}&to={until_us}&limit=1000",
        rows="fundingRates",
        parse=settlement,
        page_size=1000,
        weight=70,
    ),
)
