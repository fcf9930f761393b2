"""Hyperliquid: one POST /info; assets and their contexts are two parallel arrays; builder dexs are asked one by one."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.simulator.contracts import HOUR
from bench.simulator.limits import Limit
from bench.simulator.market import Market, Quote, Settled
from bench.simulator.reply import MS, Query, Reply, plain

HOST = "api.hyperliquid.xyz"
LIMIT = Limit("bucket", 1200, 60, weighted=True)
ABSURD = "5.0"
DEXS = {"xyz": "XYZ", "km": "Markets by Kinetiq", "hyna": "HyENA"}
COLLATERAL = {"": 0, "xyz": 0, "km": 360, "hyna": 235}
TOKENS = {0: "USDC", 150: "HYPE", 235: "USDE", 360: "USDH"}
PAGE = 500

REFUSALS: Mapping[str, Reply] = {
    "429": Reply(429, None),  # body not confirmed
    "slow_down": Reply(429, None),
    "500": Reply(500, None),  # JSON null
    "refused": Reply(200, None),
    "barred": Reply(403, "Forbidden"),
}
UNREADABLE = Reply(422, "Failed to deserialize the JSON body into the target type")


def weigh(path: str, query: Query, body: Any) -> float:
    return 45 if isinstance(body, dict) and body.get("type") == "fundingHistory" else 20


def answer(market: Market, now: int, path: str, query: Query, body: Any) -> Reply:
    if path != "/info":
        return Reply(404, "")
    route = ROUTES.get(str(body.get("type"))) if isinstance(body, dict) else None
    return route(market, now, body) if route else UNREADABLE


def _dexs(market: Market, now: int, body: dict[str, Any]) -> Reply:
    """The first is null: the main dex has no name."""
    rows = [
        {"name": name, "fullName": title, "deployer": "0x88806a71", "oracleUpdater": None, "feeRecipient": None}
        for name, title in DEXS.items()
    ]
    return Reply(200, [None, *rows])


def _tokens(market: Market, now: int, body: dict[str, Any]) -> Reply:
    tokens = [
        {"name": name, "szDecimals": 8, "weiDecimals": 8, "index": index, "isCanonical": index == 0, "fullName": None}
        for index, name in TOKENS.items()
    ]
    pairs = [{"tokens": [150, 0], "name": "@107", "index": 107, "isCanonical": False}]
    return Reply(200, {"universe": pairs, "tokens": tokens})


def _assets(market: Market, now: int, body: dict[str, Any]) -> Reply:
    dex = body.get("dex", "")
    if dex not in COLLATERAL:
        return REFUSALS["500"]
    quotes = [quote for quote in market.quotes("hyperliquid", now) if quote.contract.group == dex]
    meta = {
        "universe": [_asset(quote) for quote in quotes],
        "marginTables": [],
        "collateralToken": COLLATERAL[dex],
    }
    return Reply(200, [meta, [_context(quote) for quote in quotes]])


def _meta(market: Market, now: int, body: dict[str, Any]) -> Reply:
    both = _assets(market, now, body)
    return both if both.status != 200 else Reply(200, both.body[0])


def _asset(quote: Quote) -> dict[str, Any]:
    c = quote.contract
    asset = {"szDecimals": c.base_decimals, "name": c.symbol, "maxLeverage": 20, "marginTableId": 20}
    return asset if c.state == "live" else {**asset, "isDelisted": True}


def _context(quote: Quote) -> dict[str, Any]:
    c = quote.contract
    oracle, mark = (plain(price, c.price_decimals) for price in (quote.index_price, quote.mark_price))
    if c.state != "live":  # they stay for ever
        return {
            "funding": "0.0",
            "openInterest": "0.0",
            "prevDayPx": mark,
            "dayNtlVlm": "0.0",
            "premium": None,
            "oraclePx": oracle,
            "markPx": mark,
            "midPx": None,
            "impactPxs": None,
            "dayBaseVlm": "0.0",
        }
    return {
        "funding": plain(quote.funding_rate, 10),
        "openInterest": plain(quote.interest_base, c.base_decimals),
        "prevDayPx": mark,
        "dayNtlVlm": plain(quote.volume_quote, 4),
        "premium": plain(quote.mark_price / quote.index_price - 1, 10),
        "oraclePx": oracle,
        "markPx": mark,
        "midPx": mark,
        "impactPxs": [mark, mark],
        "dayBaseVlm": plain(quote.volume_base, c.base_decimals),
    }


def _history(market: Market, now: int, body: dict[str, Any]) -> Reply:
    """Oldest first from startTime on, 500 at most; some milliseconds after the hour."""
    coin, start, end = body.get("coin"), body.get("startTime"), body.get("endTime", now * MS)
    if not isinstance(coin, str) or not isinstance(start, int) or not isinstance(end, int):
        return UNREADABLE
    if market.contract("hyperliquid", coin) is None:
        return REFUSALS["500"]
    settled = market.settled("hyperliquid", coin, start // MS, min(now, end // MS))
    rows = [_charge(coin, one) for one in settled]
    return Reply(200, [row for row in rows if start <= row["time"] <= end][:PAGE])


def _charge(coin: str, settled: Settled) -> dict[str, Any]:
    late = settled.time // HOUR * 11 % 90
    return {
        "coin": coin,
        "fundingRate": plain(settled.rate, 10),
        "premium": plain(settled.rate * 8, 10),
        "time": settled.time * MS + late,
    }


ROUTES: Mapping[str, Callable[[Market, int, dict[str, Any]], Reply]] = {
    "perpDexs": _dexs,
    "spotMeta": _tokens,
    "meta": _meta,
    "metaAndAssetCtxs": _assets,
    "fundingHistory": _history,
}
