"""Toobit: linear perpetuals in USDT and USDC (USDT-M Market Data, "Funding Rate").

TBV_ rows are virtual markets. For some 75 s after a payment a row still names that payment as the next. Open interest
counts contracts by its size (in coins it would be billions), as volume does; its unit is not confirmed.
"""

from typing import Any

from funding.adapter import Call, Exchange, History, Row, Settlement, Tables, weight
from funding.exchanges import _bhex
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

API = "https://api.toobit.com"
QUOTES = {"-SWAP-USDT": "USDT", "-SWAP-USDC": "USDC"}
VIRTUAL = "TBV_"


def period(row: Row) -> Any:
    """ "8H" → 8; older answers have none."""
    return hours(str(row.get("period") or "").removesuffix("H"))


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _bhex.listed(row, tables), row["symbol"]
    if inst is None or symbol.startswith(VIRTUAL):
        return None
    ticker, mark = tables["tickers"].get(symbol, {}), price(tables["marks"].get(symbol, {}).get("price"))
    return _bhex.rate(
        row,
        inst,
        QUOTES,
        funding_interval_hours=period(row),
        next_funding_time=ms(row["nextFundingTime"]),
        funding_rate_cap=number(row.get("fundingRateCap")),
        funding_rate_floor=number(row.get("fundingRateFloor")),
        mark_price=mark,
        open_interest=times(number(ticker.get("op")), number(inst.get("contractMultiplier")), mark),
        volume_24h=number(ticker.get("qv")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["settleTime"]), number(row["settleRate"]), period(row))


EXCHANGE = Exchange(
    title="Toobit",
    kind="cex",
    budget=weight(3000, 60),
    parse=parse,
    calls=(
        _bhex.instruments(API + "/api/v1/exchangeInfo"),
        Call("tickers", API + "/quote/v1/contract/ticker/24hr", key="s", keep=("qv", "op"), optional=True),
        Call("marks", API + "/quote/v1/markPrice", key="symbolId", keep=("price",), optional=True),
        Call("rates", API + "/api/v1/futures/fundingRate"),
    ),
    history=History(API + "/api/v1/futures/historyFundingRate?symbol={symbol}&limit=1000", parse=settlement),
)
