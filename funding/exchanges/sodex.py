"""SoDEX: linear perpetuals in vUSDC, stocks and commodities among them (Perps REST API, "Query tickers").

Halted markets stay among the tickers with a next time of months ago: only the list of symbols tells them. Every market
pays each hour, at most `maxFundingRate` (4 % an hour); what the rate of another one would be of is not confirmed. There
is no history of funding. How a refusal for too many requests looks is not confirmed.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, Row, Tables, find, weight
from funding.rate import Rate
from funding.values import hours_seconds, ms, number, price, times

API = "https://mainnet-gw.sodex.dev/api/v1/perps/markets"
QUOTE = "vUSDC"  # of every market


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or inst.get("status", "TRADING") != "TRADING":
        return None
    base, quote = inst.get("baseCoin") or row["symbol"].removesuffix("-USD"), inst.get("quoteCoin", QUOTE)
    mark = price(row.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base.upper(),  # XAUt
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_seconds(inst.get("fundingInterval")),
        next_funding_time=ms(row["nextFundingTime"]),
        funding_rate_cap=number(inst.get("maxFundingRate")),
        funding_rate_floor=number(inst.get("minFundingRate")),
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(row.get("openInterest")), mark),
        volume_24h_usd=number(row.get("quoteVolume")),
    )


EXCHANGE = Exchange(
    title="SoDEX",
    kind="dex",
    budget=weight(1200, 60),
    parse=parse,
    answer=Answer("code", good=("0",)),
    interval_hours=1,
    calls=(
        Call(
            "instruments",
            API + "/symbols",
            rows="data",
            key="name",
            keep=("status", "baseCoin", "quoteCoin", "fundingInterval", "maxFundingRate", "minFundingRate"),
            good_for=HOUR,
            weight=2,
        ),
        Call("rates", API + "/tickers", rows="data", weight=2),
    ),
)
