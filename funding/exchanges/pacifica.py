"""Pacifica: perpetuals settled in USDC (REST API, "Get Prices").

`funding` is fixed for the hour and paid at its end (measured; the documents say the opposite), `next_funding` runs for the
hour after. Open interest is in coins, whatever the documents say. Nothing tells that a market is halted. Whether the limit
is 100 credits a minute (documents) or 1000 (headers) is not confirmed: the smaller is kept.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, weight
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://api.pacifica.fi/api/v1"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None:
        return None
    by_its_name = "spot" if "-" in row["symbol"] else "perpetual"  # SOL-USDC
    if (inst.get("instrument_type") or by_its_name) != "perpetual":
        return None
    mark = price(row.get("mark"))
    return Rate(
        symbol=row["symbol"],
        base=row["symbol"],
        quote="USDC",
        settle="USDC",
        kind="linear",
        funding_rate=number(row["funding"]),
        mark_price=mark,
        index_price=price(row.get("oracle")),
        open_interest_usd=times(number(row.get("open_interest")), mark),
        volume_24h_usd=number(row.get("volume_24h")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["created_at"]), number(row["funding_rate"]))


EXCHANGE = Exchange(
    title="Pacifica",
    kind="dex",
    budget=weight(100, 60),
    parse=parse,
    answer=Answer("success", good=("true",), code="code", slow_down=("429",)),
    rate_kind="fixed",
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "instruments",
            API + "/info",
            rows="data",
            key="symbol",
            keep=("instrument_type",),
            good_for=HOUR,
            weight=10,
        ),
        Call("rates", API + "/info/prices", rows="data", weight=10),
    ),
    history=History(
        API + "/funding_rate/history?symbol={symbol}&limit=4000&cursor={cursor}",
        rows="data",
        parse=settlement,
        cursor="next_cursor",
        weight=90,
    ),
)
