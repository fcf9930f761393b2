"""StandX: linear perpetuals in DUSD, stocks and commodities among them (Perps HTTP API, "query_market_overview").

Charged at each whole hour, UTC; the answer does not give the time. Strings and numbers are mixed in one row, and an index
price is published per symbol alone. The cap of a symbol is of the hourly rate ("4% per hour, though each trading pair can
be configured with its own"). The history wants both bounds.
"""

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import iso, number, price

API = "https://perps.standx.com/api"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or inst.get("status", "trading") != "trading":
        return None
    return Rate(
        symbol=row["symbol"],
        base=row["base"],
        quote=row["quote"],
        settle=row["quote"],
        kind="linear",
        funding_rate=number(row["funding_rate"]),
        funding_rate_cap=number(inst.get("funding_rate_cap")),
        funding_rate_floor=number(inst.get("funding_rate_floor")),
        mark_price=price(row.get("mark_price")),
        open_interest_usd=number(row.get("open_interest_notional")),
        volume_24h_usd=number(row.get("volume_quote_24h")),
        exchange_at=iso(row.get("time")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["time"]), number(row["funding_rate"]), mark_price=price(row.get("mark_price")))


EXCHANGE = Exchange(
    title="StandX",
    kind="dex",
    budget=per_second(50),
    parse=parse,
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "instruments",
            API + "/query_symbol_info",
            key="symbol",
            keep=("status", "funding_rate_cap", "funding_rate_floor"),
            good_for=HOUR,
        ),
        Call("rates", API + "/query_market_overview", rows="symbols"),
    ),
    history=History(
        API + "/query_funding_rates?symbol={symbol}&start_time={since_ms}&end_time={until_ms}",
        parse=settlement,
        page_size=960,
    ),
)
