"""Reads the rates as rules look at them: as they stand, as they were at a moment, and step by step through the past."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from funding.alerts.market import Contract, Snapshot
from funding.alerts.rules import Row
from funding.analysis.current import STORED, current
from funding.analysis.prices import price_suspects
from funding.store.contracts import select_contracts
from funding.store.observations import select_at, select_span
from funding.store.packing import Observation
from funding.store.rates import select_current

HOUR = 3600
UNKNOWN: Mapping[str, Any] = dict.fromkeys(STORED)


def snapshot_now(conn: sqlite3.Connection, now: int, stale_threshold_seconds: int) -> Snapshot:
    """Raises StoreError."""
    rows = [current(row, now, stale_threshold_seconds) for row in map(dict, select_current(conn))]
    suspects = price_suspects(rows)
    for row in rows:
        row["suspect"] = suspects.get((row["exchange"], row["symbol"]))
    return Snapshot(rows, now)


def snapshot_at(conn: sqlite3.Connection, at: int, stale_threshold_seconds: int) -> Snapshot:
    """Rates, intervals and next times as they were known then; nothing else was kept. Raises StoreError."""
    contracts = {row["contract_id"]: dict(row) for row in select_contracts(conn)}
    observed = {one.contract_id: one for one in select_at(conn, at)}
    return _snapshot(contracts, observed, at, stale_threshold_seconds)


def replay(
    conn: sqlite3.Connection, start: int, end: int, step: int, stale_threshold_seconds: int,
    meant: Callable[[Row], bool],
) -> Iterator[Snapshot]:  # fmt: skip
    """A snapshot every `step` seconds, of the contracts that are meant.

    Rates, intervals and next times are those of then. Volume, open interest and whether a price is suspect were not
    kept: they are those of now. Raises StoreError.
    """
    today = {(row["exchange"], row["symbol"]): row for row in snapshot_now(conn, end, stale_threshold_seconds).rows}
    contracts = {row["contract_id"]: dict(row) | _of_today(today, dict(row)) for row in select_contracts(conn)}
    contracts = {number: row for number, row in contracts.items() if row["suspect"] is None and meant(row)}
    observed = {one.contract_id: one for one in select_at(conn, start, contracts)}
    moment = start
    for hour in range(start, end, HOUR):
        later = sorted(select_span(conn, contracts, hour, min(hour + HOUR, end)), key=attrgetter("observed_at"))
        place = 0
        while moment < min(hour + HOUR, end):
            while place < len(later) and later[place].observed_at <= moment:
                observed[later[place].contract_id] = later[place]
                place += 1
            yield _snapshot(contracts, observed, moment, stale_threshold_seconds)
            moment += step
        observed |= {one.contract_id: one for one in later[place:]}


def _of_today(today: Mapping[Contract, Row], contract: Row) -> dict[str, Any]:
    row = today.get((contract["exchange"], contract["symbol"]), {})
    return {name: row.get(name) for name in ("volume_24h_usd", "open_interest_usd", "suspect")}


def _snapshot(
    contracts: Mapping[int, dict[str, Any]], observed: Mapping[int, Observation], at: int, threshold: int
) -> Snapshot:
    rows = [
        current({**UNKNOWN, **contracts[number], **_figures(one)}, at, threshold)
        for number, one in observed.items()
        if number in contracts and at - one.observed_at < 24 * HOUR
    ]
    return Snapshot(rows, at)


def _figures(one: Observation) -> dict[str, Any]:
    return {
        "funding_rate": one.rate,
        "funding_interval_hours": one.interval_hours,
        "next_funding_time": one.next_funding_time,
        "observed_at": one.observed_at,
    }
