"""Paradex: perpetuals settled in USDC (REST API, "Get markets summary").

Funding accrues every second: there is no next time, the interval is the period that the rate is for, and the history
holds samples, not payments. Options fill most of both lists. No field says that a market is halted. The unit of
`max_funding_rate` is not confirmed, so it is not read.
"""

from funding.adapter import HOUR, Call, Exchange, Row, Tables, find, window
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

API = "https://api.prod.paradex.trade/v1"


def is_ours(row: Row, inst: Row) -> bool:
    """A perpetual future that has been opened for trading."""
    kind = inst.get("asset_kind") or ("PERP" if row["symbol"].endswith("-PERP") else "OPTION")
    opens, at = ms(inst.get("open_at")), ms(row.get("created_at"))
    return kind == "PERP" and (opens is None or at is None or opens <= at)


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_ours(row, inst):
        return None
    base, quote = row["symbol"].split("-")[:2]
    mark = price(row.get("mark_price"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=inst.get("settlement_currency") or "USDC",
        kind="linear",
        funding_rate=number(row["funding_rate"]),
        funding_interval_hours=hours(inst.get("funding_period_hours")),
        mark_price=mark,
        index_price=price(row.get("underlying_price")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("volume_24h")),
        exchange_at=ms(row.get("created_at")),
    )


EXCHANGE = Exchange(
    title="Paradex",
    kind="dex",
    budget=window(1500, 60),
    parse=parse,
    calls=(
        Call(
            "instruments",
            API + "/markets",
            rows="results",
            key="symbol",
            keep=("asset_kind", "settlement_currency", "funding_period_hours", "open_at"),
            good_for=HOUR,
        ),
        Call("rates", API + "/markets/summary?market=ALL", rows="results"),
    ),
)
