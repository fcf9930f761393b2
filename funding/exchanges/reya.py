"""Reya DEX: linear perpetuals in rUSD (API v2, "perpMarkets/summary").

`fundingRate` is per cent and hour and accrues continuously: there is no time at which it is paid, and no history. Markets
that were taken off stay in the answer with absurd rates: only the list of definitions has them no more. The oracle's
price is mark and index.
"""

from funding.adapter import HOUR, Call, Exchange, Row, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import ms, number, percent, price, times

API = "https://api.reya.xyz/v2"
QUOTES = {"RUSDPERP": "RUSD"}


def is_listed(row: Row, market: Row | None) -> bool:
    """Where no list tells: a market that was taken off is not traded."""
    return market is not None and (bool(market) or number(row.get("volume24h")) != 0)


def parse(row: Row, tables: Tables) -> Rate | None:
    if not is_listed(row, find(tables["markets"], row["symbol"])):
        return None
    base, quote = split_quote(row["symbol"], QUOTES)
    oracle = price(row.get("throttledOraclePrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=percent(row["fundingRate"]),
        mark_price=oracle,
        index_price=oracle,
        open_interest_usd=times(number(row.get("oiQty")), oracle),
        volume_24h_usd=number(row.get("volume24h")),
        exchange_at=ms(row.get("updatedAt")),
    )


EXCHANGE = Exchange(
    title="Reya DEX",
    kind="dex",
    budget=window(1000, 60),
    parse=parse,
    interval_hours=1,
    calls=(
        Call("markets", API + "/marketDefinitions", key="symbol", keep=("symbol",), good_for=HOUR),
        Call("rates", API + "/perpMarkets/summary"),
    ),
)
