"""Reads the rates as they stand now."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from funding.store.open import in_words

LISTED_SECONDS = 86_400
CONTRACT = ("exchange", "symbol", "base", "asset", "asset_class", "multiplier", "quote", "settle", "kind")
LATEST = (
    "contract_id", "funding_rate", "rate_kind", "funding_interval_hours", "interval_source", "next_funding_time",
    "next_funding_source", "funding_rate_cap", "funding_rate_floor", "mark_price", "index_price", "open_interest_usd",
    "volume_24h_usd", "exchange_at", "observed_at",
)  # fmt: skip
COLUMNS = {name: f"c.{name}" for name in CONTRACT} | {name: f"l.{name}" for name in LATEST}


def select_current(
    conn: sqlite3.Connection,
    *,
    contract_ids: Sequence[int] = (),
    exchanges: Sequence[str] = (),
    assets: Sequence[str] = (),
    quotes: Sequence[str] = (),
    symbols: Sequence[str] = (),
    kind: str | None = None,
    interval_hours: Sequence[float] = (),
    min_volume_usd: float | None = None,
    min_open_interest_usd: float | None = None,
) -> Iterator[sqlite3.Row]:
    """Every current contract with its rate, by exchange and symbol: Rate's fields, contract_id and last_seen_at.

    Current: of a declared exchange, and observed less than a day before its last good run began. A day, because a good
    run may lack a listed contract: its row was unreadable, its call failed, or the exchange is asked for a part at a
    time. So a delisted contract is seen, ever staler, for a day at most; and an exchange that cannot be reached keeps
    its contracts. The last settled rate and its time are the exchange's own, or both of the newest settlement that is
    stored. A minimum leaves out what is unknown. Reads as it is iterated. Raises StoreError.
    """
    where, values = conditions(
        {
            "c.id": contract_ids,
            "c.exchange": exchanges,
            "c.asset": assets,
            "c.quote": quotes,
            "c.symbol": symbols,
            "c.kind": () if kind is None else (kind,),
            "l.funding_interval_hours": interval_hours,
        },
        {"l.volume_24h_usd": min_volume_usd, "l.open_interest_usd": min_open_interest_usd},
    )
    with in_words(conn):
        yield from conn.execute(
            f"""
            SELECT c.exchange, c.symbol, c.base, c.asset, c.asset_class, c.multiplier, c.quote, c.settle, c.kind,
                l.funding_rate, l.rate_kind, l.funding_interval_hours, l.interval_source, l.next_funding_time,
                l.next_funding_source,
                CASE WHEN l.last_settled_rate IS NULL THEN s.rate ELSE l.last_settled_rate END AS last_settled_rate,
                CASE WHEN l.last_settled_rate IS NULL THEN s.funding_time ELSE l.last_settled_at END
                    AS last_settled_at,
                l.funding_rate_cap, l.funding_rate_floor, l.mark_price, l.index_price, l.open_interest_usd,
                l.volume_24h_usd, l.exchange_at, l.observed_at,
                l.observed_at AS last_seen_at, l.contract_id
            FROM exchange AS e
            JOIN run AS good
                ON good.id = (SELECT max(id) FROM run WHERE exchange = e.id AND error_kind IS NULL)
            JOIN contract AS c ON c.exchange = e.id
            JOIN latest AS l ON l.contract_id = c.id
            LEFT JOIN settlement AS s ON s.contract_id = l.contract_id
                AND s.funding_time = (SELECT max(funding_time) FROM settlement WHERE contract_id = l.contract_id)
            WHERE e.declared = 1 AND l.observed_at > good.started_at - ? {where}
            ORDER BY c.exchange, c.symbol
            """,  # noqa: S608 - the conditions are columns named above and question marks
            (LISTED_SECONDS, *values),
        )


def select_columns(conn: sqlite3.Connection, *names: str) -> Iterator[tuple[Any, ...]]:
    """Of every contract that select_current() gives, in the same order, these of COLUMNS, as plain tuples.

    For whoever needs a few of all contracts: the last settled rates, not among them, cost nearly as much as all the rest.
    Raises StoreError.
    """
    cursor = conn.cursor()
    cursor.row_factory = None
    with in_words(conn):
        yield from cursor.execute(
            f"""
            SELECT {", ".join(COLUMNS[name] for name in names)}
            FROM exchange AS e
            JOIN run AS good
                ON good.id = (SELECT max(id) FROM run WHERE exchange = e.id AND error_kind IS NULL)
            JOIN contract AS c ON c.exchange = e.id
            JOIN latest AS l ON l.contract_id = c.id
            WHERE e.declared = 1 AND l.observed_at > good.started_at - ?
            ORDER BY c.exchange, c.symbol
            """,  # noqa: S608 - columns named above
            (LISTED_SECONDS,),
        )


def conditions(
    among: dict[str, Sequence[str] | Sequence[int] | Sequence[float]], at_least: dict[str, float | None]
) -> tuple[str, list[str | float]]:
    """SQL and its values; an empty sequence or None asks for nothing."""
    parts: list[str] = []
    values: list[str | float] = []
    for column, allowed in among.items():
        if allowed:
            parts.append(f"AND {column} IN ({', '.join('?' * len(allowed))})")
            values.extend(allowed)
    for column, least in at_least.items():
        if least is not None:
            parts.append(f"AND {column} >= ?")
            values.append(least)
    return " ".join(parts), values
