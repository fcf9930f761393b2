"""Binance COIN-M Futures: inverse perpetuals, settled in the coin (COIN-M Futures REST, "Index Price and Mark Price").

As USDⓈ-M, but volume and open interest count contracts (of 10 or 100 dollars), and the status is `contractStatus`.
fundingInfo may be empty or null (null: not confirmed); a contract that it leaves out pays every 8 hours.
"""

from functools import partial
from typing import Any

from funding.adapter import HOUR, MINUTE, Call, Exchange, History, Row, Tables, weight
from funding.exchanges import _binance
from funding.rate import Rate
from funding.values import ms, number, times

API = "https://dapi.binance.com/dapi/v1"
QUOTES = {"USD_PERP": "USD"}
UNLISTED_HOURS = 8

is_trading = partial(_binance.is_trading, status="contractStatus")


def intervals(body: Any) -> list[Row]:
    return body or []


def trading(tables: Tables) -> list[str]:
    return _binance.trading(tables, is_trading)


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _binance.listed(row, tables, is_trading), row["symbol"]
    if inst is None:
        return None
    hours, source = _binance.interval(row, tables, UNLISTED_HOURS)
    limits, size = tables["intervals"].get(symbol, {}), number(inst.get("contractSize"))
    return _binance.rate(
        row,
        inst,
        QUOTES,
        inverse=True,
        funding_rate=number(row["lastFundingRate"]),
        funding_interval_hours=hours,
        interval_source=source,
        funding_rate_cap=number(limits.get("adjustedFundingRateCap")),
        funding_rate_floor=number(limits.get("adjustedFundingRateFloor")),
        open_interest=times(number(tables["interest"].get(symbol, {}).get("openInterest")), size),
        volume_24h=times(number(tables["tickers"].get(symbol, {}).get("volume")), size),
        exchange_at=ms(row.get("time")),
    )


EXCHANGE = Exchange(
    title="Binance COIN-M Futures",
    kind="cex",
    budget=weight(2400, 60),
    parse=parse,
    calls=(
        Call(
            "instruments",
            API + "/exchangeInfo",
            rows="symbols",
            key="symbol",
            keep=("contractType", "contractStatus", "baseAsset", "quoteAsset", "marginAsset", "contractSize"),
            good_for=HOUR,
        ),
        Call(
            "intervals",
            API + "/fundingInfo",
            rows=intervals,
            key="symbol",
            keep=("fundingIntervalHours", "adjustedFundingRateCap", "adjustedFundingRateFloor"),
            good_for=10 * MINUTE,
            optional=True,
        ),
        Call("tickers", API + "/ticker/24hr", key="symbol", keep=("volume",), weight=40, optional=True),
        Call(
            "interest",
            API + "/openInterest?symbol={symbol}",
            each=trading,
            at_most=10,
            key="symbol",
            keep=("openInterest",),
            good_for=30 * MINUTE,
            optional=True,
        ),
        Call("rates", API + "/premiumIndex", weight=10),
    ),
    history=History(
        API + "/fundingRate?symbol={symbol}&startTime={since_ms}&endTime={until_ms}&limit=1000",
        parse=_binance.settlement,
        page_size=1000,
    ),
)
