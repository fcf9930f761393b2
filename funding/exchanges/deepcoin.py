"""Deepcoin: swaps settled in USDT and in coins (API docs, "Get Current Fund Rate", on the path that answers: /trade/…).

The funding calls write BTCUSDT, which is the symbol here, the others BTC-USDT-SWAP. The rates name some 250 contracts that
are not listed, and in the USDT family the coin-margined ones too. The list cuts `baseCcy` to eight letters (1000CHEE), so the
symbol gives the base. The documents disagree on the limit of the funding calls, 600 a minute or one a second: the smaller
is kept. Not confirmed: the unit of any volume.
Over a hundred lines: two spellings of every name, and six calls.
"""

from typing import Any

from funding.adapter import (
    HOUR,
    Answer,
    Call,
    Exchange,
    History,
    Row,
    Settlement,
    Tables,
    find,
    per_second,
    split_quote,
)
from funding.rate import Rate
from funding.values import hours_seconds, number, price, seconds

API = "https://api.deepcoin.com/deepcoin"
FAMILIES = ("SwapU", "Swap")  # settled in USDT, in coins
QUOTES = {"USDT": "USDT", "USDC": "USDC", "USD": "USD"}


def short(row: Row) -> str:
    """BTC-USDT-SWAP → BTCUSDT, as the funding calls write it."""
    name: str = row["instId"]
    return name.removesuffix("-SWAP").replace("-", "", 1)


def parse(row: Row, tables: Tables) -> Rate | None:
    symbol, inverse = row["instrumentId"], row["instType"] == "Swap"
    inst, period = find(tables["instruments"], symbol), tables["intervals"].get(symbol, {})
    if inst is None or inst.get("state", "live") != "live":
        return None
    base, quote = split_quote(symbol, QUOTES)
    if inverse != (quote == "USD"):
        return None
    return Rate(
        symbol=symbol,
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_seconds(period.get("settleInterval")),
        next_funding_time=seconds(period.get("nextSettleTime")),
        mark_price=price(tables["marks"].get(symbol, {}).get("markPx")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(seconds(row["CreateTime"]), number(row["rate"]))


def settled(body: Any) -> list[Row]:
    """The list is `rows` on the wire and `list` in the documents."""
    data = body["data"]
    found: list[Row] = data["rows"] if "rows" in data else data["list"]
    return found


EXCHANGE = Exchange(
    title="Deepcoin",
    kind="cex",
    budget=per_second(1),
    parse=parse,
    answer=Answer("code", good=("0",)),
    calls=(
        Call(
            "instruments",
            API + "/market/instruments?instType=SWAP",
            rows="data",
            key=short,
            keep=("state",),
            good_for=HOUR,
        ),
        Call(
            "intervals",
            API + "/trade/funding-rate?instType={instType}",
            each=FAMILIES,
            rows="data",
            key="instrumentID",
            keep=("settleInterval", "nextSettleTime"),
        ),
        Call(
            "marks", API + "/market/mark-price?instType=SWAP", rows="data", key=short, keep=("markPx",), optional=True
        ),
        Call(
            "rates",
            API + "/trade/fund-rate/current-funding-rate?instType={instType}",
            each=FAMILIES,
            rows="data.current_fund_rates",
        ),
    ),
    history=History(
        API + "/trade/fund-rate/history?instId={symbol}&page={page}&size=20",
        rows=settled,
        parse=settlement,
        page_size=20,
    ),
)
