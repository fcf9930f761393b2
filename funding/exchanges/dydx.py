"""dYdX: perpetuals settled in USDC (v4 Indexer, "List perpetual markets").

The rate of the coming hour; "0" is a usual one. There is no mark price: positions are marked to the oracle's. A market
of the long tail is named BASE,dex,contract-USD. The limit is the default of the Indexer's source; whether the public one
has another is not confirmed. Its Retry-After is in milliseconds.
"""

from funding.adapter import Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import iso, number, price, times

API = "https://indexer.dydx.trade/v4"


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["status"] != "ACTIVE":
        return None
    oracle = price(row.get("oraclePrice"))
    return Rate(
        symbol=row["ticker"],
        base=row["ticker"].removesuffix("-USD").partition(",")[0],
        quote="USDC",
        settle="USDC",
        kind="linear",
        funding_rate=number(row["nextFundingRate"]),
        mark_price=oracle,
        index_price=oracle,
        open_interest_usd=times(number(row.get("openInterest")), oracle),
        volume_24h_usd=number(row.get("volume24H")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["effectiveAt"]), number(row["rate"]), mark_price=price(row.get("price")))


EXCHANGE = Exchange(
    title="dYdX",
    kind="dex",
    budget=window(100, 10),
    parse=parse,
    interval_hours=1,
    on_grid=True,
    calls=(Call("rates", API + "/perpetualMarkets", rows="markets.*"),),
    history=History(
        API + "/historicalFunding/{symbol}?limit=100&effectiveBeforeOrAt={until_iso}",
        rows="historicalFunding",
        parse=settlement,
        page_size=100,
    ),
)
