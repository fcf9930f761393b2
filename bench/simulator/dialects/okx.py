"""OKX V5: everything is text, `code` tells, fundingTime is the coming settlement and nextFundingTime the one after."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.simulator.contracts import Contract
from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote
from bench.simulator.reply import MS, Query, Reply, fixed, newest_first, plain, whole

HOST = "www.okx.com"
LIMIT = Limit("window", 10, 2)
ABSURD = "5.0"
V5 = "/api/v5"
STATES = {"live": "live", "halted": "suspend", "delisted": "suspend", "test": "test", "dated": "live"}
HISTORY_SECONDS = 90 * 86_400
# Fields that no reader of rates wants; they are there because a real answer weighs so much.
BALLAST: Mapping[str, Any] = {
    "auctionEndTime": "",
    "contTdSwTime": "1611916860000",
    "freq": "",
    "futureSettlement": False,
    "groupId": "4",
    "instCategory": "1",
    "instIdCode": 10_458,
    "longPosRemainingQuota": "",
    "maxIcebergSz": "100000000.0000000000000000",
    "maxLmtAmt": "20000000",
    "maxLmtSz": "100000000",
    "maxMktAmt": "",
    "maxMktSz": "54000",
    "maxPlatOILmt": "10000000000000",
    "maxStopSz": "54000",
    "maxTriggerSz": "100000000.0000000000000000",
    "maxTwapSz": "100000000.0000000000000000",
    "method": "",
    "openType": "call_auction",
    "optType": "",
    "posLmtAmt": "250000",
    "posLmtPct": "30",
    "preMktSwTime": "",
    "seriesId": "",
    "shortPosRemainingQuota": "",
    "stk": "",
    "tradeQuoteCcyList": [],
    "upcChg": [],
}


def _error(code: str, words: str, status: int = 200) -> Reply:
    return Reply(status, {"code": code, "data": [], "msg": words})


REFUSALS: Mapping[str, Reply] = {
    "429": Reply(429, {"msg": "Too Many Requests", "code": "50011"}),  # no data: as recorded
    "slow_down": _error(
        "50011", "Rate limit reached. Please refer to API documentation and throttle requests accordingly"
    ),
    "500": _error("50026", "System error, please try again later.", 500),
    "503": _error("50001", "Service temporarily unavailable. Please try again later.", 503),
    "refused": _error("50013", "Systems are busy. Please try again later."),
    "barred": _error("50125", "This endpoint is not available in your region", 451),  # form not confirmed
}
NOT_FOUND = Reply(404, {"code": "404", "data": {}, "msg": "Not Found"})  # form not confirmed
NO_INSTRUMENT = _error("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")


def weigh(path: str, query: Query, body: Any) -> float:
    return 1


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    route = ROUTES.get(path)
    if route is None:
        return NOT_FOUND
    try:
        return route(market, now, query)
    except ValueError:
        return _error("51000", "Parameter error", 400)


def _data(rows: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"code": "0", "data": rows, "msg": ""})


def _inst_type(contract: Contract) -> str:
    return "SWAP" if contract.group == "SWAP" else "FUTURES"


def _listed(
    market: Market, now: int, query: Query, row: Callable[[Quote, int], dict[str, Any]], *, halted: bool = False
) -> Reply:
    """The rows of one instType, all or the one asked for."""
    wanted, name = query.get("instType", ""), query.get("instId")
    if not wanted:
        return _error("50014", "Parameter instType cannot be empty", 400)
    quotes = [q for q in market.quotes("okx", now) if _inst_type(q.contract) == wanted]
    if name is not None:
        quotes = [q for q in quotes if q.contract.symbol == name]
        if not quotes:
            return NO_INSTRUMENT
    return _data([row(q, now) for q in quotes if halted or q.contract.state in ("live", "dated")])


def _instruments(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _instrument, halted=True)


def _instrument(quote: Quote, now: int) -> dict[str, Any]:
    c = quote.contract
    perpetual = c.group in ("SWAP", "XPERP")
    inverse = c.kind == "inverse"
    return {
        "alias": "" if c.group == "SWAP" else "this_five_years" if perpetual else "quarter",
        "baseCcy": "",  # filled for spot only
        "category": "1",
        "ctMult": "1",
        "ctType": c.kind,
        "ctVal": plain(c.size, 10),
        "ctValCcy": "USD" if inverse else c.base,
        "expTime": "1933056000000" if c.group == "XPERP" else str(c.expiry * MS) if c.expiry else "",
        "instFamily": c.symbol.rsplit("-", 1)[0],
        "instId": c.symbol,
        "instType": _inst_type(c),
        "lever": "50",
        "listTime": "1611916828000",
        "lotSz": "1",
        "minSz": "1",
        "quoteCcy": "",
        "ruleType": "xperp" if c.group == "XPERP" else "normal",
        "settleCcy": c.settle,
        "state": STATES[c.state],
        "tickSz": fixed(10.0**-c.price_decimals, c.price_decimals),
        "uly": f"{c.base}-{c.quote}",
        **BALLAST,
    }


def _rates(market: Market, now: int, query: Query) -> Reply:
    name = query.get("instId", "")
    if not name:
        return _error("50014", "Parameter instId cannot be empty", 400)
    if name == "ANY":
        return _data([_rate(q, now) for q in market.quotes("okx", now) if q.contract.group in ("SWAP", "XPERP")])
    contract = market.contract("okx", name)
    if contract is None or contract.group not in ("SWAP", "XPERP"):
        return NO_INSTRUMENT
    return _data([_rate(market.quote(contract, now), now)])


def _rate(quote: Quote, now: int) -> dict[str, Any]:
    c = quote.contract
    return {
        "formulaType": "withRate",
        "fundingRate": fixed(quote.funding_rate, 16),
        "fundingTime": str(quote.next_time * MS),
        "impactValue": "20000.0000000000000000",
        "instId": c.symbol,
        "instType": _inst_type(c),
        "interestRate": "0.0001000000000000",
        "maxFundingRate": "0.015",
        "method": "current_period",
        "minFundingRate": "-0.015",
        "nextFundingRate": "",  # no longer supported
        "nextFundingTime": str((quote.next_time + c.interval) * MS),
        "premium": fixed(quote.mark_price / quote.index_price - 1, 16),
        "prevFundingTime": str(quote.last_time * MS),
        "settFundingRate": fixed(quote.last_rate, 16),
        "settState": "settled",
        "ts": str(now * MS),
    }


def _marks(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _mark)


def _mark(quote: Quote, now: int) -> dict[str, Any]:
    c = quote.contract
    price = plain(quote.mark_price, c.price_decimals)
    return {"instId": c.symbol, "instType": _inst_type(c), "markPx": price, "ts": str(now * MS)}


def _interests(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _interest)


def _interest(quote: Quote, now: int) -> dict[str, Any]:
    return {
        "instId": quote.contract.symbol,
        "instType": _inst_type(quote.contract),
        "oi": str(quote.interest),
        "oiCcy": plain(quote.interest_base, 10),
        "oiUsd": fixed(quote.interest_quote, 10),
        "ts": str(now * MS),
    }


def _tickers(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _ticker)


def _ticker(quote: Quote, now: int) -> dict[str, Any]:
    c = quote.contract
    last = plain(quote.last_price, c.price_decimals)
    return {
        "instType": _inst_type(c),
        "instId": c.symbol,
        "last": last,
        "lastSz": "1",
        "askPx": last,
        "askSz": "11",
        "bidPx": plain(quote.mark_price, c.price_decimals),
        "bidSz": "5",
        "open24h": last,
        "high24h": last,
        "low24h": last,
        "volCcy24h": plain(quote.volume_base, 10),  # coins, also of inverse contracts
        "vol24h": str(quote.volume),
        "ts": str(now * MS),
        "sodUtc0": last,
        "sodUtc8": last,
    }


def _indexes(market: Market, now: int, query: Query) -> Reply:
    rows = {}
    for q in market.quotes("okx", now):
        c = q.contract
        if c.quote == query.get("quoteCcy"):
            price = plain(q.index_price, c.price_decimals)
            rows[c.base] = {"instId": f"{c.base}-{c.quote}", "idxPx": price, "ts": str(now * MS)}
    return _data(list(rows.values()))


def _history(market: Market, now: int, query: Query) -> Reply:
    """Newest first; `after` gives older rows than itself, `before` newer ones."""
    name = query.get("instId", "")
    contract = market.contract("okx", name)
    if contract is None or contract.state == "dated":
        return NO_INSTRUMENT
    limit = min(whole(query, "limit", 100), 400)
    until = min(now, -(-whole(query, "after", (now + 1) * MS) // MS) - 1)
    since = max(now - HISTORY_SECONDS, whole(query, "before", 0) // MS + 1)
    rows = newest_first(market.settled("okx", name, since, until), limit)
    return _data(
        [
            {
                "formulaType": "withRate",
                "fundingRate": plain(row.rate, 13),
                "fundingTime": str(row.time * MS),
                "instId": name,
                "instType": _inst_type(contract),
                "method": "current_period",
                "realizedRate": plain(row.rate, 13),
            }
            for row in rows
        ]
    )


ROUTES: Mapping[str, Callable[[Market, int, Query], Reply]] = {
    V5 + "/public/instruments": _instruments,
    V5 + "/public/funding-rate": _rates,
    V5 + "/public/mark-price": _marks,
    V5 + "/public/open-interest": _interests,
    V5 + "/market/tickers": _tickers,
    V5 + "/market/index-tickers": _indexes,
    V5 + "/public/funding-rate-history": _history,
}
