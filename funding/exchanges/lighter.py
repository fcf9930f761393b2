"""Lighter: perpetuals settled in USDC (API reference, "funding-rates" and "orderBookDetails").

Three scales for one thing: the current rate is of eight hours, of which an eighth is paid each hour; the history is in
percent per hour, without a sign. Three of four rows of the current rates are relayed from other venues.
"""

from typing import Any

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import number, percent, price, scaled, seconds, times

API = "https://mainnet.zklighter.elliot.ai/api/v1"
RATE_HOURS = 8
SIGNS = {"long": 1, "short": -1}  # who pays


def is_ours(row: Row, market: Row) -> bool:
    return (market.get("market_type", "perp"), market.get("status", "active")) == ("perp", "active")


def parse(row: Row, tables: Tables) -> Rate | None:
    market = find(tables["markets"], row["market_id"])
    if row["exchange"] != "lighter" or market is None or not is_ours(row, market):
        return None
    mark = price(market.get("mark_price"))
    return Rate(
        symbol=row["symbol"],
        base=row["symbol"],
        quote="USDC",
        settle="USDC",
        kind="linear",
        funding_rate=scaled(row["rate"], RATE_HOURS),
        mark_price=mark,
        index_price=price(market.get("index_price")),
        open_interest_usd=times(number(market.get("open_interest")), mark),
        volume_24h_usd=number(market.get("daily_quote_token_volume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(seconds(row["timestamp"]), times(percent(row["rate"]), SIGNS[row["direction"]]))


def market_of(contract: Any, tables: Tables) -> Row:
    ids = {row["symbol"]: key for key, row in tables["markets"].items()}
    return {"market_id": ids[contract.symbol]}


EXCHANGE = Exchange(
    title="Lighter",
    kind="dex",
    budget=window(60, 60),
    parse=parse,
    answer=Answer("code", good=("200",), slow_down=("23000",)),
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "markets",
            API + "/orderBookDetails",
            rows="order_book_details",
            key="market_id",
            keep=(
                "symbol",
                "market_type",
                "status",
                "mark_price",
                "index_price",
                "open_interest",
                "daily_quote_token_volume",
            ),
        ),
        Call("rates", API + "/funding-rates", rows="funding_rates"),
    ),
    history=History(
        API + "/fundings?market_id={market_id}&resolution=1h"
        "&start_timestamp={since_s}&end_timestamp={until_s}&count_back=0",
        rows="fundings",
        parse=settlement,
        asks=market_of,
        page_size=750,
    ),
)
