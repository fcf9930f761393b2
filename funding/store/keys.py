"""API keys by their digest: made, listed, revoked, looked up. Never holds a key."""

import sqlite3

from funding.errors import NotFoundError
from funding.store.open import in_words, transaction


def insert_key(conn: sqlite3.Connection, name: str, tier: str, digest: bytes, now: int) -> int:
    """The new key's id. Raises StoreError."""
    with transaction(conn):
        key_id: int = conn.execute(
            "INSERT INTO api_key (name, tier, digest, created_at) VALUES (?, ?, ?, ?) RETURNING id",
            (name, tier, digest, now),
        ).fetchone()[0]
    return key_id


def select_keys(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """id, name, tier, created_at, revoked_at of every key, by id. Raises StoreError."""
    with in_words(conn):
        return conn.execute("SELECT id, name, tier, created_at, revoked_at FROM api_key ORDER BY id").fetchall()


def revoke_key(conn: sqlite3.Connection, key_id: int, now: int) -> None:
    """From the next request on it is refused. Once is enough: the first time stays. Raises NotFoundError, StoreError."""
    with transaction(conn):
        changed = conn.execute(
            "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (now, key_id)
        ).rowcount
    if not changed:
        raise NotFoundError(f"there is no key {key_id}; funding keys list shows them")


def tier_of(conn: sqlite3.Connection, digest: bytes) -> tuple[int, str] | None:
    """Id and tier of a good key; None for one that is unknown or revoked. Raises StoreError."""
    with in_words(conn):
        row = conn.execute("SELECT id, tier FROM api_key WHERE digest = ? AND revoked_at IS NULL", (digest,)).fetchone()
    return None if row is None else (row["id"], row["tier"])
