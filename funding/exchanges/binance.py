"""Binance USDⓈ-M Futures: perpetuals, those on stocks and metals among them (USDⓈ-M Futures REST, "Mark Price").

`lastFundingRate` is the running estimate that is due at `nextFundingTime`, in spite of its name. fundingInfo leaves out
contracts that were never adjusted: they pay every 8 hours. Open interest is one call a contract, a share of them each run.
"""

from funding.adapter import HOUR, MINUTE, Call, Exchange, History, Row, Tables, weight, window
from funding.exchanges import _binance
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://fapi.binance.com/fapi/v1"
QUOTES = {"USDT": "USDT", "USDC": "USDC", "BUSD": "BUSD", "BTC": "BTC"}
UNLISTED_HOURS = 8


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _binance.listed(row, tables), row["symbol"]
    if inst is None:
        return None
    hours, source = _binance.interval(row, tables, UNLISTED_HOURS)
    limits = tables["intervals"].get(symbol, {})
    interest = number(tables["interest"].get(symbol, {}).get("openInterest"))
    return _binance.rate(
        row,
        inst,
        QUOTES,
        funding_rate=number(row["lastFundingRate"]),
        funding_interval_hours=hours,
        interval_source=source,
        funding_rate_cap=number(limits.get("adjustedFundingRateCap")),
        funding_rate_floor=number(limits.get("adjustedFundingRateFloor")),
        open_interest=times(interest, price(row.get("markPrice"))),
        volume_24h=number(tables["tickers"].get(symbol, {}).get("quoteVolume")),
        exchange_at=ms(row.get("time")),
    )


EXCHANGE = Exchange(
    title="Binance USDⓈ-M Futures",
    kind="cex",
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
            keep=("fundingIntervalHours", "adjustedFundingRateCap", "adjustedFundingRateFloor"),
            good_for=10 * MINUTE,
        ),
        Call("tickers", API + "/ticker/24hr", key="symbol", keep=("quoteVolume",), weight=40, optional=True),
        Call(
            "interest",
            API + "/openInterest?symbol={symbol}",
            each=_binance.trading,
            at_most=160,  # 960 in the six runs of half an hour
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
        budget=window(480, 300),  # 500, shared with fundingInfo
    ),
)
