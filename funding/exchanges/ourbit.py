"""Ourbit: linear perpetuals in USDT (Contract API V1, "Get contract funding rate", without a symbol).

MEXC's API on a host of its own (the documented one no longer resolves); the rates are its own. Rate rows carry no prices:
they are the tickers'. The bulk form of the rates was seen, not recorded.
"""

from funding.adapter import Exchange, window
from funding.exchanges import _mexc

API = "https://futures.ourbit.com/api/v1/contract"

EXCHANGE = Exchange(
    title="Ourbit",
    kind="cex",
    budget=window(20, 2),
    parse=_mexc.parse,
    answer=_mexc.ANSWER,
    calls=_mexc.calls(API),
    history=_mexc.history(API),
)
