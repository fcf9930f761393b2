"""Bullet: linear perpetuals on coins, metals and US stocks, paid every hour (Bullet Trading API, "PremiumIndex").

Binance's words with another meaning: `lastFundingRate` is settled and for eight hours, of which an hour pays an eighth;
`estimatedFundingRate` is the hour's own, due next. No limit is published. Volume and open interest were not recorded.
"""

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.exchanges import _binance
from funding.rate import Rate
from funding.values import microseconds, number, price, times

API = "https://tradingapi.bullet.xyz/fapi/v1"
QUOTES = {"-USD": "USD"}
PERPETUALS = ("CryptoPerp", "RwaPerp")  # beginnings: RwaPerpCommodities, RwaPerpUsEquity, …
HOUR_OF_EIGHT = 1 / 8


def is_trading(inst: Row) -> bool:
    perpetual = inst.get("contractType", "CryptoPerp").startswith(PERPETUALS)
    return perpetual and bool(inst.get("status", "TRADING") == "TRADING")


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _binance.listed(row, tables, is_trading), row["symbol"]
    if inst is None:
        return None
    interest = number(tables["interest"].get(symbol, {}).get("openInterest"))
    return _binance.rate(
        row,
        inst,
        QUOTES,
        funding_rate=number(row["estimatedFundingRate"]),
        last_settled_rate=times(number(row.get("lastFundingRate")), HOUR_OF_EIGHT),
        open_interest=times(interest, price(row.get("markPrice"))),
        volume_24h=number(tables["tickers"].get(symbol, {}).get("quoteVolume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(microseconds(row["fundingTime"]), times(number(row["fundingRate"]), HOUR_OF_EIGHT))


EXCHANGE = Exchange(
    title="Bullet",
    kind="dex",
    budget=per_second(5),
    parse=parse,
    interval_hours=1,
    calls=(
        Call(
            "instruments",
            API + "/exchangeInfo",
            rows="symbols",
            key="symbol",
            keep=("contractType", "status", "baseAsset", "quoteAsset", "marginAsset"),
            good_for=HOUR,
        ),
        Call("tickers", API + "/ticker/24hr", key="symbol", keep=("quoteVolume",), optional=True),
        Call("interest", API + "/openInterest", key="symbol", keep=("openInterest",), optional=True),
        Call("rates", API + "/premiumIndex"),
    ),
    history=History(API + "/fundingRate?symbol={symbol}", parse=settlement),
)
