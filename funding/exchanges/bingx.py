"""BingX: perpetuals settled in USDT and USDC, and coin-margined ones (API docs, "Mark Price and Funding Rate").

`lastFundingRate` is the running rate, due at `nextFundingTime` (seen live, not confirmed by the documents). Coin-margined
rows have no interval. The documents disagree on the limit (50 a second, or one): the smaller is kept. Open interest is
not to be had in bulk, and there is no confirmed history of coin-margined contracts.
"""

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours, ms, number, price

API = "https://open-api.bingx.com/openApi"
FAMILIES = ("swap/v2/quote", "cswap/v1/market")


def is_trading(inst: Row) -> bool:
    return str(inst.get("status", 1)) == "1" and str(inst.get("apiStateOpen", "true")).lower() == "true"


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_trading(inst):
        return None
    base, _, quote = row["symbol"].rpartition("-")
    inverse, ticker = row["family"].startswith("cswap"), tables["tickers"].get(row["symbol"], {})
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["lastFundingRate"]),
        funding_interval_hours=hours(row.get("fundingIntervalHours")),
        next_funding_time=ms(row["nextFundingTime"]),
        funding_rate_cap=number(row.get("maxFundingRate")),
        funding_rate_floor=number(row.get("minFundingRate")),
        mark_price=price(row.get("markPrice")),
        index_price=price(row.get("indexPrice")),
        volume_24h_usd=number(ticker.get("quoteVolume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="BingX",
    kind="cex",
    budget=per_second(1),
    parse=parse,
    answer=Answer("code", good=("0",), slow_down=("100410",)),
    calls=(
        Call(
            "instruments",
            API + "/{family}/contracts",
            each=FAMILIES,
            rows="data",
            key="symbol",
            keep=("status", "apiStateOpen"),
            good_for=HOUR,
        ),
        Call("tickers", API + "/swap/v2/quote/ticker", rows="data", key="symbol", keep=("quoteVolume",), optional=True),
        Call("rates", API + "/{family}/premiumIndex", each=FAMILIES, rows="data"),
    ),
    history=History(
        API + "/swap/v2/quote/fundingRate?symbol={symbol}&startTime={since_ms}&endTime={until_ms}&limit=1000",
        rows="data",
        parse=settlement,
        page_size=1000,
    ),
)
