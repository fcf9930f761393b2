"""RISEx: linear perpetuals in USDC, stocks and commodities among them (RISEx API, "markets").

No estimate is published: `current_funding_rate` is the last settled one, and `predicted_funding_rate` always "0". All
times are in nanoseconds, beyond what a float can hold. The answer may be five minutes old. History is asked by
`market_id`, so the list is kept for an hour beside the rates.
"""

from typing import Any

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import hours_nanoseconds, nanoseconds, number, price, times

API = "https://api.rise.trade/v1"


def is_trading(row: Row) -> bool:
    open_to_all = row["active"] and row["config"].get("unlocked", True)
    return bool(open_to_all and not row.get("post_only") and not row.get("reduce_only"))


def settled_at(row: Row) -> Any:
    """The settlement before the next one."""
    due, length = nanoseconds(row["next_funding_time"]), nanoseconds(row["funding_interval"])
    return due - length if due and length else None


def parse(row: Row, tables: Tables) -> Rate | None:
    if not is_trading(row):
        return None
    symbol, rate, mark = row["config"]["name"], number(row["current_funding_rate"]), price(row.get("mark_price"))
    base, quote = symbol.split("/")
    return Rate(
        symbol=symbol,
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=rate,
        funding_interval_hours=hours_nanoseconds(row["funding_interval"]),
        next_funding_time=nanoseconds(row["next_funding_time"]),
        last_settled_rate=rate,
        last_settled_at=settled_at(row),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("quote_volume_24h")),
    )


def market_of(contract: Any, tables: Tables) -> Row:
    return {"market_id": tables["markets"][contract.symbol]["market_id"]}


def settlement(row: Row) -> Settlement:
    return Settlement(nanoseconds(row["end_time"]), number(row["funding_rate"]))


EXCHANGE = Exchange(
    title="RISEx",
    kind="dex",
    budget=window(500, 10),
    parse=parse,
    rate_kind="settled",
    calls=(
        Call(
            "markets",
            API + "/markets",
            rows="data.markets",
            key=lambda row: row["config"]["name"],
            keep=("market_id",),
            good_for=HOUR,
            optional=True,
        ),
        Call("rates", API + "/markets", rows="data.markets"),
    ),
    history=History(
        API
        + "/markets/id/{market_id}/funding-rate-history?start_time={since_ns}&end_time={until_ns}&page=1&limit=1000",
        rows="data.records",
        parse=settlement,
        asks=market_of,
        page_size=1000,
    ),
)
