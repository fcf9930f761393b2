"""OKX: swaps, and the XPERP futures that pay funding (docs-v5, "Get funding rate", instId=ANY).

`nextFundingTime` is the payment after the one that `fundingRate` is for. No field holds the interval, and OKX shortens
intervals by itself: the running period's length is the difference of two times of the same row.
Over a hundred lines: five calls for two types of instruments.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import hours_ms, ms, number, price, times

V5 = "https://www.okx.com/api/v5"
TYPES = ("SWAP", "FUTURES")


def is_ours(row: Row, inst: Row) -> bool:
    """Live, and a swap or one of the futures that pay funding."""
    pays = row["instType"] == "SWAP" or inst.get("ruleType", "xperp") == "xperp"
    return pays and str(inst.get("state", "live")) == "live"


def interval(row: Row) -> Any:
    """The running period: from the payment before to the one that is due. A new listing has none before it."""
    start, end = row.get("prevFundingTime"), row["fundingTime"]
    if not start:
        start, end = end, row["nextFundingTime"]
    return hours_ms(int(end) - int(start))


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["instId"])
    if inst is None or not is_ours(row, inst):
        return None
    ticker = tables["tickers"].get(row["instId"], {})
    base, quote = (inst.get("uly") or row["instId"]).split("-")[:2]
    quote = quote.partition("_")[0]  # USD_UM: dollars, with dollars as margin
    kind = inst.get("ctType") or ("inverse" if row["instId"].endswith("-USD-SWAP") else "linear")
    return Rate(
        symbol=row["instId"],
        base=base,
        quote=quote,
        settle=inst.get("settleCcy") or (base if kind == "inverse" else quote),
        kind=kind,
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=interval(row),
        interval_source="derived",
        next_funding_time=ms(row["fundingTime"]),
        funding_rate_cap=number(row.get("maxFundingRate")),
        funding_rate_floor=number(row.get("minFundingRate")),
        mark_price=price(tables["marks"].get(row["instId"], {}).get("markPx")),
        open_interest_usd=number(tables["interest"].get(row["instId"], {}).get("oiUsd")),
        volume_24h_usd=times(number(ticker.get("volCcy24h")), number(ticker.get("last"))),
        exchange_at=ms(row.get("ts")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["realizedRate"]))  # fundingRate is the predicted one


EXCHANGE = Exchange(
    title="OKX",
    kind="cex",
    budget=window(10, 2),
    parse=parse,
    answer=Answer("code", good=("0",), slow_down=("50011", "50013")),
    calls=(
        Call(
            "instruments",
            V5 + "/public/instruments?instType={instType}",
            each=TYPES,
            rows="data",
            key="instId",
            keep=("uly", "ctType", "settleCcy", "state", "ruleType"),
            good_for=HOUR,
        ),
        Call(
            "marks",
            V5 + "/public/mark-price?instType={instType}",
            each=TYPES,
            rows="data",
            key="instId",
            keep=("markPx",),
            optional=True,
        ),
        Call(
            "tickers",
            V5 + "/market/tickers?instType={instType}",
            each=TYPES,
            rows="data",
            key="instId",
            keep=("volCcy24h", "last"),
            optional=True,
        ),
        Call(
            "interest",
            V5 + "/public/open-interest?instType={instType}",
            each=TYPES,
            rows="data",
            key="instId",
            keep=("oiUsd",),
            optional=True,
        ),
        Call("rates", V5 + "/public/funding-rate?instId=ANY", rows="data"),
    ),
    history=History(
        V5 + "/public/funding-rate-history?instId={symbol}&after={until_ms}&limit=400",
        rows="data",
        parse=settlement,
        page_size=400,
        days=90,
    ),
)
