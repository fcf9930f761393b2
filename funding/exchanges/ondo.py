"""Ondo Perps: perpetuals on stocks, metals and coins, settled in USDC (REST API, "Get Contracts").

`fundingRate` is the last settled one, `nextFundingRate` the one that is due. `isClosed` is the session of the underlying:
trading and funding go on. The marks are another call (read as documented, no answer was recorded). No limit is published.
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, keyed, per_second
from funding.rate import Rate
from funding.values import iso, number, price

PERPS = "https://api.ondoperps.xyz/v1/perps"


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["productType"] != "perpetual" or row["disabled"]:
        return None
    return Rate(
        symbol=row["market"],
        base=row["baseCurrency"],
        quote=row["quoteCurrency"],
        settle="USDC",
        kind=row["contractType"],
        funding_rate=number(row["nextFundingRate"]),
        next_funding_time=iso(row["nextFundingRateTimestamp"]),
        last_settled_rate=number(row.get("fundingRate")),
        mark_price=price(tables["marks"].get(row["market"], {}).get("markPrice")),
        index_price=price(row.get("indexPrice")),
        open_interest_usd=number(row.get("openInterestUsd")),
        volume_24h_usd=number(row.get("usdVolume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["time"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Ondo Perps",
    kind="dex",
    budget=per_second(5),
    parse=parse,
    answer=Answer("success", good=("true",), code="error_code", slow_down=("too_many_requests",)),
    interval_hours=1,
    calls=(
        Call(
            "marks",
            PERPS + "/mark_prices",
            rows=keyed("market", "result"),
            key="market",
            keep=("markPrice",),
            optional=True,
        ),
        Call("rates", PERPS + "/contracts", rows="result"),
    ),
    history=History(
        PERPS + "/funding_rate_history?market={symbol}&startTime={since_ms}&endTime={until_ms}&limit=1000",
        rows="result",
        parse=settlement,
        page_size=1000,
    ),
)
