"""BTSE: perpetuals quoted in USDT, on coins, stocks and commodities (Markets API, "ticker/24hr").

A holder chooses among some twenty currencies to settle in; the quote is given here. Marks come from the older futures API,
which leaves the quote out of the symbol (BTC-PERP), because `ticker/indices` is renewed only every 30 s. Open interest is in
contracts (not checked against a second source). Not confirmed: the envelope of the rates, so they are taken without it too.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours_minutes, ms, number, price, times

MARKETS = "https://api.btse.com/public-api/market/v1"
PERPETUALS = "types=%5B%22FuturesPerpetual%22%5D"  # a JSON list, encoded
COINS = {"TRUMPSOL": "TRUMP"}


def listed(body: Any) -> list[Row]:
    """What is in the envelope, or the body itself where it has none."""
    found: list[Row] = body["data"] if isinstance(body, dict) and "data" in body else body
    return found


def full_symbol(row: Row) -> str:
    return f"{row['symbol']}-USDT"


def is_ours(row: Row, market: Row) -> bool:
    """An active perpetual. Where the list does not tell, the symbol does: BTC-PERP-USDT, but BTC-260925-USDT."""
    kind = market.get("type", "FuturesPerpetual" if "-PERP-" in row["symbol"] else "other")
    return bool(kind == "FuturesPerpetual" and market.get("active", True))


def pair(symbol: str, market: Row) -> tuple[str, str]:
    base, quote = (market["baseCurrency"], market["quoteCurrency"]) if market else symbol.split("-PERP-")
    return COINS.get(base, base), quote


def parse(row: Row, tables: Tables) -> Rate | None:
    market = find(tables["markets"], row["symbol"])
    if market is None or not is_ours(row, market):
        return None
    base, quote = pair(row["symbol"], market)
    prices = tables["marks"].get(row["symbol"], {})
    mark = price(prices.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=quote,
        kind="linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours_minutes(row.get("fundingIntervalMinutes")),
        next_funding_time=ms(row["nextFundingTime"]),
        mark_price=mark,
        index_price=price(prices.get("indexPrice")),
        open_interest_usd=times(number(row.get("openInterest")), number(market.get("contractSize")), mark),
        volume_24h_usd=number(row.get("volume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["timestamp"]), number(row["rate"]))


EXCHANGE = Exchange(
    title="BTSE",
    kind="cex",
    budget=per_second(15),  # of the futures API; the markets API may be asked 50 times in 2 s
    parse=parse,
    answer=Answer("success", good=("true",), code="code"),
    calls=(
        Call(
            "markets",
            f"{MARKETS}/markets?{PERPETUALS}",
            rows=listed,
            key="symbol",
            keep=("type", "active", "baseCurrency", "quoteCurrency", "contractSize"),
            good_for=HOUR,
        ),
        Call(
            "marks",
            "https://api.btse.com/futures/api/v2.3/price",
            key=full_symbol,
            keep=("markPrice", "indexPrice"),
            optional=True,
        ),
        Call("rates", f"{MARKETS}/ticker/24hr?{PERPETUALS}", rows=listed),
    ),
    history=History(
        MARKETS + "/recentFundingHistory?symbol={symbol}&period=1M", rows="data", parse=settlement, days=30
    ),
)
