"""Poloniex Futures: a few linear perpetuals in USDT, one request each (Futures V3, "Get Current Funding Rate").

`fR` is the last settled rate, `nFR` the estimate that is due at `nFT`. No field holds the interval: it is the time from
the last settlement to the next one. Not confirmed by a recorded answer: `iPx` and `amt` of the tickers, the history's
keys. Open interest is published per contract alone, and its unit is not confirmed.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, per_second
from funding.rate import Rate
from funding.values import hours_seconds, ms, number, price

MARKET = "https://api.poloniex.com/v3/market"


def is_ours(inst: Row) -> bool:
    """Open, and without the alias (this_week, quarter) of a future that is delivered."""
    return inst.get("status", "OPEN") == "OPEN" and not inst.get("alias")


def perpetuals(tables: Tables) -> list[str]:
    return [symbol for symbol, inst in tables["instruments"].items() if is_ours(inst)]


def interval(row: Row) -> Any:
    due, settled = ms(row["nFT"]), ms(row.get("fT"))
    return hours_seconds(due - settled) if due and settled else None


def parse(row: Row, tables: Tables) -> Rate | None:
    inst, ticker = find(tables["instruments"], row["s"]), tables["tickers"].get(row["s"], {})
    if inst is None or not is_ours(inst):
        return None
    base, quote = row["s"].split("_")[:2]
    return Rate(
        symbol=row["s"],
        base=inst.get("bCcy") or base,
        quote=inst.get("qCcy") or quote,
        settle=inst.get("sCcy") or quote,
        kind=inst.get("ctType", "LINEAR").lower(),
        funding_rate=number(row["nFR"]),
        funding_interval_hours=interval(row),
        interval_source="derived",
        next_funding_time=ms(row["nFT"]),
        last_settled_rate=number(row.get("fR")),
        last_settled_at=ms(row.get("fT")),
        mark_price=price(ticker.get("mPx")),
        index_price=price(ticker.get("iPx")),
        volume_24h_usd=number(ticker.get("amt")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fT"]), number(row["fR"]))


EXCHANGE = Exchange(
    title="Poloniex Futures",
    kind="cex",
    budget=per_second(300),
    parse=parse,
    answer=Answer("code", good=("200",), slow_down=("429",)),
    calls=(
        Call(
            "instruments",
            MARKET + "/allInstruments",
            rows="data",
            key="symbol",
            keep=("status", "alias", "bCcy", "qCcy", "sCcy", "ctType"),
            good_for=HOUR,
        ),
        Call("tickers", MARKET + "/tickers", rows="data", key="s", keep=("mPx", "iPx", "amt"), optional=True),
        Call("rates", MARKET + "/fundingRate?symbol={symbol}", each=perpetuals, about=18, rows="data"),
    ),
    history=History(
        MARKET + "/fundingRate/history?symbol={symbol}&sT={since_ms}&eT={until_ms}&limit=100",
        rows="data",
        parse=settlement,
        page_size=100,
        days=180,
    ),
)
