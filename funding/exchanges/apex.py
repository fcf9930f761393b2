"""ApeX Omni: perpetuals on coins and stocks, one request each, paid each hour (API v3, "Get Ticker Data").

The ticker is asked by `crossSymbolName` (BTCUSDT), which is the symbol here, the history by `symbol` (BTC-USDT). `fundingRate`
is the running estimate; `predictedFundingRate` is but the interest in it. Prediction contracts are bets on events. An unknown
symbol is answered with an empty list. Not confirmed: the body of an error, how far back the history goes.
"""

from typing import Any

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import iso, ms, number, price, times

API = "https://omni.apex.exchange/api/v3"
LISTS = ("perpetualContract", "stockContract")
FLAGS = ("enableTrade", "enableDisplay", "enableOpenPosition")
QUOTES = {"USDT": "USDT"}


def contracts(body: Any) -> list[Row]:
    config = body["data"]["contractConfig"]
    return [contract for name in LISTS for contract in config.get(name) or ()]


def is_open(contract: Row) -> bool:
    return all(contract[flag] for flag in FLAGS) and not contract.get("isPrelaunch")


def open_contracts(tables: Tables) -> list[str]:
    return [name for name, contract in tables["contracts"].items() if is_open(contract)]


def parse(row: Row, tables: Tables) -> Rate | None:
    contract = find(tables["contracts"], row["symbol"])
    if contract is None or (contract and not is_open(contract)):
        return None
    base, quote = (
        (contract["baseTokenId"], contract["settleAssetId"]) if contract else split_quote(row["symbol"], QUOTES)
    )
    mark = price(row.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["fundingRate"]),
        next_funding_time=iso(row["nextFundingTime"]),
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(row.get("openInterest")), mark),
        volume_24h_usd=number(row.get("turnover24h")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["rate"]))


EXCHANGE = Exchange(
    title="ApeX Omni",
    kind="dex",
    budget=window(600, 60),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "contracts",
            API + "/symbols",
            rows=contracts,
            key="crossSymbolName",
            keep=("symbol", "baseTokenId", "settleAssetId", "isPrelaunch", *FLAGS),
            good_for=HOUR,
        ),
        Call("rates", API + "/ticker?symbol={symbol}", each=open_contracts, about=125, rows="data"),
    ),
    history=History(
        API + "/history-funding?symbol={symbol}&beginTimeInclusive={since_ms}&endTimeExclusive={until_ms}&limit=100",
        rows="data.historyFunds",
        parse=settlement,
        asks=lambda contract, tables: {"symbol": tables["contracts"][contract.symbol]["symbol"]},
        page_size=100,
    ),
)
