"""Velocity, formerly Drift: a few linear perpetuals in USDT on Solana (Data API, "stats/markets").

`fundingRate` is per cent and hour, and each side's profit: where longs pay, `long` is negative. The history's rate is
money instead, quote per base. Charged at the first trade after each whole hour, so the next time is that hour. The venue
makes the market: the larger side is the open interest. No limit is published.
"""

from typing import Any

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.rate import Rate
from funding.values import number, percent, price, seconds, times

API = "https://data.velocity.exchange"


def paid_by_longs(row: Row) -> Any:
    profit = percent(row["fundingRate"]["long"])
    return None if profit is None else 0.0 - profit  # of 0, -profit would be a negative zero


def larger_side(row: Row) -> Any:
    sides = row.get("openInterest") or {}
    long, short = number(sides.get("long")), number(sides.get("short"))
    return None if long is None or short is None else max(abs(long), abs(short))


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["marketType"] != "perp" or row["status"] != "active" or row.get("uiStatus") == "hidden":
        return None
    mark = price(row.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=row["baseAsset"],
        quote=row["quoteAsset"],
        settle=row["quoteAsset"],
        kind="linear",
        funding_rate=paid_by_longs(row),
        mark_price=mark,
        index_price=price(row.get("oraclePrice")),
        open_interest_usd=times(larger_side(row), mark),
        volume_24h_usd=number(row.get("quoteVolume")),
    )


def settlement(row: Row) -> Settlement:
    rate = times(number(row["fundingRateLong"]), 1 / number(row["oraclePriceTwap"]))
    return Settlement(seconds(row["ts"]), rate, interval_hours=1)  # of an hour, however late it was charged


EXCHANGE = Exchange(
    title="Velocity",
    kind="dex",
    budget=per_second(5),
    parse=parse,
    answer=Answer("success", good=("true",)),
    interval_hours=1,
    on_grid=True,
    calls=(Call("rates", API + "/stats/markets", rows="markets"),),
    history=History(
        API + "/market/{symbol}/fundingRates?limit=750&page={cursor}",
        rows="records",
        parse=settlement,
        cursor="meta.nextPage",
        days=31,
    ),
)
