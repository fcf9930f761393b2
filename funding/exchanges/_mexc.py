"""The dialect of MEXC's contract API: one bulk call for rates, intervals and times, a list and tickers beside it.

Venues that speak it differ by their host. Nothing here knows a venue.
"""

from funding.adapter import HOUR, Answer, Call, History, Row, Settlement, Tables, find
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

ANSWER = Answer("success", good=("true",), code="code", slow_down=("510",))


def is_ours(inst: Row) -> bool:
    """Enabled (0; the others: delivery, completed, offline, paused) and shown."""
    return str(inst.get("state", 0)) == "0" and not inst.get("isHidden")


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, ticker = find(tables["instruments"], row["symbol"]), tables["tickers"].get(row["symbol"], {})
    if inst is None or not is_ours(inst):
        return None
    base, quote = (inst["baseCoin"], inst["quoteCoin"]) if inst else row["symbol"].rsplit("_", 1)
    settle = inst.get("settleCoin") or (base if quote == "USD" else quote)
    inverse, size = settle == base, number(inst.get("contractSize"))  # of an inverse contract in dollars
    mark = price(row.get("fairPrice")) or price(ticker.get("fairPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=settle,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours(row.get("collectCycle")),
        next_funding_time=ms(row["nextSettleTime"]),
        funding_rate_cap=number(row.get("maxFundingRate")),
        funding_rate_floor=number(row.get("minFundingRate")),
        mark_price=mark,
        index_price=price(row.get("idxPrice")) or price(ticker.get("indexPrice")),
        open_interest_usd=times(number(ticker.get("holdVol")), size, 1 if inverse else mark),
        volume_24h_usd=times(number(ticker.get("volume24")), size) if inverse else number(ticker.get("amount24")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["settleTime"]), number(row["fundingRate"]), hours(row.get("collectCycle")))


def calls(api: str) -> tuple[Call, ...]:
    """`api`: everything before the call's own name."""
    return (
        Call(
            "instruments",
            api + "/detail",
            rows="data",
            key="symbol",
            keep=("state", "isHidden", "baseCoin", "quoteCoin", "settleCoin", "contractSize"),
            good_for=HOUR,
        ),
        Call(
            "tickers",
            api + "/ticker",
            rows="data",
            key="symbol",
            keep=("fairPrice", "indexPrice", "holdVol", "volume24", "amount24"),
            optional=True,
        ),
        Call("rates", api + "/funding_rate", rows="data"),
    )


def history(api: str) -> History:
    return History(
        api + "/funding_rate/history?symbol={symbol}&page_num={page}&page_size=100",
        rows="data.resultList",
        parse=settlement,
        page_size=100,
    )
