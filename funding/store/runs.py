"""Stores what a run came to: the run always, and what a good one brought, in one transaction."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter

from funding.errors import StoreError
from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.open import in_words, transaction

LONGEST_WORDS = 500
MOST_REASONS = 20  # a body of garbage can give every row a reason of its own

facts = attrgetter("base", "asset", "asset_class", "multiplier", "quote", "settle", "kind")
figures = attrgetter(
    "observed_at", "exchange_at", "funding_rate", "rate_kind", "funding_interval_hours", "interval_source",
    "next_funding_time", "next_funding_source", "last_settled_rate", "last_settled_at", "funding_rate_cap",
    "funding_rate_floor", "mark_price", "index_price", "open_interest_usd", "volume_24h_usd",
)  # fmt: skip
Contracts = dict[str, tuple[int, int]]  # symbol → id and hash of the facts, which as such would take twice the memory
UNKNOWN = (0, 0)


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
    """
    rates = outcome.rates if outcome.ok else ()
    known = {} if known is None else known
    contracts = known.pop(outcome.exchange, None)  # and back only after the commit: what was rolled back is not known
    with transaction(conn):
        run_id = _insert_run(conn, outcome, len(rates))
        if contracts is None:
            contracts = _select_contracts(conn, outcome.exchange)
        _upsert_latest(conn, _rows(conn, outcome, rates, contracts, clock()))
    known[outcome.exchange] = contracts
    return run_id


def newest_run(conn: sqlite3.Connection) -> int | None:
    """The id of the newest run of any exchange: changes whenever anything was collected. None before the first."""
    with in_words(conn):
        newest: int | None = conn.execute("SELECT max(id) FROM run").fetchone()[0]
    return newest


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
        SELECT id, symbol, base, asset, asset_class, multiplier, quote, settle, kind FROM contract WHERE exchange = ?
        """,
        (exchange,),
    )
    return {symbol: (contract_id, hash(tuple(described))) for contract_id, symbol, *described in rows}


def _rows(
    conn: sqlite3.Connection, outcome: Outcome, rates: Iterable[Rate], contracts: Contracts, now: float
) -> Iterator[tuple[object, ...]]:
    """What _upsert_latest binds. A contract that is new, or described otherwise than before, is written on the way."""
    for rate in rates:  # one pass for both: a second over the rates made the whole a sixth slower
        contract_id, described = contracts.get(rate.symbol, UNKNOWN)
        if described != hash(facts(rate)):
            contract_id = _upsert_contract(conn, outcome, rate)
            contracts[rate.symbol] = contract_id, hash(facts(rate))
        yield contract_id, *figures(rate), now


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
