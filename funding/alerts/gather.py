"""Gathers the facts that machine.py judges: from the database, the files around it, this machine, and two addresses."""

import json
import os
import time
from calendar import timegm
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Any

from funding.alerts.machine import (
    GONE_SECONDS,
    RESTARTS_SECONDS,
    STALE_CYCLES,
    Backups,
    Disk,
    Door,
    Facts,
    late_after,
)
from funding.analysis.current import JUDGED, frozen, stale_reason
from funding.errors import FetchError
from funding.message import Reply, Request
from funding.store.backup import backups
from funding.store.exchanges import select_exchanges
from funding.store.rates import select_columns
from funding.store.watched import Newest, select_leads

Fetch = Callable[[Request], Reply]

MEASURE_SECONDS = 900  # so long a measurement of the clock counts
FEWEST_LEADS = 3  # exchanges that must stamp their answers, before their clocks prove anything
LEAD_SECONDS = 3600
DATE = "%a, %d %b %Y %H:%M:%S GMT"
TRIES, TRY_SECONDS = 2, 2.0  # of the door: a deploy or a lost packet is no fault
MEMINFO = Path("/proc/meminfo")


@dataclass(slots=True)
class OutsideClock:
    """Compares this machine's clock with the Date of answers from elsewhere, as they come by."""

    fetch: Fetch
    timer: Callable[[], float] = time.monotonic
    _ahead: float = 0.0
    _measured: float | None = None

    def __call__(self, request: Request) -> Reply:
        reply = self.fetch(request)
        with suppress(ValueError):
            self._ahead = reply.at - timegm(time.strptime(reply.headers.get("date", ""), DATE))
            self._measured = self.timer()
        return reply

    def ahead(self) -> float | None:
        """Seconds; None where nothing was measured lately."""
        if self._measured is None or self.timer() - self._measured > MEASURE_SECONDS:
            return None
        return self._ahead


@dataclass(slots=True)
class Collector:
    """What can be told of the collector from outside: its process, by the lock file, and when its newest run came in.

    By the monotonic clock from the first look on: the other one may be set meanwhile.
    """

    database: Path
    timer: Callable[[], float]
    run: int | None = None
    _came_in: float | None = None
    process: int | None = None
    _gone_since: float | None = None
    _starts: deque[float] = field(default_factory=deque)

    def look(self, newest: Newest | None, now: float) -> None:
        """`newest`: None where the database cannot be read."""
        moment = self.timer()
        if newest is not None and newest.run is not None and newest.run != self.run:
            age = 0.0 if self.run is not None else max(0.0, now - (newest.run_ended_at or now))
            self.run, self._came_in = newest.run, moment - age
        process = self._holder()
        if process is not None and process != self.process:
            if self.process is not None:
                self._starts.append(moment)
            self.process, self._gone_since = process, None
        if self.process is not None and not _is_there(self.process):
            self._gone_since = moment if self._gone_since is None else self._gone_since
        else:
            self._gone_since = None

    def age(self) -> float | None:
        return None if self._came_in is None else self.timer() - self._came_in

    def gone(self) -> float | None:
        return None if self._gone_since is None else self.timer() - self._gone_since

    def is_late(self, interval_seconds: float) -> bool:
        """Whether it is time to look closer, though no look is due."""
        return (self.gone() or 0) >= GONE_SECONDS or (self.age() or 0) >= late_after(interval_seconds)

    def restarts(self) -> int:
        while self._starts and self.timer() - self._starts[0] > RESTARTS_SECONDS:
            self._starts.popleft()
        return len(self._starts)

    def _holder(self) -> int | None:
        with suppress(OSError, ValueError):
            return int(Path(f"{self.database}.lock").read_text("ascii"))
        return None


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Dead, but its parent has not taken notice: in a container often nobody does."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2]
    except OSError:
        return False
    return state.strip().startswith(("Z", "X"))


