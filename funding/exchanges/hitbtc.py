"""HitBTC: linear perpetuals (REST API v3, "Get Futures Info").

The rate is fixed eight hours ahead and due at `next_funding_time`; `indicative_funding_rate` is of the settlement after.
A row of the past is of the moment when its rate was fixed, and names the time when it fell due. The documents say both
and the opposite: read off the mark price, whose basis it is; not confirmed by an account. Nor is open interest in coins.
"""

from typing import Any

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, keyed, per_second, split_quote
from funding.rate import Rate
from funding.values import iso, number, price, times

PUBLIC = "https://api.hitbtc.com/api/3/public"
QUOTES = {"USDT_PERP": "USDT"}


def past(body: Any) -> list[Row]:
    return [row for rows in body.values() for row in rows]


def is_trading(row: Row, inst: Row) -> bool:
    """A dead row keeps its place with a mark of 0, or with the time of its last settlement."""
    kind, status = row.get("contract_type", "perpetual"), inst.get("status", "working")
    return (kind, status) == ("perpetual", "working") and price(row["mark_price"]) is not None


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_trading(row, inst):
        return None
    base, quote = (inst["underlying"], inst["quote_currency"]) if inst else split_quote(row["symbol"], QUOTES)
    mark = price(row["mark_price"])
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["funding_rate"]),
        next_funding_time=iso(row["next_funding_time"]),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(tables["tickers"].get(row["symbol"], {}).get("volume_quote")),
        exchange_at=iso(row.get("timestamp")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["next_funding_time"]), number(row["funding_rate"]))


EXCHANGE = Exchange(
    title="HitBTC",
    kind="cex",
    budget=per_second(30, burst=50),
    parse=parse,
    rate_kind="fixed",
    interval_hours=8,
    calls=(
        Call(
            "instruments",
            PUBLIC + "/symbol",
            rows=keyed("symbol"),
            key="symbol",
            keep=("underlying", "quote_currency", "status"),
            good_for=HOUR,
        ),
        Call(
            "tickers",
            PUBLIC + "/ticker",
            rows=keyed("symbol"),
            key="symbol",
            keep=("volume_quote",),
            optional=True,
        ),
        Call("rates", PUBLIC + "/futures/info", rows=keyed("symbol")),
    ),
    history=History(
        PUBLIC + "/futures/history/funding?symbols={symbol}&from={since_iso}&till={until_iso}&limit=1000",
        rows=past,
        parse=settlement,
        page_size=1000,
    ),
)
