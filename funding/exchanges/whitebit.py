"""WhiteBIT: perpetuals settled in USDT, on coins, shares, metals and currencies (API V4, "Available futures markets list").

The next time is text in milliseconds here and in seconds in the history; a mark of "" and an index of "0" say that there is
none. A settled rate is calculated one interval before it is charged: whether the running rate is the one that is due next,
or the one after, is not confirmed, nor how far back the history goes.
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import hours_minutes, ms, number, price, seconds, times

PUBLIC = "https://whitebit.com/api/v4/public"


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["product_type"] != "Perpetual":
        return None
    mark = price(row.get("mark_price"))
    return Rate(
        symbol=row["ticker_id"],
        base=row["stock_currency"],
        quote=row["money_currency"],
        settle=row["money_currency"],
        kind="linear",
        funding_rate=number(row["funding_rate"]),
        funding_interval_hours=hours_minutes(row.get("funding_interval_minutes")),
        next_funding_time=ms(row["next_funding_rate_timestamp"]),
        funding_rate_cap=number(row.get("funding_cap")),
        funding_rate_floor=number(row.get("funding_floor")),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("money_volume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(
        seconds(row["fundingTime"]), number(row["fundingRate"]), mark_price=price(row.get("settlementPrice"))
    )


EXCHANGE = Exchange(
    title="WhiteBIT Futures",
    kind="cex",
    budget=window(2000, 10),
    parse=parse,
    answer=Answer("success", good=("true",)),
    calls=(Call("rates", PUBLIC + "/futures", rows="result"),),
    history=History(
        PUBLIC + "/funding-history/{symbol}?limit=100&startDate={since_s}&endDate={until_s}",
        parse=settlement,
        page_size=100,
    ),
)
