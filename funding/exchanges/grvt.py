"""GRVT: perpetuals settled in their quote (Market Data API, "Ticker", one request per instrument; there is no other way).

Rates are per cent of each instrument's own interval, whatever the name of `funding_rate_8h_curr` says; times are nanoseconds.
A capital K stands for 1000 tokens (KBONK). The window of the limit is not documented: 100 a minute are known to be safe, and
one run asks no more than leaves room for others. Not confirmed: the unit of `adjusted_funding_rate_cap`.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import hours, nanoseconds, number, percent, price, times

API = "https://market-data.grvt.io/full/v1"


def perpetuals(tables: Tables) -> list[str]:
    return [
        name
        for name, inst in tables["instruments"].items()
        if inst.get("kind") == "PERPETUAL" and hours(inst.get("funding_interval_hours"))
    ]


def turnover(row: Row) -> Any:
    """What takers bought and what they sold: the whole of it."""
    bought, sold = number(row.get("buy_volume_24h_q")), number(row.get("sell_volume_24h_q"))
    return None if bought is None or sold is None else bought + sold


def parse(row: Row, tables: Tables) -> Rate:
    inst, mark = tables["instruments"].get(row["instrument"], {}), price(row.get("mark_price"))
    base, quote, _ = row["instrument"].rsplit("_", 2)
    return Rate(
        symbol=row["instrument"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=percent(row["funding_rate"]),
        funding_interval_hours=hours(inst.get("funding_interval_hours")),
        next_funding_time=nanoseconds(row["next_funding_time"]),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=turnover(row),
        exchange_at=nanoseconds(row.get("event_time")),
    )


def settlement(row: Row) -> Settlement:
    interval_hours = hours(row.get("funding_interval_hours"))  # 0 in old rows
    mark = price(row.get("mark_price"))
    return Settlement(nanoseconds(row["funding_time"]), percent(row["funding_rate"]), interval_hours, mark)


EXCHANGE = Exchange(
    title="GRVT",
    kind="dex",
    budget=window(100, 60),
    parse=parse,
    answer=Answer("code", slow_down=("1006",)),
    calls=(
        Call(
            "instruments",
            API + "/all_instruments",
            body={"is_active": True},
            rows="result",
            key="instrument",
            keep=("kind", "funding_interval_hours"),
            good_for=HOUR,
        ),
        Call(
            "rates",
            API + "/ticker",
            body={"instrument": "{instrument}"},
            each=perpetuals,
            at_most=200,
            rows="result",
        ),
    ),
    history=History(
        API + "/funding",
        body={
            "instrument": "{symbol}",
            "start_time": "{since_ns}",
            "end_time": "{until_ns}",
            "limit": 1000,
            "agg_type": "FUNDING_INTERVAL",
        },
        rows="result",
        parse=settlement,
        page_size=1000,
    ),
)
