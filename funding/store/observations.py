"""What was quoted, cycle by cycle: written as a blob a cycle, regrouped hour by hour, read by contract or by moment."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from operator import itemgetter

from funding.store.open import in_words, transaction
from funding.store.packing import ALL, WIDTH, Observation, blocks_of, masks_of, pack, unpack, unpack_all
from funding.store.rates import LISTED_SECONDS

HOUR = 3600
EMPTY: Mapping[int, int] = {}
OBSERVED_AT = itemgetter(1)
LATEST_SECONDS = 86_400  # between an observation and its cycle's end: a run that hung longer tells nothing any more


def save_observations(conn: sqlite3.Connection, at: int, observations: Iterable[Observation]) -> int:
    """What a cycle that ended `at` observed; how many it were, without those of a day ago. Raises StoreError.

    Saving the same again changes nothing; more of the same moment is added.
    """
    fresh = [one for one in observations if at - one.observed_at < LATEST_SECONDS]
    if not fresh:
        return 0
    at = max(at, *(one.observed_at for one in fresh))  # later than the end: the clock was set back meanwhile
    with transaction(conn):
        stored = conn.execute("SELECT records FROM observation WHERE at = ?", (at,)).fetchone()
        both = list(chain(unpack_all(stored["records"]) if stored else (), fresh))
        conn.execute(
            """
            INSERT INTO observation (at, first_at, records) VALUES (?, ?, ?)
            ON CONFLICT (at) DO UPDATE SET first_at = excluded.first_at, records = excluded.records
            """,
            (at, min(one.observed_at for one in both), pack(both)),
        )
    return len(fresh)


def merge_hour(conn: sqlite3.Connection, now: int) -> int | None:
    """Regroups the cycles of the oldest hour that is over; its first second, or None: there is none. Raises StoreError.

    One thread does this and saves observations. It reads and packs before it takes the write lock.
    """
    with in_words(conn):
        oldest = conn.execute("SELECT min(at) FROM observation").fetchone()[0]
        if oldest is None or oldest >= now - now % HOUR:
            return None
        hour: int = oldest - oldest % HOUR
        rows = list(_regrouped(conn, hour))
    with transaction(conn):
        conn.execute("DELETE FROM observation_hour WHERE hour = ?", (hour,))
        conn.executemany("INSERT INTO observation_hour (hour, block, first_at, records) VALUES (?, ?, ?, ?)", rows)
        conn.execute("DELETE FROM observation WHERE at >= ? AND at < ?", (hour, hour + HOUR))
    return hour


def _regrouped(conn: sqlite3.Connection, hour: int) -> Iterator[tuple[int, int, int, bytes]]:
    """The rows of an hour, a block at a time: unpacked all at once they would be 20 MB."""
    blobs = conn.execute(
        """
        SELECT records FROM observation_hour WHERE hour = :hour -- already there when the clock was set back
        UNION ALL SELECT records FROM observation WHERE at >= :hour AND at < :hour + 3600
        """,
        {"hour": hour},
    )
    blocks = defaultdict(list)
    for (records,) in blobs:
        for block in blocks_of(records):
            blocks[block.number].append(block)
    for number, parts in sorted(blocks.items()):
        observations = [one for part in parts for contract in unpack(part) for one in contract]
        yield hour, number, min(one.observed_at for one in observations), pack(observations)


def select_observations(
    conn: sqlite3.Connection, contract_ids: Iterable[int], start: int, end: int
) -> Iterator[Observation]:
    """`start` ≤ observed_at < `end`, by contract, as they are given, and time. Reads as it is iterated. Raises StoreError."""
    for contract_id in contract_ids:
        wanted = masks_of([contract_id])
        found: dict[int, Observation] = {}
        for records in _select_blobs(conn, wanted, start, end):
            for observations in _unpacked(records, wanted):
                found |= {one.observed_at: one for one in observations if start <= one.observed_at < end}
        yield from (found[at] for at in sorted(found))


def select_at(
    conn: sqlite3.Connection, at: int, contract_ids: Iterable[int] | None = None, *, within: int = LISTED_SECONDS
) -> Iterator[Observation]:
    """The newest observation of every contract, or of these, at or before a moment, in no order. Raises StoreError.

    `within`: not older than so many seconds; by default the day for which `current` takes a contract to be listed.
    """
    wanted = None if contract_ids is None else masks_of(contract_ids)
    found: dict[int, int] = {}
    for records in _select_blobs(conn, wanted, at - within + 1, at + 1):
        for observations in _unpacked(records, wanted, found):
            newest = max((one for one in observations if one.observed_at <= at), key=OBSERVED_AT, default=None)
            if newest is None:
                continue
            number, slot = divmod(newest.contract_id, WIDTH)
            found[number] = found.get(number, 0) | 1 << slot
            if newest.observed_at > at - within:
                yield newest
        if found == wanted:
            return


def select_span(conn: sqlite3.Connection, contract_ids: Iterable[int], start: int, end: int) -> Iterator[Observation]:
    """`start` ≤ observed_at < `end`, of many contracts at once: in no order, and some may come twice. Raises StoreError."""
    wanted = masks_of(contract_ids)
    for records in _select_blobs(conn, wanted, start, end):
        for observations in _unpacked(records, wanted):
            yield from (one for one in observations if start <= one.observed_at < end)


def _unpacked(
    records: bytes, wanted: Mapping[int, int] | None, found: Mapping[int, int] = EMPTY
) -> Iterator[list[Observation]]:
    """The observations of the contracts that are wanted and not found yet, a list each."""
    for block in blocks_of(records):
        left = (ALL if wanted is None else wanted.get(block.number, 0)) & ~found.get(block.number, 0)
        if block.mask & left:
            yield from unpack(block, left)


def _select_blobs(conn: sqlite3.Connection, blocks: Collection[int] | None, start: int, end: int) -> Iterator[bytes]:
    """All that may hold observations of these blocks (None: of any) with `start` ≤ observed_at < `end`, newest first.

    Cycles before hours: what is merged meanwhile is then read twice, never missed.
    """
    with in_words(conn):
        for (records,) in conn.execute(
            "SELECT records FROM observation WHERE at >= ? AND at < ? AND first_at < ? ORDER BY at DESC",
            (start, end + LATEST_SECONDS, end),
        ):
            yield records
        among = "" if blocks is None else f"AND block IN ({', '.join('?' * len(blocks))})"
        # Each hour is sought by itself. An index by block would find them at once, and be written to in 200 places an hour.
        for hour in _hours(conn, start, end + LATEST_SECONDS):
            for (records,) in conn.execute(
                f"SELECT records FROM observation_hour WHERE hour = ? {among} AND first_at < ?",  # noqa: S608 - marks
                (hour, *(blocks or ()), end),
            ):
                yield records


def _hours(conn: sqlite3.Connection, start: int, end: int) -> range:
    """The hours that are stored and may hold cycles of the span, newest first."""
    oldest, newest = conn.execute(
        "SELECT (SELECT min(hour) FROM observation_hour), (SELECT max(hour) FROM observation_hour)"
    ).fetchone()
    if oldest is None:
        return range(0)
    first, last = max(oldest, start - start % HOUR), min(newest, end - end % HOUR)
    return range(last, first - 1, -HOUR)
