"""Aevo: perpetuals settled in USDC, paid each hour (REST, "Get Coingecko Statistics" and "Get Markets").

The statistics keep every contract that ever was; only the list of markets has the mark. Open interest is in coins, whatever
the documents say. Times are in seconds here and in nanoseconds in the history. The number of requests allowed is not
published. Not confirmed: how far back the history goes.
"""

from typing import Any

from funding.adapter import Call, Exchange, History, Row, Settlement, Tables, columns, find, per_second
from funding.rate import Rate
from funding.values import nanoseconds, number, price, seconds, times

API = "https://api.aevo.xyz"
PAST = {1: "time", 2: "rate", 3: "mark"}


def is_live(row: Row, market: Row) -> Any:
    """Where the list does not tell: a delisted contract has no next funding time."""
    return market.get("is_active", row.get("next_funding_rate_timestamp"))


def parse(row: Row, tables: Tables) -> Rate | None:
    market = find(tables["markets"], row["ticker_id"])
    if market is None or not is_live(row, market):
        return None
    mark = price(market.get("mark_price"))
    return Rate(
        symbol=row["ticker_id"],
        base=market.get("underlying_asset") or row["base_currency"],
        quote=market.get("quote_asset") or "USDC",  # the statistics say USD
        settle="USDC",
        kind="linear",
        funding_rate=number(row["funding_rate"]),
        next_funding_time=seconds(row.get("next_funding_rate_timestamp")),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("target_volume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(nanoseconds(row["time"]), number(row["rate"]), mark_price=price(row["mark"]))


EXCHANGE = Exchange(
    title="Aevo",
    kind="dex",
    budget=per_second(5),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "markets",
            API + "/markets?instrument_type=PERPETUAL",
            key="instrument_name",
            keep=("is_active", "underlying_asset", "quote_asset", "mark_price"),
        ),
        Call("rates", API + "/coingecko-statistics"),
    ),
    history=History(
        API + "/funding-history?instrument_name={symbol}&start_time={since_ns}&end_time={until_ns}&limit=50",
        rows=columns(PAST, "funding_history"),
        parse=settlement,
        page_size=50,
    ),
)
