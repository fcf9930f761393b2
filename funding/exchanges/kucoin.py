"""KuCoin Futures: perpetuals, linear and inverse, in one list (Futures REST, "Get All Symbols").

`nextFundingRateTime` is the time left, not a time: the date beside it is read, and older answers that lack it give none.
`predictedFundingFeeRate` is of the period after the next. An inverse contract is one dollar, with a multiplier of −1.
Whether `fundingFeeRate` still moves until it is charged is not confirmed.
"""

import re
from typing import Any

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, weight
from funding.rate import Rate
from funding.values import hours, hours_ms, ms, number, price, times

API = "https://api-futures.kucoin.com/api/v1"
COINS = {"XBT": "BTC"}
HOURS = re.compile(r"FPI(\d+)H$")  # .XBTUSDTMFPI8H


def coin(name: Any) -> Any:
    return COINS.get(name, name)


def interval(row: Row) -> tuple[Any, str]:
    """Hours, and where from: a dozen rows have no field for it, but all name the index that the rate is of."""
    granularity = row.get("currentFundingRateGranularity") or row.get("fundingRateGranularity")
    if granularity:
        return hours_ms(granularity), "reported"
    found = HOURS.search(row.get("fundingRateSymbol") or "")
    return hours(found[1] if found else None), "derived"


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["status"] != "Open" or row.get("expireDate"):
        return None
    base, quote, settle = (coin(row[name]) for name in ("baseCurrency", "quoteCurrency", "settleCurrency"))
    inverse, mark, (period, source) = row["isInverse"], price(row.get("markPrice")), interval(row)
    contract = 1 if inverse else times(number(row.get("multiplier")), mark)  # in dollars
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=settle,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingFeeRate"]),
        funding_interval_hours=period,
        interval_source=source,
        next_funding_time=ms(row.get("nextFundingRateDateTime")),
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(row.get("openInterest")), contract),
        volume_24h_usd=times(number(row.get("turnoverOf24h")), mark if inverse else 1),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["timepoint"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="KuCoin Futures",
    kind="cex",
    budget=weight(2000, 30),
    parse=parse,
    answer=Answer("code", good=("200000",), slow_down=("429000",)),
    calls=(Call("rates", API + "/contracts/active", rows="data", weight=3),),
    history=History(
        API + "/contract/funding-rates?symbol={symbol}&from={since_ms}&to={until_ms}",
        rows="data",
        parse=settlement,
        page_size=50,
        weight=5,
    ),
)
