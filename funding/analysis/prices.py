"""Prices that may be compared: per token, in one currency, with every dollar coin counted as a dollar. And who fails the test."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from funding.analysis.identity import TOLERANCE, Market, find_suspects

Row = Mapping[str, Any]
Contract = tuple[str, str]  # exchange, symbol: what names a contract

DOLLAR = "dollar"
DOLLARS = frozenset(
    ("USD", "USDT", "USDC", "USD1", "USDE", "USDT0", "FDUSD", "BUSD", "USDG", "USDH", "DUSD", "RUSD", "vUSDC")
)


def currency(row: Row) -> str:
    """What the contract's price is in: "dollar" for a dollar or one of its coins, otherwise the quote itself."""
    quote: str = row["quote"]
    return DOLLAR if quote in DOLLARS else quote


def price_per_token(row: Row) -> float | None:
    """mark_price / multiplier, in the quote; None where no price is known."""
    mark, multiplier = row["mark_price"], row["multiplier"]
    return None if mark is None else mark / multiplier


def price_suspects(rows: Iterable[Row]) -> dict[Contract, str]:
    """Whose price is not that of its asset, and why: identity.find_suspects, once for each asset and currency.

    Give it every row there is: the deepest market decides, also where it is not asked for. Stale rows are not looked at.
    """
    suspects: dict[Contract, str] = {}
    for together in _priced(rows):
        prices = [price for price, _ in together]
        if max(prices) - min(prices) > TOLERANCE * min(prices):  # else all agree, whichever market is the deepest
            suspects |= find_suspects(_market(row) for _, row in together)
    return suspects


def _priced(rows: Iterable[Row]) -> Iterable[list[tuple[float, Row]]]:
    found: dict[tuple[str, str], list[tuple[float, Row]]] = defaultdict(list)
    for row in rows:
        price = price_per_token(row)
        if price is not None and not row["stale"]:
            found[row["asset"], currency(row)].append((price, row))
    return found.values()


def _market(row: Row) -> Market:
    return Market(
        asset=row["asset"],
        exchange=row["exchange"],
        symbol=row["symbol"],
        mark_price=row["mark_price"],
        multiplier=row["multiplier"],
        open_interest_usd=row["open_interest_usd"],
    )
