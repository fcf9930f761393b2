"""Gate: perpetuals settled in USDT and in bitcoin (API v4, "Query all futures contracts").

The list of contracts is the list of rates. Every time is in seconds; sizes are contracts, `quanto_multiplier` coins each,
and one dollar each where it is inverse. `in_delisting` is the stage at which positions can only be closed.
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import hours_seconds, number, price, seconds, times

FUTURES = "https://api.gateio.ws/api/v4/futures"
SETTLES = ("usdt", "btc")


def parse(row: Row, tables: Tables) -> Rate | None:
    if row.get("status", "trading") != "trading" or row.get("in_delisting"):
        return None
    base, _, quote = row["name"].rpartition("_")
    inverse, mark, limit = row["type"] == "inverse", price(row.get("mark_price")), number(row.get("funding_rate_limit"))
    size = 1 if inverse else times(number(row.get("quanto_multiplier")), mark)  # of a contract, in dollars
    return Rate(
        symbol=row["name"],
        base=base,
        quote=quote,
        settle=row["settle"].upper(),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["funding_rate"]),
        funding_interval_hours=hours_seconds(row.get("funding_interval")),
        next_funding_time=seconds(row["funding_next_apply"]),
        funding_rate_cap=limit,
        funding_rate_floor=times(limit, -1),
        mark_price=mark,
        index_price=price(row.get("index_price")),
        open_interest_usd=times(number(row.get("position_size")), size),
        volume_24h_usd=number(tables["tickers"].get(row["name"], {}).get("volume_24h_quote")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(seconds(row["t"]), number(row["r"]))


EXCHANGE = Exchange(
    title="Gate",
    kind="cex",
    budget=window(200, 10),
    parse=parse,
    answer=Answer("label", slow_down=("TOO_MANY_REQUESTS",)),
    calls=(
        Call(
            "tickers",
            FUTURES + "/{settle}/tickers",
            each=SETTLES,
            key="contract",
            keep=("volume_24h_quote",),
            optional=True,
        ),
        Call("rates", FUTURES + "/{settle}/contracts", each=SETTLES),
    ),
    history=History(
        FUTURES + "/{settle}/funding_rate?contract={symbol}&from={since_s}&to={until_s}&limit=1000",
        parse=settlement,
        asks=lambda contract, tables: {"symbol": contract.symbol, "settle": contract.settle.lower()},
        page_size=1000,
    ),
)
