"""How each watched thing stands, and the messages that are to be sent. One transaction changes both, or neither."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funding.store.open import in_words, transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """How one thing stands. Times are Unix seconds; None: not so."""

    key: str
    bad_since: int | None = None
    streak: int = 0  # looks in a row that said the other of bad_since
    raised_at: int | None = None  # when it was last announced
    announced: bool = False
    title: str | None = None
    resolved: str | None = None  # the title of the message that it is over; None: there is none
    muted_until: int | None = None  # never written by save_judgement: mute() may run beside it


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be sent."""

    channel: str
    recipient: str
    alert: dict[str, Any]


# Judgements


def select_standings(conn: sqlite3.Connection) -> dict[str, Standing]:
    """Everything that was ever bad, by key. Raises StoreError."""
    with in_words(conn):
        rows = conn.execute(
            """
            SELECT key, bad_since, streak, raised_at, announced, title, resolved, muted_until
            FROM alert_state ORDER BY key
            """
        ).fetchall()
    return {row["key"]: Standing(**{**dict(row), "announced": bool(row["announced"])}) for row in rows}


def save_judgement(
    conn: sqlite3.Connection,
    standings: Iterable[Standing],
    letters: Iterable[Letter],
    now: int,
    marks: Mapping[str, int] | None = None,
) -> None:
    """What was judged, what is to be said of it, and how far that goes, together: nothing is repeated, nothing lost.

    A letter that resolves a thing answers the last one to the same recipient that raised it. Raises StoreError.
    """
    with transaction(conn):
        conn.executemany(
            """
            INSERT INTO alert_state (key, bad_since, streak, raised_at, announced, title, resolved)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET
                bad_since = excluded.bad_since, streak = excluded.streak, raised_at = excluded.raised_at,
                announced = excluded.announced, title = excluded.title, resolved = excluded.resolved
            """,
            [
                (one.key, one.bad_since, one.streak, one.raised_at, int(one.announced), one.title, one.resolved)
                for one in standings
            ],
        )
        for letter in letters:
            _insert(conn, letter, now)
        conn.executemany(
            "INSERT INTO alert_mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            list((marks or {}).items()),
        )


def _insert(conn: sqlite3.Connection, letter: Letter, now: int) -> None:
    moved = conn.execute(
        "SELECT moved_to FROM recipient_moved WHERE channel = ? AND recipient = ?", (letter.channel, letter.recipient)
    ).fetchone()
    recipient = letter.recipient if moved is None else moved[0]
    reply_to = conn.execute(
        """
        SELECT max(id) FROM outbox
        WHERE channel = ? AND recipient = ? AND ? = 'resolved'
            AND json_extract(alert, '$.key') = ? AND json_extract(alert, '$.kind') = 'raised'
        """,
        (letter.channel, recipient, letter.alert["kind"], letter.alert["key"]),
    ).fetchone()[0]
    conn.execute(
        "INSERT INTO outbox (channel, recipient, alert, reply_to, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?)",
        (letter.channel, recipient, json.dumps(letter.alert, ensure_ascii=False), reply_to, now, now),
    )


