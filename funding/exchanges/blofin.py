"""BloFin: swaps, linear and inverse (API docs, "Get Funding Rate" without an instId: measured, not documented).

`fundingTime` is the next settlement. The interval is a number and a unit. Two limits hold at once, 500 a minute and 1,500
in five minutes, and passing the second bars for an hour: the budget stays under both.
Over a hundred lines: five calls, and intervals with a unit.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import hours, hours_minutes, ms, number, price, times

MARKET = "https://openapi.blofin.com/api/v1/market"


def hours_days(value: Any) -> Any:
    return times(hours(value), 24)


UNITS = {"minute": hours_minutes, "hour": hours, "day": hours_days}


def interval(row: Row) -> Any:
    unit = row.get("fundingIntervalUnit")
    return UNITS[unit](row.get("fundingInterval")) if unit else None


def is_ours(inst: Row) -> bool:
    return (inst.get("instType", "SWAP"), inst.get("state", "live")) == ("SWAP", "live")


def volume(ticker: Row, inst: Row, inverse: bool) -> Any:
    if inverse:
        return times(number(ticker.get("vol24h")), number(inst.get("contractValue")))  # contracts of so many dollars
    return times(number(ticker.get("volCurrency24h")), number(ticker.get("last")))


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["instId"])
    if inst is None or not is_ours(inst):
        return None
    base, quote = row["instId"].split("-")[:2]
    inverse = inst.get("contractType", "inverse" if quote == "USD" else "linear") == "inverse"
    ticker, mark = (tables[name].get(row["instId"], {}) for name in ("tickers", "marks"))
    interest = tables["interest"].get(row["instId"], {})
    return Rate(
        symbol=row["instId"],
        base=base,
        quote=quote,
        settle=inst.get("settleCurrency") or (base if inverse else quote),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=interval(row),
        next_funding_time=ms(row["fundingTime"]),
        funding_rate_cap=number(row.get("fundingRateCap")),
        funding_rate_floor=number(row.get("fundingRateFloor")),
        mark_price=price(mark.get("markPrice")),
        index_price=price(mark.get("indexPrice")),
        open_interest_usd=times(number(interest.get("openInterestCurrency")), price(mark.get("markPrice"))),
        volume_24h_usd=volume(ticker, inst, inverse),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="BloFin",
    kind="cex",
    budget=window(20, 5),
    parse=parse,
    answer=Answer("code", good=("0",), slow_down=("429",)),
    calls=(
        Call(
            "instruments",
            MARKET + "/instruments",
            rows="data",
            key="instId",
            keep=("instType", "state", "contractType", "settleCurrency", "contractValue"),
            good_for=HOUR,
        ),
        Call(
            "marks", MARKET + "/mark-price", rows="data", key="instId", keep=("markPrice", "indexPrice"), optional=True
        ),
        Call(
            "tickers",
            MARKET + "/tickers",
            rows="data",
            key="instId",
            keep=("volCurrency24h", "vol24h", "last"),
            optional=True,
        ),
        Call(
            "interest",
            MARKET + "/open-interest",
            rows="data",
            key="instId",
            keep=("openInterestCurrency",),
            optional=True,
        ),
        Call("rates", MARKET + "/funding-rate", rows="data"),
    ),
    history=History(
        MARKET + "/funding-rate-history?instId={symbol}&limit=100&after={until_ms}",
        rows="data",
        parse=settlement,
        page_size=100,
    ),
)
