"""The watch: sends the outbox, judges the rules at each new snapshot and the machine every minute, says that it lives.

One thread, one connection. What it cannot store, since the database is gone or the disk full, it sends at once.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from funding.alerts import machine, market
from funding.alerts.alert import Alert, parts, span
from funding.alerts.delivery import Channel, DeliveryError
from funding.alerts.gather import Collector, Fetch, Gatherer, OutsideClock, disk_of, memory_free
from funding.alerts.judge import Verdict, judge, judge_happenings
from funding.alerts.outbox import Sender
from funding.alerts.rules import CHANGES, LEVELS, Row, Rule
from funding.alerts.snapshots import snapshot_at, snapshot_now
from funding.analysis.fees import Fees
from funding.errors import FetchError, NotFoundError, StoreError
from funding.message import Request
from funding.store.events import events_after
from funding.store.migrate import check_writable
from funding.store.open import writer
from funding.store.outbox import (
    Letter,
    Standing,
    oldest_waiting,
    prune_outbox,
    save_judgement,
    select_mark,
    select_standings,
    select_undelivered,
)
from funding.store.watched import Newest, select_newest

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
MACHINE_SECONDS = 60.0
RULES_SECONDS = 10.0  # while a cycle lands there is something new every moment
JUMP_SECONDS = 30.0  # by which the wall clock leaves the other one: it was set, or the machine slept
BROKEN_SECONDS = 10.0  # a restore takes less
DIRECT_SECONDS = 600.0
STUCK_SECONDS = 600  # a message that waits longer: nobody is told anything
PRUNE_SECONDS = 3600.0
KEPT_SECONDS = 30 * 86_400
OLDEST_BEFORE = 86_400  # what happened to the market while no watch was running is told for a day
STALE_CYCLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is watched and who is told, as the settings have it. `recipients`: channel, recipient."""

    database: Path
    backups: Path
    interval_seconds: int
    rules: Sequence[Rule]
    channels: Mapping[str, Channel]
    recipients: Sequence[tuple[str, str]]
    fees: Fees = field(default_factory=Fees)
    public_url: str | None = None
    dead_man_url: str | None = None

    def letters(self, alerts: Iterable[Alert]) -> list[Letter]:
        """To everybody; what a rule says, to its channel."""
        channel_of = {rule.name: rule.channel for rule in self.rules}
        letters = []
        for alert in alerts:
            head, _, rest = alert.key.partition(":")
            wanted = channel_of.get(rest.partition(":")[0], "all") if head == "rule" else "all"
            for channel, recipient in self.recipients:
                if wanted in ("all", channel):
                    letters += [Letter(channel, recipient, part.to_json()) for part in parts(alert)]
        return letters


