"""LBank: perpetuals settled in USDT, many of them on stocks (contract API, "Market List").

Three units of time in a row: the interval and `lastTime` in seconds, the next payment in milliseconds. A contract that
cannot be traded stays in both lists: `needSuspend` (meaning not published) or a leverage of 0 mark it. No limit is
published, but a code for passing it is. There is no history, and no open interest.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, Row, Tables, find, per_second, split_quote
from funding.rate import Rate
from funding.values import hours_seconds, ms, number, price, seconds

PUB = "https://lbkperp.lbank.com/cfd/openApi/v1/pub"
QUOTES = {"USDT": "USDT"}


def is_trading(row: Row, inst: Row) -> bool:
    suspended = str(inst.get("needSuspend", 0)) != "0" or str(row.get("instrumentStatus", 2)) != "2"
    return not suspended and number(inst.get("maxLeverage")) != 0


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_trading(row, inst):
        return None
    base, quote = (inst["baseCurrency"], inst["priceCurrency"]) if inst else split_quote(row["symbol"], QUOTES)
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=inst.get("clearCurrency") or quote,
        kind="linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_seconds(row.get("positionFeeTime")),
        next_funding_time=ms(row["nextFeeTime"]),
        mark_price=price(row.get("markedPrice")),
        index_price=price(row.get("underlyingPrice")),
        volume_24h_usd=number(row.get("turnover")),
        exchange_at=seconds(row.get("lastTime")),
    )


EXCHANGE = Exchange(
    title="LBank",
    kind="cex",
    budget=per_second(5),
    parse=parse,
    answer=Answer("error_code", good=("0",), slow_down=("183",)),
    calls=(
        Call(
            "instruments",
            PUB + "/instrument?productGroup=SwapU",
            rows="data",
            key="symbol",
            keep=("baseCurrency", "priceCurrency", "clearCurrency", "needSuspend", "maxLeverage"),
            good_for=HOUR,
        ),
        Call("rates", PUB + "/marketData?productGroup=SwapU", rows="data"),
    ),
)
