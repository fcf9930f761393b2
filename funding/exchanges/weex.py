"""WEEX: linear perpetuals, those on stocks, metals and indices among them (Contract API V3, "Get Current Funding Rate").

Binance's words with another meaning: `lastFundingRate` is the last settled rate, `forecastFundingRate` the one that is due.
A listed contract trades (there is no status); one that has yet to pay shows a next time of 1970, and is refused as a row.
`time` is the answer's clock, not that of its prices, and is not read.
"""

from funding.adapter import HOUR, Call, Exchange, History, Row, Tables, weight
from funding.exchanges import _binance
from funding.rate import Rate
from funding.values import hours_minutes, number

API = "https://api-contract.weex.com/capi/v3/market"
QUOTES = {"USDT": "USDT", "USDC": "USDC"}


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = _binance.listed(row, tables)
    if inst is None:
        return None
    return _binance.rate(
        row,
        inst,
        QUOTES,
        funding_rate=number(row["forecastFundingRate"]),
        funding_interval_hours=hours_minutes(row.get("collectCycle")),
        last_settled_rate=number(row.get("lastFundingRate")),
        volume_24h=number(tables["tickers"].get(row["symbol"], {}).get("quoteVolume")),
    )


EXCHANGE = Exchange(
    title="WEEX",
    kind="cex",
    budget=weight(500, 10),
    parse=parse,
    calls=(
        Call(
            "instruments",
            API + "/exchangeInfo",
            rows="symbols",
            key="symbol",
            keep=("contractType", "baseAsset", "quoteAsset", "marginAsset"),
            good_for=HOUR,
        ),
        Call("tickers", API + "/ticker/24hr", key="symbol", keep=("quoteVolume",), weight=40, optional=True),
        Call("rates", API + "/premiumIndex"),
    ),
    history=History(
        API + "/fundingRate?symbol={symbol}&startTime={since_ms}&endTime={until_ms}&limit=1000",
        parse=_binance.settlement,
        page_size=1000,
        span_hours=168,
        days=365,
        weight=5,
    ),
)