class Watch:
    """`tick()` does what is due; `forever()` calls it. `outside` gives fetch's replies and notes their time."""

    def __init__(
        self,
        plan: Plan,
        outside: OutsideClock,
        fetch: Fetch,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        disk: Callable[[Path], machine.Disk | None] = disk_of,
        memory_free: Callable[[], float | None] = memory_free,
    ) -> None:
        self._plan, self._outside, self._clock, self._timer = plan, outside, clock, timer
        self._connection = Own(plan.database)
        self._collector = Collector(plan.database, timer)
        self._gatherer = Gatherer(
            plan.database, plan.backups, plan.interval_seconds, self._collector, fetch, outside, plan.public_url,
            clock, timer, sleep, disk, memory_free,
        )  # fmt: skip
        self._sender = Sender(plan.channels, clock, timer)
        self._due: dict[str, float] = {}  # what → not before
        self._faults: dict[str, str] = {}
        self._seen = Newest(None, None, None, None)
        self._before: dict[market.Contract, Row] | None = None
        self._offset: float | None = None  # the wall clock less the other
        self._settled_at = float("-inf")
        self._failed_pings = 0
        self._broken: Broken | None = None
        self._direct_at = float("-inf")  # no message past the outbox before then
        self.status = "starting"

    def forever(self, stop: Event, beat: Callable[[str], object] = lambda status: None) -> None:
        """Until `stop`. `beat` hears after each tick how things stand."""
        try:
            while not stop.is_set():
                self.tick()
                beat(self.status)
                stop.wait(TICK_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        self._connection.close()

    def tick(self) -> None:
        """Never raises: whatever is wrong with one part, the others go on."""
        self._look_at_clock()
        try:
            conn = self._connection.get()
            newest = select_newest(conn)
            self._collector.look(newest, self._clock())
            if self._plan.recipients:
                self._look(conn, newest)
                self._guard("sending", lambda: self._sender.send_waiting(conn))
            self._mended(conn)
            if self._is_due("ping", MACHINE_SECONDS):
                self._guard("dead-man", lambda: self._ping(conn))
            if self._is_due("prune", PRUNE_SECONDS):
                prune_outbox(conn, int(self._clock()) - KEPT_SECONDS)
        except (StoreError, NotFoundError) as error:
            self._cannot_store(str(error))

    def _look(self, conn: sqlite3.Connection, newest: Newest) -> None:
        if self._is_due("forget", float("inf")):
            self._save(conn, forgotten(self._plan.rules, select_standings(conn)))
        if self._seen.event != newest.event or self._seen.run is None:
            self._guard("events", lambda: self._judge_events(conn, newest))
        late = self._collector.is_late(self._plan.interval_seconds)
        if self._is_due("machine", MACHINE_SECONDS) or (late and self._is_due("late", MACHINE_SECONDS)):
            self._guard("machine", lambda: self._judge_machine(conn))
        if self._plan.rules and newest.run is not None and self._is_settled():
            if newest.cycle is not None and newest.cycle != self._seen.cycle:
                self._guard("rules", lambda: self._judge_cycle(conn, newest))
            elif newest.run != self._seen.run and self._is_due("rules", RULES_SECONDS):
                quick = [rule for rule in self._plan.rules if rule.what in LEVELS and rule.snapshots == 1]
                self._guard("rules", lambda: self._judge_levels(conn, quick))
        self._seen = newest

    # Judging

    def _judge_machine(self, conn: sqlite3.Connection) -> None:
        pings = self._failed_pings if self._plan.dead_man_url else None
        facts = self._gatherer.gather(conn, settled=self._is_settled(), failed_pings=pings, faults=dict(self._faults))
        standings = select_standings(conn)
        areas = machine.judge_machine(facts, standings)
        found = [finding for area in areas.values() for finding in area or ()]
        self._save(conn, judge(standings, found, machine.looked_at(areas), facts.now))
        bad = [finding.title for finding in found]
        self.status = "; ".join(bad[:3]) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "") or "all is well"

    def _judge_events(self, conn: sqlite3.Connection, newest: Newest) -> None:
        """What was noted since the last look, by whatever watch. The first one of all begins with what comes."""
        mark = select_mark(conn, "event")
        if mark is None or newest.event is None:
            if mark is None:
                save_judgement(conn, [], [], int(self._clock()), {"event": newest.event or 0})
            return
        events = [dict(row) for row in events_after(conn, mark)]
        if events:
            verdict = judge_happenings(select_standings(conn), machine.happenings(events), int(self._clock()))
            self._save(conn, verdict, {"event": events[-1]["id"]})

    def _judge_levels(self, conn: sqlite3.Connection, rules: Sequence[Rule]) -> None:
        snapshot = snapshot_now(conn, int(self._clock()), self._threshold)
        self._save(conn, judge_levels(rules, snapshot, select_standings(conn), self._plan.fees))

    def _judge_cycle(self, conn: sqlite3.Connection, newest: Newest) -> None:
        """All rules. What changed since the cycle that was judged last, though that was before a restart."""
        now = int(self._clock())
        snapshot = snapshot_now(conn, now, self._threshold)
        verdict = judge_levels(self._plan.rules, snapshot, select_standings(conn), self._plan.fees)
        changes = [rule for rule in self._plan.rules if rule.what in CHANGES]
        if changes:
            before = self._listed_before(conn, now) if self._before is None else self._before
            more = judge_happenings(select_standings(conn), market.happenings(changes, before, snapshot), now)
            verdict = Verdict(verdict.standings + more.standings, verdict.alerts + more.alerts)
        self._save(conn, verdict, {"cycle": newest.cycle or now})
        self._before = snapshot.listed() if changes else {}

    def _listed_before(self, conn: sqlite3.Connection, now: int) -> dict[market.Contract, Row]:
        mark = select_mark(conn, "cycle")
        if mark is None or not 0 <= now - mark < OLDEST_BEFORE:
            return {}
        return snapshot_at(conn, mark, self._threshold).listed()

    def _save(self, conn: sqlite3.Connection, verdict: Verdict, marks: Mapping[str, int] | None = None) -> None:
        if verdict.standings or verdict.alerts or marks:
            save_judgement(conn, verdict.standings, self._plan.letters(verdict.alerts), int(self._clock()), marks)

    @property
    def _threshold(self) -> int:
        return STALE_CYCLES * self._plan.interval_seconds

    # Time

    def _is_due(self, what: str, seconds: float) -> bool:
        now = self._timer()
        if now < self._due.get(what, float("-inf")):
            return False
        self._due[what] = now + seconds
        return True

    def _look_at_clock(self) -> None:
        """After a jump of the wall clock nothing is judged by it until a cycle has come in by the new time."""
        offset = self._clock() - self._timer()
        if self._offset is not None and abs(offset - self._offset) > JUMP_SECONDS:
            log.warning("the clock was set by %+.0f s, or the machine slept", offset - self._offset)
            self._settled_at = self._timer() + 2 * self._plan.interval_seconds
            self._before = None
        self._offset = offset

    def _is_settled(self) -> bool:
        return self._timer() >= self._settled_at

    # What goes wrong here

    def _guard(self, name: str, call: Callable[[], object]) -> None:
        """A fault of ours in one part becomes an alert of its own, by the next look at the machine."""
        try:
            call()
            self._faults.pop(name, None)
        except StoreError:
            raise
        except Exception as error:
            if name not in self._faults:
                log.exception("%s", name)
            self._faults[name] = f"{type(error).__name__}: {error!s:.200}"

    def _ping(self, conn: sqlite3.Connection) -> None:
        """Only while alerts reach somebody: otherwise who waits for the ping is the one to say so."""
        url = self._plan.dead_man_url
        if url is None or not self._gets_through(conn):
            return
        try:
            reply = self._outside(Request("GET", url))
            failed = reply.status >= 400
        except FetchError as error:
            log.warning("dead-man URL: %s: %s", error.kind, error.words)
            failed = True
        self._failed_pings = self._failed_pings + 1 if failed else 0

    def _gets_through(self, conn: sqlite3.Connection) -> bool:
        now, oldest = int(self._clock()), oldest_waiting(conn)
        stuck = oldest is not None and now - oldest > STUCK_SECONDS
        unreached = {(row["channel"], row["recipient"]) for row in select_undelivered(conn) if row["given_up"]}
        return not stuck and (not self._plan.recipients or len(unreached) < len(self._plan.recipients))

    def _cannot_store(self, words: str) -> None:
        """The outbox cannot be used, so this one message goes past it."""
        self._connection.close()
        self._collector.look(None, self._clock())
        self.status = words
        now = self._timer()
        if self._broken is None:
            log.error("%s", words)
            self._broken = Broken(now)
        self._due["machine"] = now + TICK_SECONDS  # what could not be said is found again
        broken = self._broken
        if broken.told or now - broken.since < BROKEN_SECONDS or now < self._direct_at:
            return
        alert = Alert(
            key="database",
            kind="raised",
            title="the database cannot be used",
            lines=(words, f"for {span(now - broken.since)}; this message is not stored, others wait"),
            command="funding db check",
            at=int(self._clock()),
        )
        for channel, recipient in self._plan.recipients:
            try:
                self._plan.channels[channel].send(alert, recipient)
                broken.told = True
            except DeliveryError as error:
                log.warning("%s to %s: %s", channel, recipient, error)
        self._direct_at = now + (DIRECT_SECONDS if broken.told else MACHINE_SECONDS)

    def _mended(self, conn: sqlite3.Connection) -> None:
        """All went well. Whether it can be written to shows when it is: reading works on a full disk."""
        if self._broken is None:
            return
        now = int(self._clock())
        lasted = f"it lasted {span(self._timer() - self._broken.since)}"
        title = "the database can be used again"
        over = Alert(key="database", kind="resolved", title=title, lines=(lasted,), at=now)
        save_judgement(conn, [], self._plan.letters([over] if self._broken.told else []), now, {"mended": now})
        log.info("%s, %s", title, lasted)
        self._broken = None


