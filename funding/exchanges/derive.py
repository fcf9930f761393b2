"""Derive: perpetuals settled in USDC (API v3, "public/get_tickers" with an instrument type and no currency).

A ticker's keys have one letter: f the rate of an hour, M the mark, I the index. The list of instruments has a
`funding_rate` too, and it is 0 on all of them. Funding accrues at every moment; the past is hourly candles of the rate.
Not confirmed: that open interest (stats.oi) is in coins, how many hours one answer of the past holds.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, keyed, window
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://api.derive.xyz/v3/public"
PAGE = 1000


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["instrument_name"])
    if inst is None or not inst.get("is_active", True):
        return None
    perp, stats, mark = inst.get("perp_details") or {}, row.get("stats") or {}, price(row.get("M"))
    return Rate(
        symbol=row["instrument_name"],
        base=inst.get("base_currency") or row["instrument_name"].removesuffix("-PERP"),
        quote=inst.get("quote_currency") or "USDC",
        settle="USDC",
        kind="linear",
        funding_rate=number(row["f"]),
        funding_rate_cap=number(perp.get("max_rate_per_hour")),
        funding_rate_floor=number(perp.get("min_rate_per_hour")),
        mark_price=mark,
        index_price=price(row.get("I")),
        open_interest_usd=times(number(stats.get("oi")), mark),
        volume_24h_usd=number(stats.get("v")),
        exchange_at=ms(row.get("t")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["timestamp"]), number(row["funding_rate"]))


EXCHANGE = Exchange(
    title="Derive",
    kind="dex",
    budget=window(25, 5),
    parse=parse,
    answer=Answer("error.code", slow_down=("-32000",)),
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "instruments",
            API + "/get_all_instruments",
            body={"expired": False, "instrument_type": "perp", "page": "{page}", "page_size": PAGE},
            rows="result.instruments",
            page_size=PAGE,
            key="instrument_name",
            keep=("is_active", "base_currency", "quote_currency", "perp_details"),
            good_for=HOUR,
        ),
        Call(
            "rates",
            API + "/get_tickers",
            body={"instrument_type": "perp"},
            rows=keyed("instrument_name", "result.tickers"),
        ),
    ),
    history=History(
        API + "/get_funding_rate_history",
        body={"instrument_name": "{symbol}", "start_timestamp": "{since_ms}", "end_timestamp": "{until_ms}"},
        rows="result.funding_rate_history",
        parse=settlement,
        span_hours=720,
    ),
)
