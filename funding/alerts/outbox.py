"""Sends what waits in the outbox: in order, as fast as a chat may be written to, a storm as one summary."""

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from logging import DEBUG, WARNING, getLogger
from operator import itemgetter

from funding.alerts.alert import Alert, as_summary
from funding.alerts.delivery import Channel, DeliveryError
from funding.store import outbox as store

log = getLogger(__name__)

STORM = 10  # more than so many waiting for one recipient are said in one message
PER_MINUTE = 20  # Telegram's limit for a group; a private chat may have more, but nobody reads more
MINUTE = 60.0
GAP = 1.05  # seconds between two messages: Telegram takes one a second and chat, by its own clock


@dataclass(slots=True)
class Sender:
    """One pass at a time over the outbox. `clock`: Unix seconds, `timer`: monotonic ones."""

    channels: Mapping[str, Channel]
    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.monotonic
    _sent: dict[tuple[str, str], list[float]] = field(default_factory=dict)  # when, within the last minute

    def send_waiting(self, conn: sqlite3.Connection) -> int:
        """Tries what is due, one message a recipient; how many went out. Raises StoreError alone."""
        count = 0
        waiting = store.select_waiting(conn, int(self.clock()))
        for to, rows in groupby(waiting, key=itemgetter("channel", "recipient")):
            if to[0] in self.channels and self._may_send(to):
                count += self._send(conn, self.channels[to[0]], list(rows))
        return count

    def _may_send(self, to: tuple[str, str]) -> bool:
        now = self.timer()
        times = self._sent[to] = [at for at in self._sent.get(to, ()) if now - at < MINUTE]
        return len(times) < PER_MINUTE and (not times or now - times[-1] >= GAP)

    def _send(self, conn: sqlite3.Connection, channel: Channel, rows: list[sqlite3.Row]) -> int:
        rows = rows if len(rows) > STORM else rows[:1]
        alerts = [Alert.from_json(json.loads(row["alert"])) for row in rows]
        alert = as_summary(alerts) if len(alerts) > 1 else alerts[0]
        head, ids, again = rows[0], [row["id"] for row in rows], any(row["unsure"] for row in rows)
        store.begin_try(conn, ids)
        try:
            sent = channel.send(alert, head["recipient"], again=again, reply_to=head["answers"])
        except DeliveryError as error:
            self._failed(conn, head, ids, error, again)
            return 0
        finally:  # from its end: however long it took, the next one comes a second later
            self._sent.setdefault((head["channel"], head["recipient"]), []).append(self.timer())
        store.mark_sent(conn, ids, sent.message_id, int(self.clock()))
        if sent.recipient is not None and sent.recipient != head["recipient"]:
            store.move_recipient(conn, head["channel"], head["recipient"], sent.recipient)
            self._sent.setdefault((head["channel"], sent.recipient), []).append(self.timer())
        return 1

    def _failed(
        self, conn: sqlite3.Connection, head: sqlite3.Row, ids: list[int], error: DeliveryError, again: bool
    ) -> None:
        now, to = int(self.clock()), f"{head['channel']} to {head['recipient']}"
        if error.wait is None:
            store.give_up(conn, ids, str(error), now)
            log.error("%s: given up: %s", to, error)
            return
        wait = max(1, round(error.wait))
        store.mark_failed(conn, ids, str(error), now + wait + 1, unsure=error.unsure or again)
        log.log(DEBUG if head["error"] == str(error) else WARNING, "%s: tried again in %d s: %s", to, wait, error)
