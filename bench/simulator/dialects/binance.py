"""Binance USDⓈ-M futures: rates as text, times as numbers; lastFundingRate is the running one; unlisted intervals are 8 h."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.simulator.contracts import HOUR, Contract
from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote, Settled
from bench.simulator.reply import MS, Query, Reply, fixed, page, whole

HOST = "fapi.binance.com"
LIMIT = Limit("window", 2400, 60, weighted=True, ban_after=20)
ABSURD = "5.0"
V1 = "/fapi/v1"
NEVER = 4_133_404_800_000  # deliveryDate of a perpetual that is not being delisted
WEIGHTS = {"premiumIndex": (10, 1), "ticker/24hr": (40, 1), "fundingInfo": (0, 0), "fundingRate": (0, 0)}
# Fields that no reader of rates wants; they are there because a real answer weighs so much.
BALLAST: Mapping[str, Any] = {
    "liquidationFee": "0.012500",
    "maintMarginPercent": "2.5000",
    "requiredMarginPercent": "5.0000",
    "marketTakeBound": "0.05",
    "maxMoveOrderLimit": 10_000,
    "permissionSets": ["GRID", "COPY"],
    "triggerProtect": "0.0500",
    "underlyingSubType": [],
    "orderTypes": [
        "LIMIT",
        "MARKET",
        "STOP",
        "STOP_MARKET",
        "TAKE_PROFIT",
        "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET",
    ],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
}
FILTERS: list[dict[str, Any]] = [
    {"filterType": "LOT_SIZE", "maxQty": "1000", "minQty": "0.001", "stepSize": "0.001"},
    {"filterType": "MARKET_LOT_SIZE", "maxQty": "120", "minQty": "0.001", "stepSize": "0.001"},
    {"filterType": "MAX_NUM_ORDERS", "limit": 200},
    {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
    {"filterType": "MIN_NOTIONAL", "notional": "100"},
    {"filterType": "PERCENT_PRICE", "multiplierDecimal": "4", "multiplierDown": "0.9500", "multiplierUp": "1.0500"},
    {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
]


def _error(status: int, code: int, words: str) -> Reply:
    return Reply(status, {"code": code, "msg": words})


RESTRICTED = "Service unavailable from a restricted location according to 'b. Eligibility' in the terms of use."
BANNED = "Way too much request weight used; IP banned until 1660090423228. Please use the websocket for live updates."
REFUSALS: Mapping[str, Reply] = {
    "418": _error(418, -1003, BANNED),
    "429": _error(429, -1003, "Too many requests; current limit is 2400 requests per minute."),
    "451": _error(451, 0, RESTRICTED),  # code 0 is no success
    "barred": _error(451, 0, RESTRICTED),
    "slow_down": _error(429, -1003, "Too many requests; current limit is 2400 requests per minute."),
    "503": _error(503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
    "refused": _error(200, -1000, "An unknown error occurred while processing the request."),  # documented as never 200
}
NO_SYMBOL = _error(400, -1121, "Invalid symbol.")


def weigh(path: str, query: Query, body: Any) -> float:
    every, one = WEIGHTS.get(path.removeprefix(V1 + "/"), (1, 1))
    return one if "symbol" in query else every


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    route = ROUTES.get(path)
    if route is None:
        return page(404, "Not Found")
    try:
        return route(market, now, query)
    except ValueError:
        return _error(400, -1102, "Mandatory parameter was not sent, was empty/null, or malformed.")


def _listed(market: Market, now: int, query: Query, row: Callable[[Quote, int], dict[str, Any]]) -> Reply:
    """With a symbol one object, without it the array of all."""
    if "symbol" in query:
        contract = market.contract("binance", query["symbol"])
        return Reply(200, row(market.quote(contract, now), now)) if contract else NO_SYMBOL
    return Reply(200, [row(quote, now) for quote in market.quotes("binance", now)])


def _rates(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _rate)


def _rate(quote: Quote, now: int) -> dict[str, Any]:
    dated = quote.contract.state == "dated"
    return {
        "symbol": quote.contract.symbol,
        "markPrice": fixed(quote.mark_price, 8),
        "indexPrice": fixed(quote.index_price, 8),
        "estimatedSettlePrice": fixed(quote.index_price, 8),
        "lastFundingRate": "0.00000000" if dated else fixed(quote.funding_rate, 8),
        "interestRate": "0.00000000" if dated else "0.00010000",
        "nextFundingTime": 0 if dated else quote.next_time * MS,
        "time": now * MS,
    }


def _tickers(market: Market, now: int, query: Query) -> Reply:
    return _listed(market, now, query, _ticker)


def _ticker(quote: Quote, now: int) -> dict[str, Any]:
    c = quote.contract
    last = fixed(quote.last_price, c.price_decimals)
    return {
        "symbol": c.symbol,
        "priceChange": "0.00",
        "priceChangePercent": "0.000",
        "weightedAvgPrice": last,
        "lastPrice": last,
        "lastQty": "0.002",
        "openPrice": last,
        "highPrice": last,
        "lowPrice": last,
        "volume": fixed(quote.volume_base, c.base_decimals),
        "quoteVolume": fixed(quote.volume_quote, 4 if c.priced_in else 2),
        "openTime": (now - 86_400) * MS,
        "closeTime": now * MS,
        "firstId": 1,
        "lastId": 3_466_091,
        "count": 3_466_091,
    }


def _interest(market: Market, now: int, query: Query) -> Reply:
    """Per symbol only, in base units."""
    contract = market.contract("binance", query.get("symbol", ""))
    if contract is None:
        return NO_SYMBOL
    amount = market.quote(contract, now).interest_base
    return Reply(
        200, {"symbol": contract.symbol, "openInterest": fixed(amount, contract.base_decimals), "time": now * MS}
    )


def _instruments(market: Market, now: int, query: Query) -> Reply:
    return Reply(
        200,
        {
            "timezone": "UTC",
            "serverTime": now * MS,
            "futuresType": "U_MARGINED",
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
            ],
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [_instrument(contract) for contract in market.contracts["binance"]],
        },
    )


def _instrument(c: Contract) -> dict[str, Any]:
    tick = fixed(10.0**-c.price_decimals, c.price_decimals)
    return {
        "symbol": c.symbol,
        "pair": f"{c.base}{c.quote}",
        "contractType": c.group,
        "deliveryDate": c.expiry * MS if c.expiry else NEVER,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING" if c.state in ("live", "dated") else "SETTLING",
        "baseAsset": c.base,
        "quoteAsset": c.quote,
        "marginAsset": c.settle,
        "pricePrecision": c.price_decimals,
        "quantityPrecision": c.base_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "EQUITY" if c.asset.stock else "COIN",
        "filters": [
            {"filterType": "PRICE_FILTER", "maxPrice": "4529764", "minPrice": tick, "tickSize": tick},
            *FILTERS,
        ],
        **BALLAST,
    }


def _intervals(market: Market, now: int, query: Query) -> Reply:
    """Those that were adjusted, a few that were not, and one of another family; 8 h for whom it does not name."""
    perpetual = [c for c in market.contracts["binance"] if c.state != "dated"]
    rows = [_interval(c) for c in perpetual if c.interval != 8 * HOUR or c.rank % 2]
    rows.append({**rows[0], "symbol": "BCHUSD_PERP"})
    return Reply(200, rows)


def _interval(c: Contract) -> dict[str, Any]:
    plain = c.interval == 8 * HOUR
    return {
        "symbol": c.symbol,
        "adjustedFundingRateCap": "0.02000000",
        "adjustedFundingRateFloor": "-0.02000000",
        "fundingIntervalHours": c.interval // HOUR,
        "disclaimer": plain,
        "updateTime": None if plain else 1_752_854_309_429,
    }


def _history(market: Market, now: int, query: Query) -> Reply:
    """Ascending, both ends included; with more than `limit` rows the first ones, or the last where no start is given."""
    symbol = query.get("symbol", "")
    contract = market.contract("binance", symbol)
    if contract is None:
        return NO_SYMBOL
    limit = min(whole(query, "limit", 100), 1000)
    start, end = whole(query, "startTime", 0), whole(query, "endTime", now * MS)
    settled = market.settled("binance", symbol, start // MS, min(now, end // MS))
    charges = [row for one in settled for row in _charges(contract, one)]
    rows = [row for row in charges if start <= row["fundingTime"] <= end]
    return Reply(200, rows[:limit] if start else rows[-limit:])


def _charges(contract: Contract, settled: Settled) -> list[dict[str, Any]]:
    """The regular one, some milliseconds late; a stock's dividend makes a second one beside it at times."""
    late = settled.time // HOUR * 7 % 16
    regular = {
        "symbol": contract.symbol,
        "fundingTime": settled.time * MS + late,
        "fundingRate": fixed(settled.rate, 8),
        "markPrice": fixed(settled.mark_price, 8),
        "rateType": "Regular",
    }
    if contract.group != "TRADIFI_PERPETUAL" or settled.time // contract.interval % 5:
        return [regular]
    return [
        regular,
        {**regular, "fundingTime": settled.time * MS + late + 1, "fundingRate": "-0.01230000", "rateType": "Special"},
    ]


ROUTES: Mapping[str, Callable[[Market, int, Query], Reply]] = {
    V1 + "/premiumIndex": _rates,
    V1 + "/fundingInfo": _intervals,
    V1 + "/exchangeInfo": _instruments,
    V1 + "/ticker/24hr": _tickers,
    V1 + "/openInterest": _interest,
    V1 + "/fundingRate": _history,
}
