"""A process that makes state changes and sends them, over and over, until all are sent: to be killed at any moment.

`python -m tests.alerts.worker DATABASE BOT_URL CHANGES SPEED`: SPEED seconds pass for it in a real one.
"""

import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from funding.alerts.judge import Finding, judge
from funding.alerts.outbox import Sender
from funding.alerts.telegram import Telegram
from funding.connections import Limits
from funding.fetch import Fetcher
from funding.store.open import writer
from funding.store.outbox import Letter, oldest_waiting, save_judgement, select_mark, select_standings
from tests.alerts.botapi import TOKEN

CHATS = ("1001", "-2002")
THINGS = 7


def main(database: Path, url: str, changes: int, speed: float) -> None:
    fetcher = Fetcher(plain=True, limits=Limits(connect_seconds=1, answer_seconds=1, body_bytes=1 << 20))
    sender = Sender(
        {"telegram": Telegram(fetcher.fetch, TOKEN, url)},
        clock=lambda: 1_790_000_000 + time.monotonic() * speed,
        timer=lambda: time.monotonic() * speed,
    )
    with closing(writer(database, synchronous="FULL")) as conn:
        while True:
            done = select_mark(conn, "change") or 0
            waiting = oldest_waiting(conn)
            if done >= changes and waiting is None:
                return
            if done < changes and (waiting is None or done % 3):
                change(conn, done, int(sender.clock()))
            sender.send_waiting(conn)
            time.sleep(0.001)


def change(conn: sqlite3.Connection, number: int, now: int) -> None:
    """Change `number`, 0, 1, 2, …: each thing is bad, then well, then bad. State, message and how far we are together."""
    key = f"thing:{number % THINGS}"
    title = f"change {number}."
    finding = Finding(key=key, title=title, resolved=f"change {number + THINGS}.", cooldown_seconds=0)
    bad = (number // THINGS) % 2 == 0
    verdict = judge(select_standings(conn), [finding] if bad else [], lambda one: one == key, now)
    letters = [Letter("telegram", chat, one.to_json()) for one in verdict.alerts for chat in CHATS]
    save_judgement(conn, verdict.standings, letters, now, {"change": number + 1})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
