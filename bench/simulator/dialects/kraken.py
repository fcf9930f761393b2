"""Kraken Futures: numbers as numbers, `result` tells, the rate is money and not a fraction, times are ISO, XBT and XDG."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bench.simulator.contracts import Contract
from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote
from bench.simulator.reply import Query, Reply, page

HOST = "futures.kraken.com"
LIMIT = Limit("bucket", 500, 10)  # public calls are documented as free of cost
ABSURD = "500000000.0"  # an absolute rate: beyond 500 % whatever the price
V3, V4 = "/derivatives/api/v3", "/derivatives/api/v4"
TYPES = {"PF": "flexible_futures", "PI": "futures_inverse", "FI": "futures_inverse"}


def _refused(words: str, status: int = 200) -> Reply:
    return Reply(status, {"result": "error", "error": words, "serverTime": "2026-01-01T00:00:00.000Z"})


REFUSALS: Mapping[str, Reply] = {
    "429": _refused("apiLimitExceeded", 429),
    "slow_down": _refused("apiLimitExceeded"),
    "503": _refused("Unavailable", 503),
    "refused": _refused("Server Error"),
    "barred": page(403, "Forbidden"),  # form not confirmed
}


def weigh(path: str, query: Query, body: Any) -> float:
    return 1


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    route = ROUTES.get(path)
    return route(market, now, query) if route else page(404, "Not Found")


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _pair(c: Contract) -> str:
    return f"{c.symbol.split('_')[1].removesuffix('USD')}:{c.quote}"


def absolute(quote: Quote) -> float:
    """Dollars per coin (PF_), coin per dollar (PI_), an hour."""
    return _absolute(quote.contract, quote.funding_rate, quote.index_price)


def _absolute(contract: Contract, rate: float, price: float) -> float:
    return rate / price if contract.kind == "inverse" else rate * price


def _tickers(market: Market, now: int, query: Query) -> Reply:
    tickers: list[dict[str, Any]] = []
    for quote in market.quotes("kraken", now):
        tickers.append(_ticker(quote, now, relative=market.relative_rates))
        if quote.contract.symbol == "PI_XBTUSD":  # indices stand among them, without a tag
            tickers.append({"symbol": "in_xbtusd", "last": quote.index_price, "lastTime": iso(now)})
            tickers.append({"symbol": "rr_xbtusd", "last": quote.index_price, "lastTime": iso(now - now % 86_400)})
    return Reply(200, {"result": "success", "tickers": tickers, "serverTime": iso(now)})


def _ticker(quote: Quote, now: int, *, relative: bool) -> dict[str, Any]:
    c = quote.contract
    inverse = c.kind == "inverse"
    row: dict[str, Any] = {
        "tag": "quarter" if c.state == "dated" else "perpetual",
        "pair": _pair(c),
        "symbol": c.symbol,
        "markPrice": quote.mark_price,
        "bid": quote.mark_price,
        "bidSize": 1000,
        "ask": quote.last_price,
        "askSize": 2000,
        "vol24h": int(quote.volume_quote) if inverse else quote.volume_base,
        "volumeQuote": quote.volume_quote,
        "openInterest": int(quote.interest_quote) if inverse else quote.interest_base,
        "open24h": quote.last_price,
        "indexPrice": quote.index_price,
        "last": quote.last_price,
        "lastTime": iso(now),
        "lastSize": 100,
        "suspended": c.state in ("halted", "delisted"),
        "postOnly": False,
        "change24h": 0,
    }
    if c.state != "live":  # no rate, not even a key for it
        return row
    row["fundingRate"] = row["fundingRatePrediction"] = absolute(quote)
    if relative:
        row["relativeFundingRate"] = row["relativeFundingRatePrediction"] = quote.funding_rate
    return row


def _instruments(market: Market, now: int, query: Query) -> Reply:
    rows = [_instrument(contract) for contract in market.contracts["kraken"]]
    return Reply(200, {"result": "success", "instruments": rows, "serverTime": iso(now)})


def _instrument(c: Contract) -> dict[str, Any]:
    row: dict[str, Any] = {
        "symbol": c.symbol,
        "pair": _pair(c),
        "base": _pair(c).split(":")[0],
        "quote": c.quote,
        "type": TYPES[c.group],
        "tickSize": 10.0**-c.price_decimals,
        "contractSize": 1,
        "tradeable": c.state in ("live", "dated"),
        "openingDate": "2022-01-01T00:00:00.000Z",
        "contractValueTradePrecision": c.base_decimals,
        "postOnly": False,
        "category": "",
        "tags": [],
    }
    if c.state == "dated":
        return {**row, "lastTradingTime": iso(c.expiry)}
    return {**row, "fundingRateCoefficient": 24, "maxRelativeFundingRate": 0.0025}


def _history(market: Market, now: int, query: Query) -> Reply:
    """All of it in one answer, oldest first."""
    symbol = query.get("symbol", "")
    contract = market.contract("kraken", symbol)
    if contract is None or contract.state == "dated":
        return _refused("symbolNotFound")
    rates = [
        {
            "timestamp": iso(row.time),
            "fundingRate": _absolute(contract, row.rate, row.mark_price),
            "relativeFundingRate": row.rate,
        }
        for row in market.settled("kraken", symbol, market.since, now)
    ]
    return Reply(200, {"result": "success", "rates": rates, "serverTime": iso(now)})


ROUTES: Mapping[str, Callable[[Market, int, Query], Reply]] = {
    V3 + "/tickers": _tickers,
    V3 + "/instruments": _instruments,
    V4 + "/historicalfundingrates": _history,
}
