"""MEXC: linear perpetuals in USDT, USDC and USD1, and ten inverse ones (Contract API V1, "Get funding rate", without a symbol).

Errors come with HTTP 200. Intervals of 24 hours exist, at an hour that is no multiple of them. A rate of exactly 0 is
what a contract pays, on hundreds of them. The limits are per endpoint; the ticker's is the tightest that is documented.
"""

from funding.adapter import Exchange, window
from funding.exchanges import _mexc

API = "https://contract.mexc.com/api/v1/contract"

EXCHANGE = Exchange(
    title="MEXC",
    kind="cex",
    budget=window(10, 2),
    parse=_mexc.parse,
    answer=_mexc.ANSWER,
    calls=_mexc.calls(API),
    history=_mexc.history(API),
)
