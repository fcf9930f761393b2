"""What contracts charged in the last 30 days, kept while it stays the same: until the next quarter of an hour."""

import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from funding.analysis.alive import alive_since
from funding.analysis.charges import Charges, by_contract
from funding.analysis.sums import DAY, DAYS, NOT_KNOWN, Sums, sums
from funding.api.market import Row
from funding.store.settlements import select_charges

QUARTER = 900  # settlements fall on whole minutes, most on hours; by then they are stored
MOST_KEPT = 2_000  # about 1 KB each
BEFORE_SECONDS = 86_400  # of the month, so that the interval of its first settlement is seen
BATCH = 500  # contracts a query

Legs = tuple[Row, Row]  # short, long
Hours = Mapping[int, float | None]  # contract id → its present interval


class Lately:
    """By contract and by pair. Two threads may read the same at once, to no harm."""

    def __init__(self) -> None:
        self._sums: OrderedDict[tuple[int, int], Sums] = OrderedDict()  # contract, until
        self._alive: OrderedDict[tuple[int, int, int], int | None] = OrderedDict()  # short, long, until

    def sums(self, connection: sqlite3.Connection, hours: Hours, now: int) -> dict[int, Sums]:
        """Contract id → what it charged in each of the last 30 days, up to the last quarter of an hour."""
        until = now - QUARTER - now % QUARTER  # what fell due before it is stored by now
        self._read(connection, {one: hours[one] for one in hours if (one, until) not in self._sums}, until)
        return {one: self._sums.get((one, until), NOT_KNOWN) for one in hours}

    def alive(
        self, connection: sqlite3.Connection, pairs: Collection[Legs], now: int
    ) -> dict[tuple[int, int], int | None]:
        """(short's id, long's id) → since when the spread has been there, by what was charged."""
        until = now - QUARTER - now % QUARTER  # what fell due before it is stored by now
        missing = [pair for pair in pairs if (*_ids(pair), until) not in self._alive]
        charges = self._read(connection, hours_of(leg for pair in missing for leg in pair), until)
        for short, long in map(_ids, missing):
            since = alive_since(charges.get(short, Charges()), charges.get(long, Charges()))
            _keep(self._alive, (short, long, until), since)
        return {_ids(pair): self._alive.get((*_ids(pair), until)) for pair in pairs}

    def _read(self, connection: sqlite3.Connection, hours: Hours, until: int) -> Mapping[int, Charges]:
        """What these charged; their sums are kept on the way."""
        found = dict(_charges(connection, list(hours), until))
        for contract_id in hours:
            known = found.get(contract_id)
            summed = NOT_KNOWN if known is None else sums(known, until, hours[contract_id])
            _keep(self._sums, (contract_id, until), summed)
        return found


def hours_of(rows: Iterable[Row]) -> Hours:
    return {row.contract_id: row["funding_interval_hours"] for row in rows}


def _ids(pair: Legs) -> tuple[int, int]:
    return pair[0].contract_id, pair[1].contract_id


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _charges(connection: sqlite3.Connection, contract_ids: list[int], until: int) -> Iterator[tuple[int, Charges]]:
    start = until - DAYS * DAY - BEFORE_SECONDS
    for place in range(0, len(contract_ids), BATCH):
        yield from by_contract(select_charges(connection, contract_ids[place : place + BATCH], start, until + 1))
