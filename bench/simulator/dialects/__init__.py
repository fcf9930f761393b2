"""How each venue speaks: pure functions from a request and the market to the venue's documented answer, quirks included."""

from collections.abc import Mapping
from typing import Any, Protocol

from bench.simulator.dialects import binance, bybit, gate, hyperliquid, kraken, okx
from bench.simulator.limits import Limit
from bench.simulator.market import Market
from bench.simulator.reply import Query, Reply, page

REASONS = {
    "403": "Forbidden",
    "418": "I'm a teapot",
    "429": "Too Many Requests",
    "451": "Unavailable For Legal Reasons",
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
}


class Dialect(Protocol):
    """What a module of this folder has."""

    HOST: str
    LIMIT: Limit  # as documented
    ABSURD: str  # a rate of 500 % in the field that carries the rate
    REFUSALS: Mapping[str, Reply]  # by status, or slow_down, barred, refused: the venue's own words

    def answer(self, market: Market, now: int, path: str, query: Query, body: Any) -> Reply: ...

    def weigh(self, path: str, query: Query, body: Any) -> float: ...


DIALECTS: Mapping[str, Dialect] = {
    "okx": okx,
    "binance": binance,
    "bybit": bybit,
    "hyperliquid": hyperliquid,
    "kraken": kraken,
    "gate": gate,
}
BY_HOST = {dialect.HOST: name for name, dialect in DIALECTS.items()}


def refuse(exchange: str, why: str) -> Reply:
    """The venue's own form where it is known, a gateway's page otherwise. Raises KeyError for a word nobody knows."""
    known = DIALECTS[exchange].REFUSALS.get(why)
    return known or page(int(why), REASONS[why])
