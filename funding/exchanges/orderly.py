"""Orderly Network: the one order book behind WOOFi Pro, ModeTrade and a hundred other names (EVM API, "Get Market Info").

Perpetuals settled in USDC; a broker's own listings carry its name: PERP_AAPL_USDC_mythos. `est_funding_rate` is of the
market's own period, `last_funding_rate` is the settled one. The status of a rate limit is not confirmed; its code is.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

PUBLIC = "https://api.orderly.org/v1/public"


def is_trading(row: Row, inst: Row) -> bool:
    return row["symbol"].startswith("PERP_") and {row.get("status", "ACTIVE"), inst.get("status", "ACTIVE")} == {
        "ACTIVE"
    }


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_trading(row, inst):
        return None
    _, base, quote, *_ = row["symbol"].split("_")
    mark = price(row.get("mark_price"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle="USDC",
        kind="linear",
        funding_rate=number(row["est_funding_rate"]),
        funding_interval_hours=hours(inst.get("funding_period")),
        next_funding_time=ms(row["next_funding_time"]),
        last_settled_rate=number(row.get("last_funding_rate")),
        funding_rate_cap=number(inst.get("cap_funding")),
        funding_rate_floor=number(inst.get("floor_funding")),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("24h_amount")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["funding_rate_timestamp"]), number(row["funding_rate"]))


EXCHANGE = Exchange(
    title="Orderly Network",
    kind="dex",
    budget=per_second(10),
    parse=parse,
    answer=Answer("success", good=("true",), code="code", slow_down=("-1003",)),
    calls=(
        Call(
            "instruments",
            PUBLIC + "/info",
            rows="data.rows",
            key="symbol",
            keep=("status", "funding_period", "cap_funding", "floor_funding"),
            good_for=HOUR,
        ),
        Call("rates", PUBLIC + "/futures", rows="data.rows"),
    ),
    history=History(
        PUBLIC + "/funding_rate_history?symbol={symbol}&start_t={since_ms}&end_t={until_ms}&page=1&size=500",
        rows="data.rows",
        parse=settlement,
        page_size=500,
    ),
)
