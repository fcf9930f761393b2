"""Pionex: perpetuals in USDT, and crosses quoted in another coin (Futures API, "Get indexes").

No bulk answer has the interval (1, 4 and 8 hours occur): it is the gap between a contract's two last settlements, asked
for some contracts a run. `baseCurrency` is a code of the venue's own (ZEROG for 0G), so the symbol gives the base. Not
confirmed: what the crosses settle in (it is left open), how far back the history goes.
Over a hundred lines: five calls, one of them per contract.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours_ms, ms, number, price, times

API = "https://api.pionex.com/api/v1"
SUFFIX = "_PERP"


def is_trading(inst: Row) -> bool:
    return bool(inst.get("status", "TRADING") == "TRADING")


def trading(tables: Tables) -> list[str]:
    return [symbol for symbol, inst in tables["instruments"].items() if is_trading(inst)]


def interval(past: Row) -> Any:
    """The time between the two last settlements; a new listing has not had two."""
    settled = sorted((int(rate["fundingTime"]) for rate in past.get("rates") or ()), reverse=True)
    return hours_ms(settled[0] - settled[1]) if len(settled) > 1 else None


def parse(row: Row, tables: Tables) -> Rate | None:
    symbol = row["symbol"]
    inst, ticker = find(tables["instruments"], symbol), tables["tickers"].get(symbol, {})
    if inst is None or not is_trading(inst) or not symbol.endswith(SUFFIX):
        return None
    base, quote = symbol.removesuffix(SUFFIX).rsplit("_", 1)
    mark, dollars = price(row.get("markPrice")), 1 if quote == "USDT" else None
    return Rate(
        symbol=symbol,
        base=base,
        quote=quote,
        settle=quote if dollars else None,
        kind="linear",
        funding_rate=number(row["nextFundingRate"]),
        funding_interval_hours=interval(tables["intervals"].get(symbol, {})),
        interval_source="derived",
        next_funding_time=ms(row["nextFundingTime"]),
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(tables["interest"].get(symbol, {}).get("openInterest")), mark, dollars),
        volume_24h_usd=times(number(ticker.get("amount")), dollars),
        exchange_at=ms(row.get("updateTime")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Pionex",
    kind="cex",
    budget=per_second(10, burst=5),  # of weight, and a call weighs 5: two a second, since a third brings a ban
    parse=parse,
    answer=Answer("result", good=("true",), code="code"),
    calls=(
        Call(
            "instruments",
            API + "/common/symbols?type=PERP",
            rows="data.symbols",
            key="symbol",
            keep=("status",),
            good_for=HOUR,
            weight=5,
        ),
        Call(
            "tickers",
            API + "/market/tickers?type=PERP",
            rows="data.tickers",
            key="symbol",
            keep=("amount",),
            weight=5,
            optional=True,
        ),
        Call(
            "interest",
            API + "/market/openInterests?type=PERP",
            rows="data.openInterests",
            key="symbol",
            keep=("openInterest",),
            weight=5,
            optional=True,
        ),
        Call(
            "intervals",
            API + "/market/fundingRates?symbol={symbol}&limit=2",
            each=trading,
            at_most=50,
            rows="data",
            key="symbol",
            keep=("rates",),
            good_for=6 * HOUR,
            weight=5,
            optional=True,
        ),
        Call("rates", API + "/market/indexes", rows="data.indexes", weight=5),
    ),
    history=History(
        API + "/market/fundingRates?symbol={symbol}&limit=100&endTime={until_ms}",
        rows="data.rates",
        parse=settlement,
        page_size=100,
        weight=5,
    ),
)
