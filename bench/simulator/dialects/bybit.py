"""Bybit V5: retCode tells, all figures are text, "" is absence, open interest counts both sides, instruments come in pages."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.simulator.contracts import Contract
from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote
from bench.simulator.reply import MS, Query, Reply, fixed, newest_first, page, plain, whole

HOST = "api.bybit.com"
LIMIT = Limit("window", 600, 5, form="403", ban_seconds=600)
ABSURD = "5.0"
V5 = "/v5/market"
CATEGORIES = ("linear", "inverse")
TYPES = {"linear": "LinearPerpetual", "inverse": "InversePerpetual"}
DATED = {"linear": "LinearFutures", "inverse": "InverseFutures"}


def _refused(code: int, words: str, status: int = 200) -> Reply:
    return Reply(status, {"retCode": code, "retMsg": words, "result": {}, "retExtInfo": {}, "time": 1_789_824_034_328})


REFUSALS: Mapping[str, Reply] = {
    "403": Reply(403, "access too frequent"),
    "429": _refused(10006, "Too many visits!", 429),
    "slow_down": _refused(10006, "Too many visits!"),
    "barred": _refused(10009, "The IP address is located in a restricted region."),
    "refused": _refused(10016, "Server error."),
}


def weigh(path: str, query: Query, body: Any) -> float:
    return 1


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    route = ROUTES.get(path)
    if route is None:
        return page(404, "Not Found")
    if query.get("category") not in CATEGORIES:
        return _refused(10001, "Illegal category")
    try:
        return route(market, now, query)
    except ValueError:
        return _refused(10001, "params error")


def _result(now: int, query: Query, rows: list[dict[str, Any]], **more: str) -> Reply:
    result = {"category": query["category"], "list": rows, **more}
    return Reply(200, {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": now * MS})


def _asked(market: Market, query: Query) -> list[Contract]:
    rows = [c for c in market.contracts["bybit"] if c.group == query["category"]]
    return [c for c in rows if c.symbol == query["symbol"]] if "symbol" in query else rows


def _instruments(market: Market, now: int, query: Query) -> Reply:
    """Those that trade, by name, 500 unless told. The cursor holds a %3D of its own and must come back as it was."""
    limit = whole(query, "limit", 500)
    if not 1 <= limit <= 1000:
        return _refused(10001, "params error: limit invalid")
    rows = sorted((c for c in _asked(market, query) if c.state in ("live", "dated")), key=lambda c: c.symbol)
    first, after = 0, query.get("cursor", "")
    if after:
        names = [_cursor(rows[:place]) for place in range(len(rows) + 1)]
        if after not in names:
            return _refused(10001, "params error: cursor invalid")
        first = names.index(after)
    page_rows = rows[first : first + limit]
    more = _cursor(rows[: first + limit]) if first + limit < len(rows) else ""
    return _result(now, query, [_instrument(c) for c in page_rows], nextPageCursor=more)


def _cursor(read: list[Contract]) -> str:
    return f"first%3D{read[0].symbol}%26last%3D{read[-1].symbol}" if read else ""


def _instrument(c: Contract) -> dict[str, Any]:
    tick = fixed(10.0**-c.price_decimals, c.price_decimals)
    return {
        "symbol": c.symbol,
        "contractType": (DATED if c.state == "dated" else TYPES)[c.group],
        "status": "Trading",
        "baseCoin": c.base,
        "quoteCoin": c.quote,
        "launchTime": "1585526400000",
        "deliveryTime": str(c.expiry * MS),
        "deliveryFeeRate": "",
        "priceScale": str(c.price_decimals),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": tick, "maxPrice": "1999999.80", "tickSize": tick},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": plain(c.size, 10),
            "qtyStep": plain(c.size, 10),
            "postOnlyMaxOrderQty": "1190.000",
            "maxMktOrderQty": "500.000",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": c.interval // 60,  # minutes here, hours in the tickers
        "settleCoin": c.settle,
        "copyTrading": "both",
        "upperFundingRate": "0.02",
        "lowerFundingRate": "-0.02",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
        "symbolType": "stock" if c.asset.stock else "",
    }


def _tickers(market: Market, now: int, query: Query) -> Reply:
    if "symbol" in query:
        return _result(now, query, [_ticker(market.quote(c, now)) for c in _asked(market, query)])
    quotes = [q for q in market.quotes("bybit", now) if q.contract.group == query["category"]]
    return _result(now, query, [_ticker(quote) for quote in quotes])


def _ticker(quote: Quote) -> dict[str, Any]:
    c = quote.contract
    dated, last = c.state == "dated", fixed(quote.last_price, c.price_decimals)
    return {
        "symbol": c.symbol,
        "lastPrice": last,
        "indexPrice": fixed(quote.index_price, c.price_decimals),
        "markPrice": fixed(quote.mark_price, c.price_decimals),
        "prevPrice24h": last,
        "price24hPcnt": "0",
        "highPrice24h": last,
        "lowPrice24h": last,
        "prevPrice1h": last,
        **_amounts(quote),
        "fundingRate": "" if dated else plain(quote.funding_rate, 8),
        "nextFundingTime": "0" if dated else str(quote.next_time * MS),
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "deliveryFeeRate": "",
        "deliveryTime": str(c.expiry * MS),
        "ask1Size": "2.529",
        "bid1Price": last,
        "ask1Price": last,
        "bid1Size": "0.012",
        "basis": "",
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
        "fundingIntervalHour": "" if dated else str(c.interval // 3600),
        "basisRateYear": "",
        "fundingCap": "" if dated else "0.02",
    }


def _amounts(quote: Quote) -> dict[str, str]:
    """Coins and their worth; of inverse contracts the other way round. Interest of both sides: twice ours."""
    coins, worth = quote.contract.base_decimals, 4 if quote.contract.kind == "linear" else 0
    names = ["openInterest", "openInterestValue", "volume24h", "turnover24h"]
    if quote.contract.kind == "inverse":
        names = [names[1], names[0], names[3], names[2]]
    figures = (
        fixed(2 * quote.interest_base, coins),
        fixed(2 * quote.interest_quote, worth),
        fixed(quote.volume_base, coins),
        fixed(quote.volume_quote, worth),
    )
    return dict(zip(names, figures, strict=True))


def _history(market: Market, now: int, query: Query) -> Reply:
    """Newest first. A start without an end is refused."""
    asked = _asked(market, query) if "symbol" in query else []
    if not asked:
        return _refused(10001, "params error: symbol invalid")
    if "startTime" in query and "endTime" not in query:
        return _refused(10001, "params error: startTime needs endTime")
    symbol, limit = query["symbol"], min(whole(query, "limit", 200), 200)
    since, until = whole(query, "startTime", 0), whole(query, "endTime", now * MS)
    rows = newest_first(market.settled("bybit", symbol, -(-since // MS), min(now, until // MS)), limit)
    return _result(
        now,
        query,
        [
            {"symbol": symbol, "fundingRate": plain(row.rate, 8), "fundingRateTimestamp": str(row.time * MS)}
            for row in rows
        ],
    )


ROUTES: Mapping[str, Callable[[Market, int, Query], Reply]] = {
    V5 + "/instruments-info": _instruments,
    V5 + "/tickers": _tickers,
    V5 + "/funding/history": _history,
}