@dataclass(slots=True)
class Gatherer:
    """`outside`: whose answers the clock is compared with. `sleep` is for between two tries."""

    database: Path
    backups: Path
    interval_seconds: int
    collector: Collector
    fetch: Fetch
    outside: OutsideClock
    public_url: str | None
    clock: Callable[[], float]
    timer: Callable[[], float]
    sleep: Callable[[float], object]
    disk: Callable[[Path], Disk | None]
    memory_free: Callable[[], float | None]
    _began: float | None = None

    def gather(self, conn: Connection, *, settled: bool, failed_pings: int | None, faults: dict[str, str]) -> Facts:
        """`settled`: the wall clock has not been set lately, so that ages by it hold. Raises StoreError."""
        now = int(self.clock())
        self._began = self.timer() if self._began is None else self._began
        return Facts(
            now=now,
            interval_seconds=self.interval_seconds,
            watched=self.timer() - self._began,
            data_age=self.collector.age(),
            process=self.collector.process,
            gone=self.collector.gone(),
            restarts=self.collector.restarts(),
            exchanges=self._exchanges(conn, now) if settled else None,
            disk=self.disk(self.database),
            wal_bytes=_size(Path(f"{self.database}-wal")),
            memory_free=self.memory_free(),
            clock_error=self._clock_error(conn, now),
            backups=self._backups() if settled else None,
            door=self._door(),
            failed_pings=failed_pings,
            faults=faults,
        )

    def _exchanges(self, conn: Connection, now: int) -> list[dict[str, Any]]:
        threshold = STALE_CYCLES * self.interval_seconds
        judged = select_columns(conn, "exchange", *JUDGED)
        old = frozen(
            (exchange, stale_reason(observed_at, exchange_at, due, hours, now, threshold) is not None)
            for exchange, observed_at, exchange_at, due, hours in judged
        )
        return [_read(row) | {"frozen": row["id"] in old} for row in select_exchanges(conn)]

    def _clock_error(self, conn: Connection, now: int) -> float | None:
        """By answers from outside; else by the exchanges' stamps, which prove that we are behind, and never that we are not

        ahead: a stamp may be old.
        """
        ahead = self.outside.ahead()
        if ahead is not None:
            return ahead
        leads = sorted(select_leads(conn, now - LEAD_SECONDS))
        return None if len(leads) < FEWEST_LEADS else -max(0.0, leads[-2])  # the last may be one whose clock is wrong

    def _backups(self) -> Backups | None:
        """None where nobody wants any: there is no folder for them."""
        if not self.backups.is_dir():
            return None
        made = [backup.made_at for backup in backups(self.backups)[:1]]
        return Backups(str(self.backups), made[0] if made else None)

    def _door(self) -> Door | None:
        if self.public_url is None:
            return None
        for left in reversed(range(TRIES)):
            door = look_at_door(self.fetch, self.public_url)
            if door.fault is None or not left:
                break
            self.sleep(TRY_SECONDS)
        return door


def look_at_door(fetch: Fetch, url: str) -> Door:
    try:
        reply = fetch(Request("GET", f"{url}/livez"))
    except FetchError as error:
        return Door(url, f"{error.kind}: {error.words}")
    return Door(url, None if reply.status == 200 else f"/livez answers {reply.status}", reply.certificate_ends)


def disk_of(database: Path) -> Disk | None:
    try:
        found = os.statvfs(database.absolute().parent)
    except OSError:
        return None
    read_only = bool(found.f_flag & os.ST_RDONLY)
    return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize, read_only)


def memory_free(meminfo: Path = MEMINFO) -> float | None:
    """Share of the memory that the system could still give; None where it does not say."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text("ascii").splitlines() if ":" in line)
        return int(lines["MemAvailable"].split()[0]) / int(lines["MemTotal"].split()[0])
    except (OSError, ValueError, LookupError, ZeroDivisionError):
        return None


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def _read(row: Row) -> dict[str, Any]:
    """With what is stored as JSON made readable."""
    read = {name: json.loads(row[name]) for name in ("skipped", "failures", "notices") if row[name] is not None}
    return dict(row) | read
