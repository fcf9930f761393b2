"""XT.com Futures: perpetuals settled in USDT (fapi) and in coins (dapi) (Futures API, "cg/contracts").

The answer is a bare list of what trades; `collection_internal` is the interval, in hours here and in seconds in the history,
and null on what pays no funding. Not confirmed: the units of open interest and volume of coin-margined contracts, the
direction in which the history's pages go.
"""

from typing import Any

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.rate import Rate
from funding.values import hours, hours_seconds, ms, number, price, times

MARKET = "https://{host}/future/market/v1/public"
USDT_MARGINED, COIN_MARGINED = HOSTS = ("fapi.xt.com", "dapi.xt.com")
NO_FUNDING = ("", None)


def parse(row: Row, tables: Tables) -> Rate | None:
    # older answers have no field for the interval, which is not the same as a null in it
    if row["product_type"] != "PERPETUAL" or row.get("collection_internal", "unknown") in NO_FUNDING:
        return None
    inverse, mark = row["host"] == COIN_MARGINED, price(tables["marks"].get(row["symbol"], {}).get("p"))
    return Rate(
        symbol=row["symbol"],
        base=row["base_currency"],
        quote=row["target_currency"],
        settle=row["base_currency"] if inverse else row["target_currency"],
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["funding_rate"]),
        funding_interval_hours=hours(row.get("collection_internal")),
        next_funding_time=ms(row["next_funding_rate_timestamp"]),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=None if inverse else times(number(row.get("open_interest")), mark),
        volume_24h_usd=None if inverse else number(row.get("target_volume")),
    )


def contract_of(contract: Any, tables: Tables) -> Row:
    return {"symbol": contract.symbol, "host": COIN_MARGINED if contract.kind == "inverse" else USDT_MARGINED}


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["createdTime"]), number(row["fundingRate"]), hours_seconds(row.get("collectionInternal")))


EXCHANGE = Exchange(
    title="XT.com Futures",
    kind="cex",
    budget=per_second(5),  # 10 a second and 1000 a minute, and both hosts may count as one
    parse=parse,
    answer=Answer("returnCode", good=("0",)),
    calls=(
        Call("marks", MARKET + "/q/mark-price", each=HOSTS, rows="result", key="s", keep=("p",), optional=True),
        Call("rates", MARKET + "/cg/contracts", each=HOSTS),
    ),
    history=History(
        MARKET + "/q/funding-rate-record?symbol={symbol}&limit=100&direction=NEXT&id={cursor}",
        rows="result.items",
        parse=settlement,
        asks=contract_of,
        page_size=100,
        cursor="result.items.-1.id",
    ),
)
