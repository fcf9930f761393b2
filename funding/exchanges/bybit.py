"""Bybit: linear and inverse perpetuals (V5, "Get tickers").

The units of open interest and volume swap between the two categories, and open interest counts both sides. "" is how
a dated future says that it has no funding; "0" on a perpetual is a real zero.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import hours, hours_minutes, ms, number, price, times

V5 = "https://api.bybit.com/v5/market"
FAMILIES = ("linear", "inverse")
QUOTES = {"USDT": "USDT", "PERP": "USDC", "USD": "USD"}


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or inst.get("status", "Trading") != "Trading" or row["fundingRate"] == "":
        return None
    base, quote = (inst["baseCoin"], inst["quoteCoin"]) if inst else split_quote(row["symbol"], QUOTES)
    linear = row["category"] == "linear"
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=inst.get("settleCoin") or (quote if linear else base),
        kind=row["category"],
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours(row.get("fundingIntervalHour")) or hours_minutes(inst.get("fundingInterval")),
        next_funding_time=ms(row["nextFundingTime"]),
        funding_rate_cap=number(row.get("fundingCap")),
        mark_price=price(row["markPrice"]),
        index_price=price(row["indexPrice"]),
        open_interest_usd=times(number(row.get("openInterestValue" if linear else "openInterest")), 0.5),
        volume_24h_usd=number(row.get("turnover24h" if linear else "volume24h")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingRateTimestamp"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Bybit",
    kind="cex",
    budget=window(600, 5),
    parse=parse,
    answer=Answer("retCode", good=("0",), slow_down=("10006",), barred=("10009",)),
    calls=(
        Call(
            "instruments",
            V5 + "/instruments-info?category={category}&limit=1000&cursor={cursor}",
            each=FAMILIES,
            rows="result.list",
            cursor="result.nextPageCursor",
            key="symbol",
            keep=("status", "baseCoin", "quoteCoin", "settleCoin", "fundingInterval"),
            good_for=HOUR,
        ),
        Call("rates", V5 + "/tickers?category={category}", each=FAMILIES, rows="result.list"),
    ),
    history=History(
        V5 + "/funding/history?category={category}&symbol={symbol}&startTime={since_ms}&endTime={until_ms}&limit=200",
        rows="result.list",
        parse=settlement,
        asks=lambda contract, tables: {"symbol": contract.symbol, "category": contract.kind},
        page_size=200,
    ),
)
