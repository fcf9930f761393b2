"""Crypto.com Exchange: perpetuals in dollars, one request each (Exchange API v1, "public/get-valuations").

The answer is {v, t} without a name; any other valuation type looks the same. The rate is fixed for four hours and
charged at each hour of them; `estimated_funding_rate` would be that of the next four.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://api.crypto.com/exchange/v1/public/get-"


def perpetuals(tables: Tables) -> list[str]:
    return [
        name
        for name, inst in tables["instruments"].items()
        if inst["inst_type"] == "PERPETUAL_SWAP" and inst["tradable"]
    ]


def parse(row: Row, tables: Tables) -> Rate:
    inst, ticker = tables["instruments"].get(row["instrument"], {}), tables["tickers"].get(row["instrument"], {})
    return Rate(
        symbol=row["instrument"],
        base=inst.get("base_ccy") or row["instrument"].removesuffix("USD-PERP"),
        quote="USD",
        settle="USD",
        kind="linear",
        funding_rate=number(row["v"]),
        open_interest_usd=times(number(ticker.get("oi")), price(ticker.get("a"))),
        volume_24h_usd=number(ticker.get("vv")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["t"]), number(row["v"]))


EXCHANGE = Exchange(
    title="Crypto.com Exchange",
    kind="cex",
    budget=per_second(50),
    parse=parse,
    answer=Answer("code", good=("0",), slow_down=("42901",)),
    rate_kind="fixed",
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "instruments",
            API + "instruments",
            rows="result.data",
            key="symbol",
            keep=("inst_type", "tradable", "base_ccy"),
            good_for=HOUR,
        ),
        Call("tickers", API + "tickers", rows="result.data", key="i", keep=("oi", "a", "vv"), optional=True),
        Call(
            "rates",
            API + "valuations?instrument_name={instrument}&valuation_type=funding_rate&count=1",
            each=perpetuals,
            about=396,
            rows="result.data.0",
        ),
    ),
    history=History(
        API
        + "valuations?instrument_name={symbol}&valuation_type=funding_hist&count=25&start_ts={since_ms}&end_ts={until_ms}",
        rows="result.data",
        parse=settlement,
        page_size=25,
    ),
)
