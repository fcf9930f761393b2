"""What happened to the installation, in sentences: alerts are made of them. Nothing is ever taken out."""

import sqlite3

from funding.store.open import in_words, transaction

LONGEST_WORDS = 500


def save_event(conn: sqlite3.Connection, kind: str, text: str, at: int) -> int:
    """Its id. `kind`: one word; `text`: one line for people. Raises StoreError."""
    words = "".join(char if char.isprintable() else " " for char in text[:LONGEST_WORDS])
    with transaction(conn):
        event_id: int = conn.execute(
            "INSERT INTO event (at, kind, text) VALUES (?, ?, ?) RETURNING id", (at, kind, words)
        ).fetchone()[0]
    return event_id


def newest_events(conn: sqlite3.Connection, limit: int = 20) -> list[sqlite3.Row]:
    """Columns id, at, kind, text; the oldest of them first. Raises StoreError."""
    with in_words(conn):
        return conn.execute("SELECT id, at, kind, text FROM event ORDER BY id DESC LIMIT ?", (limit,)).fetchall()[::-1]


def events_after(conn: sqlite3.Connection, event_id: int) -> list[sqlite3.Row]:
    """Columns as above; all that came later, the oldest first. Raises StoreError."""
    with in_words(conn):
        return conn.execute("SELECT id, at, kind, text FROM event WHERE id > ? ORDER BY id", (event_id,)).fetchall()
