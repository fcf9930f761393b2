"""Bluefin Pro: perpetuals settled in USDC, paid each hour (Exchange API, "Get tickers of all markets").

Every …E9 field is an integer of billionths. `estimatedFundingRateE9` is the rate that falls due and starts anew each hour;
`avgFundingRate8hrE9` is an average of hourly rates, not one of eight hours. Open interest is in dollars already. The list's
largest rate bounds both signs. Not confirmed: how far back the history goes.
"""

from typing import Any

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import ms, price, scaled, times

API = "https://api.sui-prod.bluefin.io/v1/exchange"


def billionths(value: Any) -> Any:
    return scaled(value, 1e9)


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or inst.get("status", "ACTIVE") != "ACTIVE":
        return None
    cap = billionths(inst.get("maxFundingRateE9"))
    return Rate(
        symbol=row["symbol"],
        base=inst.get("baseAssetSymbol") or row["symbol"].removesuffix("-PERP"),
        quote="USDC",
        settle="USDC",
        kind="linear",
        funding_rate=billionths(row["estimatedFundingRateE9"]),
        next_funding_time=ms(row["nextFundingTimeAtMillis"]),
        last_settled_rate=billionths(row.get("lastFundingRateE9")),
        funding_rate_cap=cap,
        funding_rate_floor=times(cap, -1),
        mark_price=price(billionths(row.get("markPriceE9"))),
        index_price=price(billionths(row.get("oraclePriceE9"))),
        open_interest_usd=billionths(row.get("openInterestE9")),
        volume_24h_usd=billionths(row.get("quoteVolume24hrE9")),
        exchange_at=ms(row.get("updatedAtMillis")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTimeAtMillis"]), billionths(row["fundingRateE9"]))


EXCHANGE = Exchange(
    title="Bluefin Pro",
    kind="dex",
    budget=window(300, 60),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "instruments",
            API + "/info",
            rows="markets",
            key="symbol",
            keep=("status", "baseAssetSymbol", "maxFundingRateE9"),
            good_for=HOUR,
        ),
        Call("rates", API + "/tickers"),
    ),
    history=History(
        API + "/fundingRateHistory?symbol={symbol}&startTimeAtMillis={since_ms}&endTimeAtMillis={until_ms}&limit=1000",
        parse=settlement,
        page_size=1000,
    ),
)
