"""WOO X: perpetuals settled in USDT (REST v3, "Get Funding Rate").

`estFundingRate` is the coming rate, estimated anew each minute; the interval beside it is the coming one's too, which the
list of instruments follows later. A contract can freeze while it trades: its next time is then past. The list's floor has
the cap's sign on some contracts, so only the cap is read. Not confirmed: a larger page of the history than 25.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

PUBLIC = "https://api.woox.io/v3/public"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or inst.get("status", "TRADING") != "TRADING" or not row["symbol"].startswith("PERP_"):
        return None
    base, _, quote = row["symbol"].removeprefix("PERP_").rpartition("_")
    ticker = tables["tickers"].get(row["symbol"], {})
    mark = price(ticker.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["estFundingRate"]),
        funding_interval_hours=hours(row.get("estFundingIntervalHours")) or hours(inst.get("fundingIntervalHours")),
        next_funding_time=ms(row["nextFundingTime"]),
        last_settled_rate=number(row.get("lastFundingRate")),
        last_settled_at=ms(row.get("lastFundingRateTimestamp")),
        funding_rate_cap=number(inst.get("fundingCap")),
        mark_price=mark,
        index_price=price(ticker.get("indexPrice")),
        open_interest_usd=times(number(ticker.get("openInterest")), mark),
        volume_24h_usd=number(ticker.get("24hAmount")),
        exchange_at=ms(row.get("estFundingRateTimestamp")),
    )


def settlement(row: Row) -> Settlement:
    """`nextFundingTime` tells the period after this payment, not the one that it was for: it gives no interval here."""
    return Settlement(
        ms(row["fundingRateTimestamp"]), number(row["fundingRate"]), mark_price=price(row.get("markPrice"))
    )


EXCHANGE = Exchange(
    title="WOO X",
    kind="cex",
    budget=per_second(10),
    parse=parse,
    answer=Answer("success", good=("true",), code="code", slow_down=("-1003",)),
    calls=(
        Call(
            "instruments",
            PUBLIC + "/instruments",
            rows="data.rows",
            key="symbol",
            keep=("status", "fundingIntervalHours", "fundingCap"),
            good_for=HOUR,
        ),
        Call(
            "tickers",
            PUBLIC + "/futures",
            rows="data.rows",
            key="symbol",
            keep=("markPrice", "indexPrice", "openInterest", "24hAmount"),
            optional=True,
        ),
        Call("rates", PUBLIC + "/fundingRate", rows="data.rows"),
    ),
    history=History(
        PUBLIC + "/fundingRateHistory?symbol={symbol}&startTime={since_ms}&endTime={until_ms}&page=1&size=25",
        rows="data.rows",
        parse=settlement,
        page_size=25,
    ),
)
