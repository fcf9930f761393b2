"""Deribit: perpetuals, linear in USDC and inverse in BTC and ETH (API v2, "public/get_book_summary_by_currency").

Funding accrues at every moment: 8 hours are the unit of `current_funding`, the rate of this moment, and no time is the next
one. `funding_8h` is what the last 8 hours have paid. Dated futures stand in the same list. The pages of the past give the
rate of an hour beside that of 8. Limits for requests without a key are not published: those of keys are kept.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, weight
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://www.deribit.com/api/v2/public"
CREDITS = 500  # of a usual request


def is_ours(row: Row, inst: Row) -> bool:
    perpetual = row["instrument_name"].endswith("-PERPETUAL") and inst.get("is_active", True)
    return perpetual and str(inst.get("state", "open")) == "open"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["instrument_name"])
    if inst is None or not is_ours(row, inst):
        return None
    base, quote = row["base_currency"], row["quote_currency"]
    inverse, mark = "_" not in row["instrument_name"], price(row.get("mark_price"))
    return Rate(
        symbol=row["instrument_name"],
        base=base,
        quote=quote,
        settle=inst.get("settlement_currency") or (base if inverse else quote),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["current_funding"]),
        mark_price=mark,
        index_price=price(row.get("estimated_delivery_price")),
        open_interest_usd=times(number(row.get("open_interest")), 1 if inverse else mark),
        volume_24h_usd=number(row.get("volume_usd")),
        exchange_at=ms(row.get("creation_timestamp")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["timestamp"]), number(row["interest_1h"]), interval_hours=1)


EXCHANGE = Exchange(
    title="Deribit",
    kind="cex",
    budget=weight(10_000, 1),
    parse=parse,
    answer=Answer("error.code", slow_down=("10028",)),
    interval_hours=8,
    calls=(
        Call(
            "instruments",
            API + "/get_instruments?currency=any&kind=future",
            rows="result",
            key="instrument_name",
            keep=("state", "is_active", "settlement_currency"),
            good_for=HOUR,
            weight=10_000,
        ),
        Call(
            "rates",
            API + "/get_book_summary_by_currency?currency={currency}&kind=future",
            each=("USDC", "BTC", "ETH"),
            rows="result",
            weight=CREDITS,
        ),
    ),
    history=History(
        API + "/get_funding_rate_history?instrument_name={symbol}&start_timestamp={since_ms}&end_timestamp={until_ms}",
        rows="result",
        parse=settlement,
        span_hours=744,
        weight=CREDITS,
    ),
)
