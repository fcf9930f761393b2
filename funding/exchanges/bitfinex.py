"""Bitfinex Derivatives: perpetuals settled in their quote, USDT or bitcoin (REST v2, "Derivatives Status").

Rows are positional; those of the past start one position earlier and come once a minute, so a settlement is the last
row before its due time. Coins have three letters (UST is USDT, ALG is ALGO); tTEST… is paper. Nothing gives an index price:
position 3 is the derivative's own mid price, position 9 an average for the settlement after the next.
"""

from funding.adapter import Answer, Call, Exchange, History, Row, Settlement, Tables, columns, window
from funding.rate import Rate
from funding.values import ms, number, price, times

API = "https://api-pub.bitfinex.com/v2"
STATUS = {0: "symbol", 1: "at", 8: "next_time", 12: "rate", 15: "mark", 18: "interest", 23: "cap"}
PAST = {0: "at", 7: "next_time", 11: "rate"}
TICKER = {0: "symbol", 7: "last", 8: "volume"}
COINS = {"UST": "USDT", "UDC": "USDC"}
LAST_ROWS = 120  # seconds before the due time; one row a minute, and the newest of them counts


def parse(row: Row, tables: Tables) -> Rate | None:
    if row["symbol"].startswith("tTEST") or not row["symbol"].endswith("F0"):
        return None
    base, quote = (coin.removesuffix("F0") for coin in row["symbol"][1:].split(":"))
    quote, mark, cap = COINS.get(quote, quote), price(row["mark"]), number(row["cap"])
    ticker = tables["tickers"].get(row["symbol"], {})
    dollars = None if quote == "BTC" else 1
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["rate"]),
        next_funding_time=ms(row["next_time"]),
        funding_rate_cap=cap,
        funding_rate_floor=times(cap, -1),
        mark_price=mark,
        open_interest_usd=times(number(row["interest"]), mark, dollars),
        volume_24h_usd=times(number(ticker.get("volume")), number(ticker.get("last")), dollars),
        exchange_at=ms(row["at"]),
    )


def settlement(row: Row) -> Settlement | None:
    due, at = ms(row["next_time"]), ms(row["at"])
    if due is None or row["rate"] is None or not 0 <= due - at <= LAST_ROWS:
        return None
    return Settlement(due, number(row["rate"]))


EXCHANGE = Exchange(
    title="Bitfinex Derivatives",
    kind="cex",
    budget=window(30, 60),  # of the tickers; the status may be asked 90 times
    parse=parse,
    answer=Answer("error", slow_down=("ERR_RATE_LIMIT",)),
    interval_hours=8,
    calls=(
        Call("tickers", API + "/tickers?symbols=ALL", rows=columns(TICKER), key="symbol", optional=True),
        Call("rates", API + "/status/deriv?keys=ALL", rows=columns(STATUS)),
    ),
    history=History(
        API + "/status/deriv/{symbol}/hist?start={since_ms}&end={until_ms}&sort=1&limit=5000",
        rows=columns(PAST),
        parse=settlement,
        page_size=5000,
        span_hours=80,
    ),
)
