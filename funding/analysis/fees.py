"""What trading costs: each exchange's base-tier fees from fees.json, a user's own before them, and the contracts' pages.

A fee that is not known is None, never 0. The table is dated, and every net figure carries its name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import quote

FIELDS = ("maker_pct", "taker_pct", "checked", "confidence", "as_of")

_TABLE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "fees.json").read_text("utf-8"))
AS_OF: str = _TABLE["as_of"]
_EXCHANGES: dict[str, dict[str, Any]] = _TABLE["exchanges"]
_NONE: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Fees:
    """The taker fees that net figures are made with: one's own, then the table's. In per cent of the notional, per fill.

    `own`: exchange → per cent, for all its contracts. `table` False: no fees but one's own, the others cost 0. Raises
    ValueError for a fee of one's own that is no number.
    """

    own: Mapping[str, float] = field(default_factory=dict)
    table: bool = True

    def __post_init__(self) -> None:
        for exchange, pct in self.own.items():
            if not isfinite(pct):
                raise ValueError(f"the fee of {exchange} is not a number: {pct}")

    @property
    def model(self) -> str:
        """Name, version and what is one's own: "default 2026-11-23, own okx 0.04"."""
        name = f"default {AS_OF}" if self.table else "none"
        return ", own ".join([name, *(f"{exchange} {pct:g}" for exchange, pct in sorted(self.own.items()))])

    def taker_pct(self, exchange: str, symbol: str = "") -> float | None:
        """Per fill; None where it is not known. A contract's symbol is needed where an exchange has two tariffs."""
        if exchange in self.own:
            return self.own[exchange]
        return _tariff(exchange, symbol).get("taker_pct") if self.table else 0.0


NO_FEES = Fees(table=False)


def published(exchange: str) -> dict[str, Any]:
    """The table's row of an exchange, with FIELDS; None where a figure is not known."""
    return {name: AS_OF if name == "as_of" else _EXCHANGES.get(exchange, _NONE).get(name) for name in FIELDS}


def link_pattern(exchange: str) -> str | None:
    """Its contracts' pages, as fees.json writes it: https://www.okx.com/trade-swap/{symbol_lower}. None: not known."""
    pattern: str | None = _EXCHANGES.get(exchange, _NONE).get("trade_url")
    return pattern


def trade_url(exchange: str, row: Mapping[str, Any]) -> str | None:
    """The contract's page; None where it is not known. Of the row: symbol, base, quote and kind."""
    entry = _EXCHANGES.get(exchange, _NONE)
    special = entry.get("trade_url_of", _NONE)
    pattern = next((special[key] for key in (row["kind"], row["quote"]) if key in special), entry.get("trade_url"))
    return None if pattern is None else pattern.format_map(_words(row))


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    """What may stand in a pattern, escaped for a path: dYdX's symbols hold commas, Gate's Chinese."""
    symbol = row["symbol"]
    words = {
        "symbol": symbol,
        "symbol_lower": symbol.lower(),
        "symbol_hyphens": symbol.replace("_", "-"),
        "symbol_without_t": symbol.removeprefix("t"),
        "base": row["base"],
        "quote": row["quote"],
    }
    return {name: quote(word, safe=":") for name, word in words.items()}


def _tariff(exchange: str, symbol: str) -> dict[str, Any]:
    entry = _EXCHANGES.get(exchange, _NONE)
    special: dict[str, Any] | None = entry.get("with_colon") if ":" in symbol else None
    return entry if special is None else special
