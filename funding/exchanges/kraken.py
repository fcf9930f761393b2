"""Kraken Futures: perpetuals, linear (PF_) and inverse (PI_) (Futures REST, "Get tickers").

`fundingRate` is money, not a fraction: dollars per coin and hour (PF_), coin per dollar and hour (PI_). Newer answers
carry `relativeFundingRate` too, the fraction itself (not confirmed by a recorded answer). Rates are fixed for the hour.
"""

from typing import Any

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.rate import Rate
from funding.values import iso, number, price, times

API = "https://futures.kraken.com/derivatives/api"
COINS = {"XBT": "BTC", "XDG": "DOGE"}


def relative(row: Row, inverse: bool) -> Any:
    if row.get("relativeFundingRate") is not None:
        return number(row["relativeFundingRate"])
    index = number(row["indexPrice"])
    return times(number(row.get("fundingRate")), index if inverse else 1 / index)


def parse(row: Row, tables: Tables) -> Rate | None:
    if row.get("tag") != "perpetual" or row.get("suspended"):
        return None
    base, quote = (COINS.get(coin, coin) for coin in row["pair"].split(":"))
    inverse, mark = row["symbol"].upper().startswith("PI_"), price(row["markPrice"])
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        kind="inverse" if inverse else "linear",
        funding_rate=relative(row, inverse),
        mark_price=mark,
        index_price=price(row["indexPrice"]),
        open_interest_usd=times(number(row.get("openInterest")), 1 if inverse else mark),
        volume_24h_usd=number(row.get("vol24h" if inverse else "volumeQuote")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(iso(row["timestamp"]), number(row["relativeFundingRate"]))


EXCHANGE = Exchange(
    title="Kraken Futures",
    kind="cex",
    budget=per_second(5),
    parse=parse,
    answer=Answer("result", good=("success",), code="error", slow_down=("apiLimitExceeded",)),
    rate_kind="fixed",
    interval_hours=1,
    on_grid=True,
    calls=(Call("rates", API + "/v3/tickers", rows="tickers"),),
    history=History(API + "/v4/historicalfundingrates?symbol={symbol}", rows="rates", parse=settlement),
)
