"""Stores what a run came to: the run always, and what a good one brought, in one transaction."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from funding.errors import StoreError
from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.between import Quoted, interval_change, observed_settlement, told_settlement
from funding.store.intervals import IntervalChange, insert_interval_changes
from funding.store.open import transaction
from funding.store.packing import Observation
from funding.store.settlements import MINUTE, Charged, insert_settlements, with_predictions

LONGEST_WORDS = 500
MOST_REASONS = 20  # a body of garbage can give every row a reason of its own

facts = attrgetter("base", "asset", "asset_class", "multiplier", "quote", "settle", "kind")
figures = attrgetter(
    "observed_at", "exchange_at", "funding_rate", "rate_kind", "funding_interval_hours", "interval_source",
    "next_funding_time", "next_funding_source", "last_settled_rate", "last_settled_at", "funding_rate_cap",
    "funding_rate_floor", "mark_price", "index_price", "open_interest_usd", "volume_24h_usd",
)  # fmt: skip
quoted = attrgetter(*Quoted._fields)


class Contract(NamedTuple):
    """What the caller of save() keeps of a contract. The hash is of its facts, which as such would take twice the memory."""

    id: int
    described: int
    next_funding_time: int | None
    funding_interval_hours: float | None


Contracts = dict[str, Contract]  # by symbol
UNKNOWN = Contract(0, 0, None, None)


@dataclass(slots=True)
class Events:
    """What happened to contracts between what is stored of them and what is being stored."""

    observed: list[Charged] = field(default_factory=list)
    told: list[Charged] = field(default_factory=list)
    changes: list[IntervalChange] = field(default_factory=list)


def save(
    conn: sqlite3.Connection,
    outcome: Outcome,
    *,
    known: dict[str, Contracts] | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """The run's id. A failed run leaves its row and nothing else: the last good rates stay. Raises StoreError.

    `known`: a dict, empty at first, that the caller keeps as long as `conn`: contracts are then not read again every run.
    An older observation never replaces a newer one, unless the stored one lies in the future: a clock was wrong then.
    What happened between the stored observation of a contract and this one is stored too: settlements, interval changes.
    """
    rates = outcome.rates if outcome.ok else ()
    known = {} if known is None else known
    contracts = known.pop(outcome.exchange, None)  # and back only after the commit: what was rolled back is not known
    with transaction(conn):
        run_id = _insert_run(conn, outcome, len(rates))
        if contracts is None:
            contracts = _select_contracts(conn, outcome.exchange)
        events = Events()
        _upsert_latest(conn, _rows(conn, outcome, rates, contracts, clock(), events))
        insert_settlements(conn, with_predictions(conn, events.observed))
        insert_settlements(conn, events.told)
        insert_interval_changes(conn, events.changes)
    known[outcome.exchange] = contracts
    return run_id


def observations_of(outcomes: Iterable[Outcome], known: Mapping[str, Contracts]) -> Iterator[Observation]:
    """What was quoted in the runs that save() stored, for save_observations(). `known`: as save() was given it."""
    for outcome in outcomes:
        contracts = known.get(outcome.exchange, {})
        for rate in outcome.rates if outcome.ok else ():
            if rate.symbol in contracts and rate.observed_at is not None:
                yield Observation(
                    contracts[rate.symbol].id,
                    rate.observed_at,
                    rate.funding_rate,
                    rate.funding_interval_hours,
                    rate.next_funding_time,
                )


def _insert_run(conn: sqlite3.Connection, outcome: Outcome, rows: int) -> int:
    if not conn.execute("SELECT 1 FROM exchange WHERE id = ?", (outcome.exchange,)).fetchone():
        raise StoreError(f"{outcome.exchange}: a run of an exchange that was not declared")
    run_id: int = conn.execute(
        """
        INSERT INTO run (exchange, started_at, took_seconds, calls, rows, not_ours, skipped, failures, notices,
            error_kind, error)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        RETURNING id
        """,
        (
            outcome.exchange, outcome.started_at, outcome.took_seconds, outcome.calls, rows, outcome.not_ours,
            json.dumps(_bounded(outcome.skipped)), json.dumps(dict(outcome.failures)),
            json.dumps([_clean(notice) for notice in outcome.notices]),
            outcome.error_kind, None if outcome.error is None else _clean(outcome.error),
        ),
    ).fetchone()[0]  # fmt: skip
    return run_id


def _clean(words: str) -> str:
    """Words of an exchange go to logs, terminals and pages: one line, printable, no longer than a paragraph."""
    return "".join(char if char.isprintable() else " " for char in words[:LONGEST_WORDS])


def _bounded(skipped: Mapping[str, int]) -> dict[str, int]:
    """The most frequent reasons; the others as one, so that the sum stays true."""
    reasons: Counter[str] = Counter()
    for place, (reason, rows) in enumerate(Counter(skipped).most_common()):
        reasons[_clean(reason) if place < MOST_REASONS else "other reasons"] += rows
    return dict(reasons)


def _select_contracts(conn: sqlite3.Connection, exchange: str) -> Contracts:
    rows = conn.execute(
        """
        SELECT c.symbol, c.id, l.next_funding_time, l.funding_interval_hours,
            c.base, c.asset, c.asset_class, c.multiplier, c.quote, c.settle, c.kind
        FROM contract AS c LEFT JOIN latest AS l ON l.contract_id = c.id
        WHERE c.exchange = ?
        """,
        (exchange,),
    )
    return {
        symbol: Contract(contract_id, hash(tuple(described)), due, hours)
        for symbol, contract_id, due, hours, *described in rows
    }


def _rows(
    conn: sqlite3.Connection,
    outcome: Outcome,
    rates: Iterable[Rate],
    contracts: Contracts,
    now: float,
    events: Events,
) -> Iterator[tuple[object, ...]]:
    """What _upsert_latest binds. A contract that is new, or described otherwise than before, is written on the way.

    Whether something happened since is asked of the stored row, and only where `contracts` lets expect it.
    """
    for rate in rates:  # one pass for all: a second over the rates made the whole a sixth slower
        if rate.observed_at is None:
            raise StoreError(f"{outcome.exchange}: {rate.symbol} without observed_at")
        contract_id, described, due, hours = contracts.get(rate.symbol, UNKNOWN)
        if described != hash(facts(rate)):
            contract_id, described = _upsert_contract(conn, outcome, rate), hash(facts(rate))
            contracts[rate.symbol] = Contract(contract_id, described, due, hours)
        if (
            rate.next_funding_time != due
            or rate.funding_interval_hours != hours
            or (due is not None and rate.observed_at >= due - MINUTE)
            or rate.last_settled_at is not None
            or rate.rate_kind == "settled"
        ):
            _note(conn, contract_id, rate, events)
            contracts[rate.symbol] = Contract(
                contract_id, described, rate.next_funding_time, rate.funding_interval_hours
            )
        yield contract_id, *figures(rate), now


def _note(conn: sqlite3.Connection, contract_id: int, rate: Rate, events: Events) -> None:
    """What happened to a contract since it was stored: read before the new observation replaces the stored one."""
    row = conn.execute(
        """
        SELECT observed_at, funding_rate, rate_kind, funding_interval_hours, next_funding_time, mark_price,
            last_settled_rate, last_settled_at
        FROM latest WHERE contract_id = ?
        """,
        (contract_id,),
    ).fetchone()
    after = Quoted._make(quoted(rate))
    before = None if row is None else Quoted._make(row)
    if before is not None and before.observed_at > after.observed_at:
        return  # older than what is stored, or that is of a clock that was ahead
    told = told_settlement(contract_id, before, after)
    events.told += [told] if told else []
    if before is not None:
        observed, change = observed_settlement(contract_id, before, after), interval_change(contract_id, before, after)
        events.observed += [observed] if observed else []
        events.changes += [change] if change else []


def _upsert_contract(conn: sqlite3.Connection, outcome: Outcome, rate: Rate) -> int:
    contract_id: int = conn.execute(
        """
        INSERT INTO contract (exchange, first_seen_at, symbol, base, asset, asset_class, multiplier, quote, settle,
            kind)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (exchange, symbol) DO UPDATE SET
            base = excluded.base, asset = excluded.asset, asset_class = excluded.asset_class,
            multiplier = excluded.multiplier, quote = excluded.quote, settle = excluded.settle, kind = excluded.kind
        RETURNING id
        """,
        (outcome.exchange, outcome.started_at, rate.symbol, *facts(rate)),
    ).fetchone()[0]
    return contract_id


def _upsert_latest(conn: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    conn.executemany(
        """
        INSERT INTO latest (contract_id, observed_at, exchange_at, funding_rate, rate_kind,
            funding_interval_hours, interval_source, next_funding_time, next_funding_source, last_settled_rate,
            last_settled_at, funding_rate_cap, funding_rate_floor, mark_price, index_price, open_interest_usd,
            volume_24h_usd)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (contract_id) DO UPDATE SET
            observed_at = excluded.observed_at, exchange_at = excluded.exchange_at,
            funding_rate = excluded.funding_rate, rate_kind = excluded.rate_kind,
            funding_interval_hours = excluded.funding_interval_hours, interval_source = excluded.interval_source,
            next_funding_time = excluded.next_funding_time, next_funding_source = excluded.next_funding_source,
            last_settled_rate = excluded.last_settled_rate, last_settled_at = excluded.last_settled_at,
            funding_rate_cap = excluded.funding_rate_cap, funding_rate_floor = excluded.funding_rate_floor,
            mark_price = excluded.mark_price, index_price = excluded.index_price,
            open_interest_usd = excluded.open_interest_usd, volume_24h_usd = excluded.volume_24h_usd
        WHERE excluded.observed_at >= latest.observed_at OR latest.observed_at > ?
        """,
        rows,
    )
