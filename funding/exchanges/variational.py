"""Variational Omni: linear perpetuals in USDC against one market maker (Read-Only API, "metadata/stats").

The rate is annualised, although the documents do not say so: 0.1095 is the usual 0.01 % in eight hours. Swaps stand
among the listings with an interval of 0, and pay no such funding. No next time, no index price and no history are
published. Both sides' open interest is given, and half of it is taken as one side.
"""

from typing import Any

from funding.adapter import Call, Exchange, Row, Tables, window
from funding.rate import Rate
from funding.values import hours_seconds, number, price, times

HOUR_OF_A_YEAR = 1 / 8760


def one_side(row: Row) -> Any:
    sides = row.get("open_interest") or {}
    long, short = number(sides.get("long_open_interest")), number(sides.get("short_open_interest"))
    return None if long is None or short is None else times(long + short, 0.5)


def parse(row: Row, tables: Tables) -> Rate | None:
    if number(row["funding_interval_s"]) == 0:
        return None
    hours = hours_seconds(row["funding_interval_s"])
    return Rate(
        symbol=row["ticker"],
        base=row["ticker"],
        quote="USDC",
        settle="USDC",
        kind="linear",
        funding_rate=times(number(row["funding_rate"]), hours, HOUR_OF_A_YEAR),
        funding_interval_hours=hours,
        mark_price=price(row.get("mark_price")),
        open_interest_usd=one_side(row),
        volume_24h_usd=number(row.get("volume_24h")),
    )


EXCHANGE = Exchange(
    title="Variational Omni",
    kind="dex",
    budget=window(10, 10),
    parse=parse,
    calls=(
        Call("rates", "https://omni-client-api.prod.ap-northeast-1.variational.io/metadata/stats", rows="listings"),
    ),
)
