"""Gate futures: bare arrays, seconds everywhere, sizes in contracts, one list per settlement currency."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote
from bench.simulator.reply import Query, Reply, newest_first, plain, whole

HOST = "api.gateio.ws"
LIMIT = Limit("window", 200, 10)
ABSURD = "5.0"
PREFIX = "/api/v4/futures/"
SETTLES = ("usdt", "btc")
# Fields that no reader of rates wants; they are there because a real answer weighs so much.
BALLAST: Mapping[str, Any] = {
    "cross_leverage_default": "10",
    "enable_bonus": True,
    "enable_circuit_breaker": False,
    "enable_credit": True,
    "enable_decimal": False,
    "funding_cap_ratio": "0.75",
    "funding_impact_value": "5000",
    "market_order_size_max": "300000",
    "market_order_slip_ratio": "0.025",
    "order_price_deviate": "0.07",
    "orderbook_id": 1_145_611_765,
    "orders_limit": 100,
    "ref_discount_rate": "0",
    "ref_rebate_rate": "0.2",
    "risk_limit_max": "2500000",
    "risk_limit_step": "2495000",
    "trade_id": 10_264_838,
    "voucher_leverage": "0",
}


def _error(status: int, label: str, words: str) -> Reply:
    return Reply(status, {"label": label, "message": words})


REFUSALS: Mapping[str, Reply] = {
    "429": _error(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded"),
    "slow_down": _error(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded"),
    "500": _error(500, "SERVER_ERROR", "Internal server error"),
    "refused": _error(200, "SERVER_ERROR", "Internal server error"),  # documented as never 200
    "barred": _error(403, "FORBIDDEN", "Not available in your region"),  # form not confirmed
}
NO_CONTRACT = _error(400, "CONTRACT_NOT_FOUND", "contract not found")
NOT_FOUND = _error(404, "NOT_FOUND", "not found")  # form not confirmed


def weigh(path: str, query: Query, body: Any) -> float:
    return 1


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    settle, _, call = path.removeprefix(PREFIX).partition("/")
    name, _, symbol = call.partition("/")
    route = ROUTES.get(name) if path.startswith(PREFIX) else None
    if route is None:
        return NOT_FOUND
    if settle not in SETTLES:
        return _error(400, "INVALID_PARAM_VALUE", "invalid argument: settle")
    try:
        return route(market, now, settle, {**query, "name": symbol} if symbol else query)
    except ValueError:
        return _error(400, "INVALID_PARAM_VALUE", "invalid argument")


def _quotes(market: Market, now: int, settle: str) -> list[Quote]:
    return [quote for quote in market.quotes("gate", now) if quote.contract.group == settle]


def _contracts(market: Market, now: int, settle: str, query: Query) -> Reply:
    """All of them unless a limit is given, which may be 100 at most; with a name one object."""
    quotes = _quotes(market, now, settle)
    if "name" in query:
        named = [_contract(quote) for quote in quotes if quote.contract.symbol == query["name"]]
        return Reply(200, named[0]) if named else NO_CONTRACT
    if "limit" in query:
        limit, offset = whole(query, "limit", 100), whole(query, "offset", 0)
        if not 0 < limit <= 100:
            return _error(400, "INVALID_PARAM_VALUE", "invalid limit, must in (0, 100]")
        quotes = quotes[offset : offset + limit]
    return Reply(200, [_contract(quote) for quote in quotes])


def _contract(quote: Quote) -> dict[str, Any]:
    c = quote.contract
    rate = plain(quote.funding_rate, 6)
    return {
        "funding_rate_indicative": rate,
        "mark_price_round": plain(10.0**-c.price_decimals, c.price_decimals),
        "funding_offset": 0,
        "in_delisting": c.state == "halted",
        "risk_limit_base": "5000",
        "interest_rate": "0.0003",
        "index_price": plain(quote.index_price, c.price_decimals),
        "order_price_round": plain(10.0**-c.price_decimals, c.price_decimals),
        "order_size_min": 1,
        "name": c.symbol,
        "maintenance_rate": "0.01",
        "mark_type": "index",
        "funding_interval": c.interval,
        "type": "inverse" if c.kind == "inverse" else "direct",
        "leverage_min": "1",
        "leverage_max": "50",
        "funding_rate": rate,
        "last_price": plain(quote.last_price, c.price_decimals),
        "mark_price": plain(quote.mark_price, c.price_decimals),
        "order_size_max": 450_000,
        "funding_next_apply": quote.next_time,
        "short_users": 114,
        "long_users": 164,
        "config_change_time": 1_776_852_892,
        "create_time": 1_574_035_200,
        "trade_size": quote.volume * 100,
        "position_size": quote.interest,
        "quanto_multiplier": "0" if c.kind == "inverse" else plain(c.size, 10),  # inverse: one dollar each
        "maker_fee_rate": "-0.0001",
        "taker_fee_rate": "0.00075",
        "is_pre_market": False,
        "status": "delisted" if c.state == "delisted" else "trading",
        "launch_time": 1_574_035_200,
        "funding_rate_limit": "0.02",
        "contract_type": "",
        **BALLAST,
    }


def _tickers(market: Market, now: int, settle: str, query: Query) -> Reply:
    quotes = _quotes(market, now, settle)
    if "contract" in query:
        quotes = [quote for quote in quotes if quote.contract.symbol == query["contract"]]
        if not quotes:
            return NO_CONTRACT
    return Reply(200, [_ticker(quote) for quote in quotes])


def _ticker(quote: Quote) -> dict[str, Any]:
    c = quote.contract
    last, rate = plain(quote.last_price, c.price_decimals), plain(quote.funding_rate, 6)
    coins, worth = plain(quote.volume_base, c.base_decimals), plain(quote.volume_quote, 0)
    return {
        "last": last,
        "low_24h": last,
        "high_24h": last,
        "volume_24h": str(quote.volume),
        "change_percentage": "0",
        "change_price": "0",
        "highest_bid": last,
        "highest_size": "193103",
        "lowest_ask": last,
        "lowest_size": "194080",
        "funding_rate_indicative": rate,
        "index_price": plain(quote.index_price, c.price_decimals),
        "volume_24h_base": coins,
        "volume_24h_quote": worth,
        "contract": c.symbol,
        "volume_24h_settle": coins if c.kind == "inverse" else worth,
        "funding_rate": rate,
        "mark_price": plain(quote.mark_price, c.price_decimals),
        "total_size": str(2 * quote.interest),  # both sides
        "quanto_multiplier": "0" if c.kind == "inverse" else plain(c.size, 10),
    }


def _history(market: Market, now: int, settle: str, query: Query) -> Reply:
    """Newest first, a second late."""
    contract = market.contract("gate", query.get("contract", ""))
    if contract is None or contract.group != settle:
        return NO_CONTRACT
    limit = whole(query, "limit", 100)
    if not 0 < limit <= 1000:
        return _error(400, "INVALID_PARAM_VALUE", "invalid limit, must in (0, 1000]")
    since, until = whole(query, "from", 0), whole(query, "to", now)
    rows = newest_first(market.settled("gate", contract.symbol, since - 1, min(now, until) - 1), limit)
    return Reply(200, [{"r": plain(row.rate, 6), "t": row.time + 1} for row in rows])


ROUTES: Mapping[str, Callable[[Market, int, str, Query], Reply]] = {
    "contracts": _contracts,
    "tickers": _tickers,
    "funding_rate": _history,
}