def select_mark(conn: sqlite3.Connection, name: str) -> int | None:
    """Raises StoreError."""
    with in_words(conn):
        row = conn.execute("SELECT value FROM alert_mark WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def mute(conn: sqlite3.Connection, key: str, until: int | None) -> None:
    """Nothing is said of it until then; None ends that. Raises StoreError."""
    with transaction(conn):
        conn.execute(
            """
            INSERT INTO alert_state (key, streak, announced, muted_until) VALUES (?, 0, 0, ?)
            ON CONFLICT (key) DO UPDATE SET muted_until = excluded.muted_until
            """,
            (key, until),
        )


# Sending


def select_waiting(conn: sqlite3.Connection, now: int) -> list[sqlite3.Row]:
    """What may be sent now, the oldest first: only recipients whose oldest waiting message is due, so that order is kept.

    One from the future is due too: the clock was set back. Columns: those of the table, and answers, the recipient's
    number of the message that this one ends. Raises StoreError.
    """
    with in_words(conn):
        return conn.execute(
            """
            WITH oldest AS (
                SELECT channel, recipient, min(id) AS id FROM outbox WHERE done_at IS NULL GROUP BY channel, recipient
            )
            SELECT waiting.*, ended.message_id AS answers
            FROM oldest
            JOIN outbox AS head ON head.id = oldest.id AND (head.due_at <= :now OR head.created_at > :now)
            JOIN outbox AS waiting
                ON waiting.channel = head.channel AND waiting.recipient = head.recipient AND waiting.done_at IS NULL
            LEFT JOIN outbox AS ended ON ended.id = waiting.reply_to
            ORDER BY waiting.channel, waiting.recipient, waiting.id
            """,
            {"now": now},
        ).fetchall()


def begin_try(conn: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Before the request goes out: should this process die now, nobody knows whether it was sent. Raises StoreError."""
    with transaction(conn):
        conn.executemany("UPDATE outbox SET unsure = 1 WHERE id = ?", [(one,) for one in ids])


def mark_sent(conn: sqlite3.Connection, ids: Sequence[int], message_id: int | None, now: int) -> None:
    """Raises StoreError."""
    with transaction(conn):
        conn.executemany(
            "UPDATE outbox SET done_at = ?, message_id = ?, unsure = 0, error = NULL WHERE id = ?",
            [(now, message_id, one) for one in ids],
        )


def mark_failed(conn: sqlite3.Connection, ids: Sequence[int], words: str, due_at: int, *, unsure: bool) -> None:
    """To be tried again. Raises StoreError."""
    with transaction(conn):
        conn.executemany(
            "UPDATE outbox SET error = ?, unsure = ?, due_at = ? WHERE id = ?",
            [(words, int(unsure), due_at, one) for one in ids],
        )


def give_up(conn: sqlite3.Connection, ids: Sequence[int], words: str, now: int) -> None:
    """No try will help. Raises StoreError."""
    with transaction(conn):
        conn.executemany(
            "UPDATE outbox SET error = ?, unsure = 0, done_at = ? WHERE id = ?", [(words, now, one) for one in ids]
        )


def move_recipient(conn: sqlite3.Connection, channel: str, old: str, new: str) -> None:
    """What waits goes to the new one, and so does what will be addressed to the old one. Raises StoreError."""
    with transaction(conn):
        conn.execute(
            "UPDATE outbox SET recipient = ? WHERE channel = ? AND recipient = ? AND done_at IS NULL",
            (new, channel, old),
        )
        conn.execute(
            """
            INSERT INTO recipient_moved (channel, recipient, moved_to) VALUES (?, ?, ?)
            ON CONFLICT (channel, recipient) DO UPDATE SET moved_to = excluded.moved_to
            """,
            (channel, old, new),
        )


# Looking at it


def newest_letters(conn: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """The newest messages, sent or not, the newest first. Raises StoreError."""
    with in_words(conn):
        return conn.execute("SELECT * FROM outbox ORDER BY id DESC LIMIT ?", (limit,)).fetchall()


def select_undelivered(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """channel, recipient, error, since, given_up: whom the last message that was tried did not reach. Raises StoreError."""
    with in_words(conn):
        return conn.execute(
            """
            SELECT channel, recipient, error, created_at AS since, done_at IS NOT NULL AS given_up
            FROM outbox
            WHERE id IN (
                SELECT max(id) FROM outbox WHERE done_at IS NOT NULL OR error IS NOT NULL GROUP BY channel, recipient
            ) AND error IS NOT NULL
            ORDER BY channel, recipient
            """
        ).fetchall()


def oldest_waiting(conn: sqlite3.Connection) -> int | None:
    """When the oldest message that is not sent was written, Unix seconds. Raises StoreError."""
    with in_words(conn):
        oldest: int | None = conn.execute("SELECT min(created_at) FROM outbox WHERE done_at IS NULL").fetchone()[0]
    return oldest


def prune_outbox(conn: sqlite3.Connection, before: int) -> None:
    """Takes out what was done before then, and what has been well since before then. Raises StoreError."""
    with transaction(conn):
        conn.execute("DELETE FROM outbox WHERE done_at < ?", (before,))
        conn.execute(
            """
            DELETE FROM alert_state
            WHERE bad_since IS NULL AND streak = 0 AND coalesce(raised_at, 0) < :before AND coalesce(muted_until, 0) < :before
            """,
            {"before": before},
        )
