"""Aster: linear perpetuals on coins, stocks, metals and currencies (Aster Finance Futures API, "Mark Price").

Binance's API. premiumIndex goes on with a normal-looking rate for delisted and internal contracts: exchangeInfo decides.
That `lastFundingRate` is the running estimate and not the last settled rate is not confirmed by a recorded settlement.
"""

from funding.adapter import HOUR, MINUTE, Call, Exchange, History, Row, Tables, weight
from funding.exchanges import _binance
from funding.rate import Rate
from funding.values import ms, number

API = "https://fapi.asterdex.com/fapi/v1"
QUOTES = {"USDT": "USDT", "USDC": "USDC", "USD1": "USD1", "USD": "USD", "U": "U"}


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _binance.listed(row, tables), row["symbol"]
    if inst is None:
        return None
    hours, source = _binance.interval(row, tables)
    limits = tables["intervals"].get(symbol, {})
    return _binance.rate(
        row,
        inst,
        QUOTES,
        funding_rate=number(row["lastFundingRate"]),
        funding_interval_hours=hours,
        interval_source=source,
        funding_rate_cap=number(limits.get("fundingFeeCap")),
        funding_rate_floor=number(limits.get("fundingFeeFloor")),
        volume_24h=number(tables["tickers"].get(symbol, {}).get("quoteVolume")),
        exchange_at=ms(row.get("time")),
    )


EXCHANGE = Exchange(
    title="Aster",
    kind="dex",
    budget=weight(2400, 60),
    parse=parse,
    calls=(
        Call(
            "instruments",
            API + "/exchangeInfo",
            rows="symbols",
            key="symbol",
            keep=("contractType", "status", "baseAsset", "quoteAsset", "marginAsset"),
            good_for=HOUR,
        ),
        Call(
            "intervals",
            API + "/fundingInfo",
            key="symbol",
            keep=("fundingIntervalHours", "fundingFeeCap", "fundingFeeFloor"),
            good_for=10 * MINUTE,
        ),
        Call("tickers", API + "/ticker/24hr", key="symbol", keep=("quoteVolume",), weight=40, optional=True),
        Call("rates", API + "/premiumIndex"),
    ),
    history=History(
        API + "/fundingRate?symbol={symbol}&startTime={since_ms}&endTime={until_ms}&limit=1000",
        parse=_binance.settlement,
        page_size=1000,
    ),
)
