"""HashKey Global: a few linear perpetuals in USDT ("Get Futures Funding Rate", without a symbol).

The answer has no interval: the venue announces its contracts with a payment every eight hours, and its history shows so.
The bulk ticker leaves out perpetuals, so ticker and mark price are asked per contract. No limit is published for public
calls; how a refusal for too many looks (code 0003) is not confirmed.
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.exchanges import _bhex
from funding.rate import Rate
from funding.values import ms, number, price

API = "https://api-glb.hashkey.com/api/v1"
QUOTE = "https://api-glb.hashkey.com/quote/v1"
QUOTES = {"USDT-PERPETUAL": "USDT", "USDC-PERPETUAL": "USDC"}


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, symbol = _bhex.listed(row, tables), row["symbol"]
    if inst is None:
        return None
    return _bhex.rate(
        row,
        inst,
        QUOTES,
        next_funding_time=ms(row["nextSettleTime"]),
        mark_price=price(tables["marks"].get(symbol, {}).get("price")),
        volume_24h=number(tables["tickers"].get(symbol, {}).get("qv")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["settleTime"]), number(row["settleRate"]))


EXCHANGE = Exchange(
    title="HashKey Global",
    kind="cex",
    budget=per_second(4),
    parse=parse,
    answer=Answer("code", slow_down=("0003",)),
    interval_hours=8,
    calls=(
        _bhex.instruments(API + "/exchangeInfo"),
        Call(
            "tickers",
            QUOTE + "/ticker/24hr?symbol={symbol}",
            each=_bhex.trading,
            about=2,
            key="s",
            keep=("qv",),
            optional=True,
        ),
        Call(
            "marks",
            QUOTE + "/markPrice?symbol={symbol}",
            each=_bhex.trading,
            about=2,
            key="symbolId",
            keep=("price",),
            optional=True,
        ),
        Call("rates", API + "/futures/fundingRate?timestamp={now_ms}"),
    ),
    history=History(API + "/futures/historyFundingRate?symbol={symbol}&limit=100", parse=settlement),
)
