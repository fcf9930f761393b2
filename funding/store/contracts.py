"""Every contract that was ever seen: listed or not, of an exchange that is collected or no longer."""

import sqlite3
from collections.abc import Iterator, Sequence

from funding.store.open import in_words
from funding.store.rates import conditions


def select_contracts(
    conn: sqlite3.Connection,
    *,
    exchanges: Sequence[str] = (),
    assets: Sequence[str] = (),
    quotes: Sequence[str] = (),
    symbols: Sequence[str] = (),
    kind: str | None = None,
) -> Iterator[sqlite3.Row]:
    """contract_id, exchange, symbol, base, asset, asset_class, multiplier, quote, settle, kind; by exchange and symbol.

    Raises StoreError.
    """
    among, values = conditions(
        {
            "exchange": exchanges,
            "asset": assets,
            "quote": quotes,
            "symbol": symbols,
            "kind": () if kind is None else (kind,),
        },
        {},
    )
    with in_words(conn):
        yield from conn.execute(
            f"""
            SELECT id AS contract_id, exchange, symbol, base, asset, asset_class, multiplier, quote, settle, kind
            FROM contract
            WHERE true {among}
            ORDER BY exchange, symbol
            """,  # noqa: S608 - the conditions are columns named above and question marks
            values,
        )
