"""The settled history that is stored, against what exchanges have: what a contract lacks, and storing what came.

One thread calls this. It never asks an exchange.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection

from funding.adapter import DAY, HOUR, Exchange, History, Settlement
from funding.analysis.series import Settled, gaps
from funding.backfill import Contract, Got, Job
from funding.history import intervals
from funding.rate import LONGEST_INTERVAL_HOURS
from funding.store.known import insert_asked, select_asked, select_known
from funding.store.open import transaction
from funding.store.rates import select_current
from funding.store.settlements import Charged, insert_settlements, select_settlements
from funding.walk import Span, is_by_time

MOST_SPANS = 4  # of a contract with more holes the whole is asked for again
AROUND = int(LONGEST_INTERVAL_HOURS * HOUR)  # so far away a neighbour still tells an interval
BEFORE = DAY  # is asked for beyond the start: the settlement before the first one tells its interval


@dataclass(frozen=True, slots=True)
class Wanted:
    """How deep, and what counts as known: what exchanges said, and what we observed from `observed` on."""

    now: int  # Unix seconds
    days: float
    observed: int | None = None  # None: nothing that was observed counts
    late: int = 1  # intervals since the last settlement after which one is lacking

    def start(self, history: History) -> int:
        return self.now - int(min(self.days, history.days or self.days) * DAY)


def contracts_of(conn: Connection, exchange: str, assets: Sequence[str] = ()) -> list[Contract]:
    """The current ones, by id. Raises StoreError."""
    rows = select_current(conn, exchanges=(exchange,), assets=assets)
    contracts = [
        Contract(
            id=row["contract_id"],
            symbol=row["symbol"],
            base=row["base"],
            quote=row["quote"],
            settle=row["settle"],
            kind=row["kind"],
            interval_hours=row["funding_interval_hours"],
        )
        for row in rows
    ]
    return sorted(contracts, key=lambda contract: contract.id)


def jobs_of(
    conn: Connection, name: str, history: History, contracts: Iterable[Contract], wanted: Wanted
) -> Iterator[Job]:
    """One for each contract that lacks something. Raises StoreError."""
    start, asked = wanted.start(history), select_asked(conn, name)
    for contract in contracts:
        known = select_known(conn, contract.id, start, wanted.now, wanted.observed)
        spans = list(lacking(known, contract.interval_hours, start, wanted, asked.get(contract.id)))
        if len(spans) > MOST_SPANS or (spans and not is_by_time(history)):
            spans = [Span(spans[-1].since, wanted.now)]
        if spans:
            yield Job(contract, start, tuple(spans))


def lacking(
    known: Sequence[Settled], interval_hours: float | None, start: int, wanted: Wanted, asked: int | None
) -> Iterator[Span]:
    """The spans in which settlements are due that are not known, newest first.

    `interval_hours`: the contract's, where a settlement has none; None: not known. `asked`: from there on the exchange
    has been asked: what lies before the first settlement is not there.
    """
    if not known:
        yield Span(start - BEFORE, wanted.now)
        return
    last, own = known[-1]
    if last + (own or interval_hours or 0.0) * HOUR * wanted.late <= wanted.now:
        yield Span(last, wanted.now)
    for gap in reversed(list(gaps(known))):
        yield Span(gap.after, gap.before)
    first, own = known[0]
    unasked = first if asked is None else min(first, asked)
    if first - (own or interval_hours or 0.0) * HOUR >= start and unasked > start:
        yield Span(start - BEFORE, unasked)


def save(conn: Connection, exchange: Exchange, got: Got) -> int:
    """Stores what came of a job, in one transaction; how many settlements are new, or not what they were. Raises StoreError."""
    contract_id = got.job.contract.id
    with transaction(conn):
        settled = [replace(one, time=_due(exchange, one.time)) for one in got.settled]
        rows = _changed(conn, contract_id, settled, exchange.interval_hours)
        changed = [row for row in rows if row.funding_time >= got.job.start]
        insert_settlements(conn, changed)
        if got.error is None and got.listed:
            insert_asked(conn, contract_id, got.job.start)
    return len(changed)


def _due(exchange: Exchange, time: int) -> int:
    """On the grid where payments are: one that came minutes late, at the first trade, was observed as due there too."""
    if not exchange.on_grid or exchange.interval_hours is None:
        return time
    return time - time % int(exchange.interval_hours * HOUR)


def _changed(
    conn: Connection, contract_id: int, settled: Sequence[Settlement], constant: float | None
) -> Iterator[Charged]:
    """The rows to write: what came, merged with what is stored, and stored ones whose interval has become known."""
    if not settled:
        return
    oldest, newest = min(one.time for one in settled), max(one.time for one in settled)
    rows = select_settlements(conn, [contract_id], oldest - AROUND, newest + AROUND + 1)
    stored = {row["funding_time"]: Charged(**dict(zip(row.keys(), row, strict=True))) for row in rows}
    merged = stored | {one.time: _merged(contract_id, one, stored.get(one.time)) for one in settled}
    times = sorted(merged)
    after = next((time for time in times if time > newest), newest)
    for time, hours in zip(times, intervals(times, constant), strict=True):
        row = merged[time]
        if row.interval_hours is None and oldest <= time <= after:
            row = replace(row, interval_hours=hours)
        if row != stored.get(time):
            yield row


def _merged(contract_id: int, one: Settlement, stored: Charged | None) -> Charged:
    """The exchange's word, and what it leaves open as we know it."""
    said = Charged(contract_id, one.time, one.rate, one.interval_hours, one.mark_price, "venue")
    if stored is None:
        return said
    return replace(
        stored,
        rate=said.rate,
        interval_hours=said.interval_hours or stored.interval_hours,
        mark_price=said.mark_price or stored.mark_price,
        source="venue",
    )
