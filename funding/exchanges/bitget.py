"""Bitget: perpetuals settled in USDT, USDC and coins (API v2, "Get Current Funding Rate" without a symbol).

Test symbols and dated futures stand among the rates: only what the list of contracts has is real. USDC symbols leave the
quote out (BTCPERP). How far back the history of contracts with short intervals goes is not confirmed.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, split_quote, window
from funding.rate import Rate
from funding.values import hours, ms, number, price, times

MARKET = "https://api.bitget.com/api/v2/mix/market"
FAMILIES = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
QUOTES = {"USDT": "USDT", "PERP": "USDC", "USD": "USD"}


def is_ours(row: Row, inst: Row) -> bool:
    """A perpetual in normal trading. Where the list does not tell, a dated future is the one without a next update."""
    kind = inst.get("symbolType", "delivery" if str(row.get("nextUpdate")) == "0" else "perpetual")
    return (kind, inst.get("symbolStatus", "normal")) == ("perpetual", "normal")


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["symbol"])
    if inst is None or not is_ours(row, inst):
        return None
    base, quote = (inst["baseCoin"], inst["quoteCoin"]) if inst else split_quote(row["symbol"], QUOTES)
    inverse, ticker = row["productType"] == "COIN-FUTURES", tables["tickers"].get(row["symbol"], {})
    mark = price(ticker.get("markPrice"))
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["fundingRate"]),
        funding_interval_hours=hours(row.get("fundingRateInterval")) or hours(inst.get("fundInterval")),
        next_funding_time=ms(row.get("nextUpdate")),
        funding_rate_cap=number(row.get("maxFundingRate")),
        funding_rate_floor=number(row.get("minFundingRate")),
        mark_price=mark,
        index_price=price(ticker.get("indexPrice")),
        open_interest_usd=times(number(ticker.get("holdingAmount")), mark),
        volume_24h_usd=number(ticker.get("usdtVolume")),
    )


def contract_of(contract: Any, tables: Tables) -> Row:
    family = "COIN" if contract.kind == "inverse" else contract.quote
    return {"symbol": contract.symbol, "productType": f"{family}-FUTURES"}


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Bitget",
    kind="cex",
    budget=window(20, 1),
    parse=parse,
    answer=Answer("code", good=("00000",), slow_down=("429",)),
    calls=(
        Call(
            "instruments",
            MARKET + "/contracts?productType={productType}",
            each=FAMILIES,
            rows="data",
            key="symbol",
            keep=("baseCoin", "quoteCoin", "symbolType", "symbolStatus", "fundInterval"),
            good_for=HOUR,
        ),
        Call(
            "tickers",
            MARKET + "/tickers?productType={productType}",
            each=FAMILIES,
            rows="data",
            key="symbol",
            keep=("markPrice", "indexPrice", "holdingAmount", "usdtVolume"),
            optional=True,
        ),
        Call("rates", MARKET + "/current-fund-rate?productType={productType}", each=FAMILIES, rows="data"),
    ),
    history=History(
        MARKET + "/history-fund-rate?symbol={symbol}&productType={productType}&pageSize=100&pageNo={page}",
        rows="data",
        parse=settlement,
        asks=contract_of,
        page_size=100,
    ),
)
