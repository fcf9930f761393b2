"""Extended: perpetuals in dollars, settled in USDC (Starknet API, "Get markets").

`nextFundingRate` is a time. The rate is that of an hour, with six decimals: 0.000013 is 0.0000125. Delisted markets keep a
rate. Stocks carry a code of their session in the name (MU_24_5). The hourly cap is in per cent; whether it holds for
negative rates too is not confirmed.
"""

import re

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, window
from funding.rate import Rate
from funding.values import ms, number, percent, price

API = "https://api.starknet.extended.exchange/api/v1/info"
SESSION = re.compile(r"_\d+_\d+$")  # hours a day, days a week


def is_ours(row: Row) -> bool:
    """A perpetual that trades. Older rows have neither a type nor a status."""
    perpetual = row.get("type", "PERPETUAL") == "PERPETUAL" and row.get("active", True)
    return perpetual and str(row.get("status", "ACTIVE")) == "ACTIVE"


def parse(row: Row, tables: Tables) -> Rate | None:
    if not is_ours(row):
        return None
    stats, config = row["marketStats"], row.get("tradingConfig") or {}
    return Rate(
        symbol=row["name"],
        base=SESSION.sub("", row["assetName"]),
        quote="USDC",  # the answer says USD, the unit of account
        settle="USDC",
        kind="linear",
        funding_rate=number(stats["fundingRate"]),
        next_funding_time=ms(stats["nextFundingRate"]),
        funding_rate_cap=percent(config.get("hourlyFundingRateCap")),
        mark_price=price(stats.get("markPrice")),
        index_price=price(stats.get("indexPrice")),
        open_interest_usd=number(stats.get("openInterest")),
        volume_24h_usd=number(stats.get("dailyVolume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["T"]), number(row["f"]))


EXCHANGE = Exchange(
    title="Extended",
    kind="dex",
    budget=window(1000, 60),
    parse=parse,
    answer=Answer("status", good=("OK",), code="error.code"),
    interval_hours=1,
    calls=(Call("rates", API + "/markets", rows="data"),),
    history=History(
        API + "/{symbol}/funding?startTime={since_ms}&endTime={until_ms}",
        rows="data",
        parse=settlement,
        page_size=1000,
    ),
)
