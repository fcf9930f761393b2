"""Bitunix: perpetuals settled in USDT, USDC and coins (Futures API, "Get Funding Rate (batch)").

Rates are per cent here and fractions in the history. Delisted contracts stay in the batch with a rate of "0": only the
list of pairs tells them. Its `base` loses the multiplier (PEPE for 1000PEPEUSDT), so the symbol gives it. Not confirmed:
whether the rate moves until it is charged, the unit of the volume, any open interest.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import hours, ms, number, percent, price

MARKET = "https://fapi.bitunix.com/api/v1/futures/market"
QUOTES = {"USDT": "USDT", "USDC": "USDC", "USD": "USD"}


def is_trading(inst: Row) -> bool:
    """Open, and open to programs too: stocks and contracts before their listing are not."""
    return inst.get("symbolStatus", "OPEN") == "OPEN" and str(inst.get("isApiSupported", True)).lower() == "true"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_trading(inst):
        return None
    base, quote = split_quote(row["symbol"], QUOTES)
    inverse = quote == "USD"
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        kind="inverse" if inverse else "linear",
        funding_rate=percent(row["fundingRate"]),
        funding_interval_hours=hours(row.get("fundingInterval")),
        next_funding_time=ms(row.get("nextFundingTime")),
        funding_rate_cap=percent(inst.get("maxFundingRate")),
        funding_rate_floor=percent(inst.get("minFundingRate")),
        mark_price=price(row.get("markPrice")),
        index_price=price(row.get("indexPrice")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]), mark_price=price(row.get("markPrice")))


EXCHANGE = Exchange(
    title="Bitunix",
    kind="cex",
    budget=window(10, 1),
    parse=parse,
    answer=Answer("code", good=("0",), slow_down=("10005", "10006")),
    calls=(
        Call(
            "instruments",
            MARKET + "/trading_pairs",
            rows="data",
            key="symbol",
            keep=("symbolStatus", "isApiSupported", "maxFundingRate", "minFundingRate"),
            good_for=HOUR,
        ),
        Call("rates", MARKET + "/funding_rate/batch", rows="data"),
    ),
    history=History(
        MARKET + "/get_funding_rate_history?symbol={symbol}&endTime={until_ms}&limit=200",
        rows="data",
        parse=settlement,
        page_size=200,
    ),
)
