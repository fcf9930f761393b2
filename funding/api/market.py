"""All contracts as analysis takes them, made once per snapshot, and which of them are not what they say they are."""

import math
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from funding.analysis.current import FIELDS, STORED, Values, shown, stale_reason
from funding.analysis.prices import Contract, price_suspects
from funding.api.database import Reading
from funding.store.rates import select_current

PLACES = {field: place for place, field in enumerate(FIELDS)}
CONTRACT = itemgetter(PLACES["exchange"], PLACES["symbol"])
PRICED = ("exchange", "symbol", "asset", "quote", "multiplier", "mark_price", "open_interest_usd")


class Row(Mapping[str, Any]):
    """A row of `current` as a mapping: as a tuple, thousands of them are half as large as dicts."""

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


def make_suspects(reading: Reading, stale_threshold_seconds: int) -> dict[Contract, str]:
    """Contract → why it is not to be trusted: its price is not its asset's, or its rate lies outside its own cap."""
    rows = list(_priced(reading, stale_threshold_seconds))
    outside = {(row["exchange"], row["symbol"]): row["outside"] for row in rows if row["outside"] is not None}
    return {**outside, **price_suspects(rows)}


def make_market(reading: Reading, stale_threshold_seconds: int, suspects: Mapping[Contract, str]) -> list[Row]:
    """Every current contract, by exchange and symbol."""
    pick, rows = None, []
    for stored in select_current(reading.connection):
        pick = pick or itemgetter(*map(stored.keys().index, ("contract_id", *STORED)))
        contract_id, *values = pick(stored)
        rows.append(Row(contract_id, mark(shown(values, reading.now, stale_threshold_seconds), suspects)))
    return rows


def marked(rows: Iterable[Values], suspects: Mapping[Contract, str]) -> Iterable[Values]:
    """The rows of `current`, those that are suspect saying so."""
    return (mark(row, suspects) for row in rows) if suspects else rows


def mark(row: Values, suspects: Mapping[Contract, str]) -> Values:
    """`suspect` is the last of FIELDS."""
    reason = suspects.get(CONTRACT(row))
    return row if reason is None else (*row[:-1], reason)


def _priced(reading: Reading, threshold: int) -> Iterator[dict[str, Any]]:
    wanted = (*PRICED, "observed_at", "exchange_at", "next_funding_time", "funding_interval_hours",
              "funding_rate", "funding_rate_cap", "funding_rate_floor")  # fmt: skip
    pick = None
    for stored in select_current(reading.connection):
        pick = pick or itemgetter(*map(stored.keys().index, wanted))
        *priced, observed_at, exchange_at, due, hours, rate, cap, floor = pick(stored)
        stale = stale_reason(observed_at, exchange_at, due, hours, reading.now, threshold) is not None
        yield {**dict(zip(PRICED, priced, strict=True)), "stale": stale, "outside": _outside(rate, cap, floor)}


def _outside(rate: float, cap: float | None, floor: float | None) -> str | None:
    if cap is not None and rate > cap and not math.isclose(rate, cap, rel_tol=1e-6):
        return f"rate {rate:g} is above the exchange's own cap of {cap:g}"
    if floor is not None and rate < floor and not math.isclose(rate, floor, rel_tol=1e-6):
        return f"rate {rate:g} is below the exchange's own floor of {floor:g}"
    return None
