"""BigONE: perpetuals settled in USDT, and two in coins (Contract OpenAPI, "Get List of Contracts Detail").

`fundingRate` stands for the whole interval and is charged at `nextFundingTime`; `nextFundingRate` is the estimate of the one
after (an inference from how they move, not confirmed across a settlement). No call tells the interval, and there is no history.
The list of symbols is not documented, so the run does without it. The unit of open interest is not confirmed.
"""

from funding.adapter import HOUR, Call, Exchange, Row, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import ms, number, price

API = "https://api.big.one/api/contract/v2"
QUOTES = {"USDT": "USDT", "USD": "USD"}


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not inst.get("enable", True):
        return None
    base, quote = (inst["baseCurrency"], inst["quoteCurrency"]) if inst else split_quote(row["symbol"], QUOTES)
    inverse = inst.get("isInverse", quote == "USD")
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=inst.get("settleCurrency") or (base if inverse else quote),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        next_funding_time=ms(row["nextFundingTime"]),
        mark_price=price(row.get("markPrice")),
        index_price=price(row.get("indexPrice")),
        volume_24h_usd=number(row.get("volume24hInUsd")),
    )


EXCHANGE = Exchange(
    title="BigONE",
    kind="cex",
    budget=window(500, 10),
    parse=parse,
    rate_kind="fixed",
    calls=(
        Call(
            "instruments",
            API + "/symbols",
            key="symbol",
            keep=("enable", "baseCurrency", "quoteCurrency", "settleCurrency", "isInverse"),
            good_for=HOUR,
            optional=True,
        ),
        Call("rates", API + "/instruments"),
    ),
)