@dataclass(slots=True)
class Broken:
    """Since when the database cannot be used, by the monotonic clock, and whether somebody was told."""

    since: float
    told: bool = False


class Own:
    """The watch's connection: opened when first needed, and again when the file is another, as after a restore."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def get(self) -> sqlite3.Connection:
        """Raises StoreError or NotFoundError."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise NotFoundError(
                f"{self._path}: there is no database, or it is out of reach: {error.strerror}"
            ) from None
        if self._conn is None or self._file != (found.st_dev, found.st_ino):
            self.close()
            conn = writer(self._path, synchronous="FULL")
            try:
                check_writable(conn)
            except BaseException:
                conn.close()
                raise
            self._conn, self._file = conn, (found.st_dev, found.st_ino)
        return self._conn

    def close(self) -> None:
        if self._conn is not None:
            with suppress(sqlite3.Error):
                self._conn.close()
            self._conn = None


def forgotten(rules: Sequence[Rule], standings: Mapping[str, Standing]) -> Verdict:
    """What a rule found that the settings no longer have: it is neither bad nor well, and nobody is told."""
    names = {rule.name for rule in rules}
    left = [
        replace(standing, bad_since=None, streak=0, announced=False)
        for key, standing in standings.items()
        if key.startswith("rule:") and key.split(":")[1] not in names and standing.bad_since is not None
    ]
    return Verdict(left, [])


def judge_levels(
    rules: Sequence[Rule], snapshot: market.Snapshot, standings: Mapping[str, Standing], fees: Fees
) -> Verdict:
    """What of the rules on what lasts is news. Others' standings are not touched."""
    wanted = [rule for rule in rules if rule.what in LEVELS]
    names = {rule.name for rule in wanted}

    def looked(key: str) -> bool:
        head, _, rest = key.partition(":")
        return head == "rule" and rest.partition(":")[0] in names

    return judge(standings, market.findings(wanted, snapshot, standings, fees), looked, snapshot.now)
