"""All contracts as analysis takes them, made once per snapshot, and which of them are not what they say they are.

Thousands of rows are kept for as long as nothing changes: so they have what analysis asks for and nothing else.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from funding.analysis.current import FIELDS as CURRENT
from funding.analysis.current import HOURS_A_YEAR, JUDGED, NOISE, Values, frozen, next_funding, rate_pct, stale_reason
from funding.analysis.prices import Contract, price_suspects
from funding.api.database import Reading
from funding.store.rates import select_columns

FIELDS = (
    "exchange", "symbol", "asset", "asset_class", "multiplier", "quote", "kind", "funding_rate", "funding_rate_pct",
    "annualized_pct", "rate_kind", "funding_interval_hours", "next_funding_time", "next_funding_source", "mark_price",
    "open_interest_usd", "volume_24h_usd", "stale", "suspect",
)  # fmt: skip
PLACES = {field: place for place, field in enumerate(FIELDS)}
CONTRACT = itemgetter(CURRENT.index("exchange"), CURRENT.index("symbol"))
# Of few different values: a text comes anew from the database with each row, and is kept once
FEW = (
    "exchange", "asset", "asset_class", "multiplier", "quote", "kind", "rate_kind", "funding_interval_hours",
    "next_funding_source",
)  # fmt: skip
PRICED = ("exchange", "symbol", "asset", "quote", "multiplier", "mark_price", "open_interest_usd")


class Row(Mapping[str, Any]):
    """FIELDS of a row of `current`, as a mapping: as a tuple, thousands of them are half as large as dicts."""

    __slots__ = ("contract_id", "values_in_order")

    def __init__(self, contract_id: int, values: Values) -> None:
        self.contract_id = contract_id
        self.values_in_order = values

    def __getitem__(self, field: str) -> Any:
        return self.values_in_order[PLACES[field]]

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look at all contracts says of them.

    `suspects`: contract → why it is not to be trusted: its price is not its asset's, or its rate lies outside its own cap.
    `frozen`: the exchanges whose contracts are all stale.
    """

    suspects: Mapping[Contract, str]
    frozen: Collection[str]


def judge(reading: Reading, stale_threshold_seconds: int) -> Judged:
    rows = list(_priced(reading, stale_threshold_seconds))
    outside = {(row["exchange"], row["symbol"]): row["outside"] for row in rows if row["outside"] is not None}
    return Judged({**outside, **price_suspects(rows)}, frozen((row["exchange"], row["stale"]) for row in rows))


def make_market(reading: Reading, stale_threshold_seconds: int, suspects: Mapping[Contract, str]) -> list[Row]:
    """Every current contract, by exchange and symbol."""
    now, rows = reading.now, []
    share = dict[Any, Any]().setdefault
    for contract_id, symbol, *few, rate, due, mark_price, interest, volume, exchange_at, observed_at in select_columns(
        reading.connection, "contract_id", "symbol", *FEW, "funding_rate", "next_funding_time", "mark_price",
        "open_interest_usd", "volume_24h_usd", "exchange_at", "observed_at",
    ):  # fmt: skip
        exchange, asset, asset_class, multiplier, quote, kind, rate_kind, hours, source = [
            share(one, one) for one in few
        ]
        stale = stale_reason(observed_at, exchange_at, due, hours, now, stale_threshold_seconds) is not None
        values = (
            exchange, symbol, asset, asset_class, multiplier, quote, kind,
            rate, round(rate * 100, NOISE), rate_pct(rate, hours, HOURS_A_YEAR), rate_kind,
            hours, *next_funding(due, source, hours, now),
            mark_price, interest, volume, stale, suspects.get((exchange, symbol)),
        )  # fmt: skip
        rows.append(Row(contract_id, values))
    return rows


def marked(rows: Iterable[Values], suspects: Mapping[Contract, str]) -> Iterable[Values]:
    """The rows of `current`, those that are suspect saying so."""
    return (mark(row, suspects) for row in rows) if suspects else rows


def mark(row: Values, suspects: Mapping[Contract, str]) -> Values:
    """`suspect` is the last of a row of `current`."""
    reason = suspects.get(CONTRACT(row))
    return row if reason is None else (*row[:-1], reason)


def _priced(reading: Reading, threshold: int) -> Iterator[dict[str, Any]]:
    """Of each contract PRICED, whether it is stale, and why its rate is outside its own limits, if it is."""
    limits = ("funding_rate", "funding_rate_cap", "funding_rate_floor")
    for row in select_columns(reading.connection, *PRICED, *JUDGED, *limits):
        *priced, observed_at, exchange_at, due, hours, rate, cap, floor = row
        stale = stale_reason(observed_at, exchange_at, due, hours, reading.now, threshold) is not None
        yield {**dict(zip(PRICED, priced, strict=True)), "stale": stale, "outside": _outside(rate, cap, floor)}


def _outside(rate: float, cap: float | None, floor: float | None) -> str | None:
    if cap is not None and rate > cap and not math.isclose(rate, cap, rel_tol=1e-6):
        return f"rate {rate:g} is above the exchange's own cap of {cap:g}"
    if floor is not None and rate < floor and not math.isclose(rate, floor, rel_tol=1e-6):
        return f"rate {rate:g} is below the exchange's own floor of {floor:g}"
    return None
