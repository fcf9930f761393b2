"""Which asset a venue's ticker stands for, and of how many tokens its price is: assets.json, looked up by the whole ticker.

Nothing is stripped, matched by form or guessed: a ticker that the table does not list is an asset of its own.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Asset:
    """`multiplier`: tokens per priced unit, so the price per token is price / multiplier. A funding rate needs no scaling.

    `asset_class`: crypto, stock, index, commodity or fx; None where it is not known.
    """

    asset: str
    multiplier: float = 1.0
    asset_class: str | None = None


def resolve(exchange: str | None, base: str, symbol: str | None = None) -> Asset:
    """The asset behind a ticker as the venue writes it, before plain(). None for `exchange`: what it means everywhere.

    The symbol tells contracts apart whose base does not: Hyperliquid's STX is a coin, its para:STX a stock.
    """
    known = _CONTRACTS.get((exchange, symbol or "")) or _ON_EXCHANGE.get((exchange, base)) or _EVERYWHERE.get(base)
    return known or _asset(base)


def plain(exchange: str | None, base: str) -> str:
    """The ticker with a plain alias resolved and everything else kept: XBT → BTC, but 1000PEPE, kPEPE and GOLD stay."""
    return _ALIASES_ON_EXCHANGE.get((exchange, base)) or _ALIASES.get(base, base)


def canonical(text: str) -> str:
    """The asset that a person means, whatever the case: xbt → BTC, kpepe → PEPE. Unknown text comes back in upper case."""
    return _TYPED.get(text.casefold()) or text.upper()


# The table, read once

_TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("assets.json").read_text("utf-8"))
AS_OF: str = _TABLE["as_of"]
CLASSES: tuple[str, ...] = tuple(_TABLE["classes"])
_CLASS_OF: dict[str, str] = {asset: name for name, assets in _TABLE["classes"].items() for asset in assets}


def _asset(name: str, multiplier: float = 1) -> Asset:
    return Asset(name, float(multiplier), _CLASS_OF.get(name))


def _read_everywhere() -> dict[str, Asset]:
    known = {alias: _asset(name) for alias, name in _TABLE["aliases"].items()}
    for asset, tickers in _TABLE["names"].items():
        known |= {ticker: _asset(asset) for ticker in tickers}
    for asset, multipliers in _TABLE["multipliers"].items():
        known |= {ticker: _asset(asset, tokens) for ticker, tokens in multipliers.items()}
    return known


def _read_exchanges(section: str) -> dict[tuple[str | None, str], Asset]:
    return {
        (exchange, name): _asset(asset, tokens)
        for exchange, table in _TABLE["exchanges"].items()
        for name, (asset, tokens, _why) in table.get(section, {}).items()
    }


def _read_exchange_aliases() -> dict[tuple[str | None, str], str]:
    return {
        (exchange, alias): name or alias  # null: the general alias does not hold there
        for exchange, table in _TABLE["exchanges"].items()
        for alias, name in table.get("aliases", {}).items()
    }


_ALIASES: dict[str, str] = _TABLE["aliases"]
_ALIASES_ON_EXCHANGE = _read_exchange_aliases()
_EVERYWHERE = _read_everywhere()
_CONTRACTS = _read_exchanges("contracts")
_ON_EXCHANGE = {key: _asset(name) for key, name in _ALIASES_ON_EXCHANGE.items()} | _read_exchanges("assets")
_TYPED = {ticker.casefold(): known.asset for ticker, known in _EVERYWHERE.items()}
