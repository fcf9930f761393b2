"""What is wrong with the installation, judged by gathered facts. Pure: no clock, file or network here.

Each area gives its findings, or None where the facts do not tell: what stood there before then stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from funding.alerts.alert import clock, size, span
from funding.alerts.judge import Finding, Happening
from funding.store.outbox import Standing

Row = Mapping[str, Any]
Areas = dict[str, list[Finding] | None]  # by the first part of their keys

DAY, HOUR, MINUTE = 86_400, 3600, 60
GONE_SECONDS = 15  # a restart takes less
MOST_RESTARTS, RESTARTS_SECONDS = 3, 600
FAILURES = 3  # runs in a row
STALE_CYCLES = 3
GROUP = 5  # so many exchanges failing, and half of all, are one thing: the network
SHAPE_SHARE, SHAPE_ROWS = 0.1, 3  # of rows unreadable in a good run
DROP_WORDS = "the last good run had"  # how a run says that it has far fewer rates
LEAST_FREE, MOST_FREE, FREE_SHARE = 1e9, 10e9, 0.1
WAL_BYTES = 256 << 20
MEMORY_SHARE = 0.08
CLOCK_SECONDS = 5
BACKUP_SECONDS = 3 * HOUR  # they are made every hour
CERTIFICATE_DAYS = 14
PINGS = 5  # that failed in a row

COLLECTOR = "journalctl -u funding-collector -n 50"


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the database's file system."""

    free_bytes: float
    total_bytes: float
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """The API as it is reached from outside. `fault`: why it is not, in words. `certificate_ends`: Unix seconds."""

    url: str
    fault: str | None = None
    certificate_ends: float | None = None


@dataclass(frozen=True, slots=True)
class Backups:
    """`made_at` of the newest; None: there is none."""

    folder: str
    made_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one look found; None: not known, or not asked for. Spans in seconds."""

    now: int
    interval_seconds: int
    watched: float  # how long this watch has been running
    data_age: float | None = None  # since the newest run came in; None: none ever did
    process: int | None = None  # the collector's
    gone: float | None = None  # how long that process has not been there
    restarts: int = 0  # within RESTARTS_SECONDS
    exchanges: Sequence[Row] | None = None
    disk: Disk | None = None
    wal_bytes: int | None = None
    memory_free: float | None = None  # share of all, 0 to 1
    clock_error: float | None = None  # how far this machine's clock is ahead
    backups: Backups | None = None
    door: Door | None = None
    failed_pings: int | None = None  # of the dead-man URL, in a row
    faults: Mapping[str, str] = field(default_factory=dict)  # of this watch itself: what → words


def judge_machine(facts: Facts, standings: Mapping[str, Standing]) -> Areas:
    def was_bad(key: str) -> bool:
        return key in standings and standings[key].bad_since is not None

    collector = list(_collector(facts))
    areas: Areas = {
        "collector": collector,
        "restarts": list(_restarts(facts)),
        "exchanges": None,
        "exchange": None,
        "shape": None,
        "disk": None if facts.disk is None else list(_disk(facts.disk, was_bad("disk"))),
        "wal": None if facts.wal_bytes is None else list(_wal(facts.wal_bytes, was_bad("wal"))),
        "memory": None if facts.memory_free is None else list(_memory(facts.memory_free, was_bad("memory"))),
        "clock": None if facts.clock_error is None else list(_clock(facts.clock_error, was_bad("clock"))),
        "backup": None if facts.backups is None else list(_backup(facts, facts.backups)),
        "door": None if facts.door is None else list(_door(facts.door)),
        "certificate": _certificate(facts),
        "deadman": None if facts.failed_pings is None else list(_dead_man(facts.failed_pings)),
        "watch": list(_watch(facts.faults)),
    }
    if facts.exchanges is not None and not collector:  # a collector that is dead is not each exchange's fault
        areas |= _exchanges(facts, facts.exchanges)
    return areas


def looked_at(areas: Areas) -> Callable[[str], bool]:
    return lambda key: areas.get(key.partition(":")[0]) is not None


# The collector


def late_after(interval_seconds: float) -> float:
    """Seconds without a run: of the exchanges that are due one answers at once."""
    return 1.5 * interval_seconds + 10


def _collector(facts: Facts) -> Iterator[Finding]:
    age = facts.watched if facts.data_age is None else facts.data_age
    newest = "nothing was ever collected" if facts.data_age is None else f"the newest rates came in {span(age)} ago"
    late = age >= late_after(facts.interval_seconds)
    if facts.gone is not None and (late or facts.gone >= GONE_SECONDS):
        title, lines = "the collector is not running", (f"process {facts.process} is gone", newest)
    elif late:
        title = f"no new rates for {span(age)}" if facts.data_age is not None else "no rates yet"
        runs = () if facts.process is None else (f"process {facts.process} runs, and hangs",)
        lines = (f"since {clock(facts.now - age, facts.now)}, due every {span(facts.interval_seconds)}", *runs)
    else:
        return
    yield Finding(key="collector", title=title, lines=lines, command=COLLECTOR, resolved="rates are coming in again")


def _restarts(facts: Facts) -> Iterator[Finding]:
    if facts.restarts >= MOST_RESTARTS:
        yield Finding(
            key="restarts",
            title=f"the collector has started {facts.restarts} times in {span(RESTARTS_SECONDS)}",
            lines=("it ends soon after each start",),
            command=COLLECTOR,
            resolved="the collector keeps running",
        )


# Exchanges


def _exchanges(facts: Facts, exchanges: Sequence[Row]) -> Areas:
    failing = [finding for row in exchanges for finding in _exchange(row, facts)]
    shape = [finding for row in exchanges for finding in _shape(row)]
    if len(failing) >= GROUP and 2 * len(failing) >= len(exchanges):
        return {"exchanges": [_group(failing, exchanges)], "shape": shape}  # and each stays as it stood
    return {"exchanges": [], "exchange": failing, "shape": shape}


def _exchange(row: Row, facts: Facts) -> Iterator[Finding]:
    name, failures, good = row["id"], row["consecutive_failures"], row["last_success_at"]
    kind = row["last_error_kind"] if failures else None
    silent = good is not None and facts.now - good > STALE_CYCLES * facts.interval_seconds
    if kind == "blocked":
        title = f"{name} blocks this server"
    elif kind == "banned":
        title = f"{name} has banned this server"
    elif failures >= FAILURES:
        title = f"{name} has changed its answers" if kind in ("shape", "not_json") else f"{name} fails: {kind}"
    elif silent:
        title = f"{name} does not come to an end"
    elif row["frozen"]:
        title = f"{name} gives old figures only"
    else:
        return
    last = (
        "never a good run" if good is None else f"last good run {clock(good, facts.now)}, {span(facts.now - good)} ago"
    )
    words = (str(row["last_error"]),) if failures else ()
    yield Finding(
        key=f"exchange:{name}",
        title=title,
        lines=(*words, f"{last}; {failures} failed since"),
        command=f"funding try {name}",
        resolved=f"{name} gives rates again",
    )


def _group(failing: Sequence[Finding], exchanges: Sequence[Row]) -> Finding:
    kinds: dict[str, int] = {}
    names = {finding.key.partition(":")[2] for finding in failing}
    for row in exchanges:
        if row["id"] in names:
            kind = row["last_error_kind"] or "no answer"
            kinds[kind] = kinds.get(kind, 0) + 1
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items(), key=lambda item: -item[1]))
    words = next((row["last_error"] for row in exchanges if row["id"] in names and row["last_error"]), None)
    return Finding(
        key="exchanges",
        title=f"{len(failing)} of {len(exchanges)} exchanges fail: {said}",
        lines=(*([f"one says: {words}"] if words else []), "so many at once: rather this machine's network or DNS"),
        command="funding try okx",
        resolved="most exchanges give rates again",
    )


def _shape(row: Row) -> Iterator[Finding]:
    """A good run that could read only a part. `skipped` and `notices` are read from JSON already."""
    name, skipped = row["id"], row["skipped"] or {}
    unreadable, readable = sum(skipped.values()), row["contracts"] or 0
    dropped = [notice for notice in row["notices"] or () if DROP_WORDS in notice]
    if unreadable >= SHAPE_ROWS and unreadable > SHAPE_SHARE * (unreadable + readable):
        reason = max(skipped, key=lambda words: skipped[words])
        title, lines = f"{name}: {unreadable} rows unreadable", (f"mostly: {reason}", f"{readable} are read")
    elif dropped:
        title, lines = f"{name} gives fewer rates", (dropped[0], "the others keep their last figures")
    else:
        return
    yield Finding(
        key=f"shape:{name}",
        title=title,
        lines=(*lines, "it may have changed its answers"),
        command=f"funding try {name}",
        resolved=f"{name} is read whole again",
    )


# The machine


def _disk(disk: Disk, was_bad: bool) -> Iterator[Finding]:
    limit = min(max(LEAST_FREE, min(FREE_SHARE * disk.total_bytes, MOST_FREE)), disk.total_bytes / 4)
    if disk.read_only:
        title = "the disk can only be read"
        lines: tuple[str, ...] = ("nothing is stored any more",)
    elif disk.free_bytes < limit * (1.2 if was_bad else 1):
        title = f"the disk has {size(disk.free_bytes)} left"
        lines = (f"{disk.free_bytes / disk.total_bytes:.0%} of {size(disk.total_bytes)}",)
    else:
        return
    yield Finding(
        key="disk", title=title, lines=lines, command="df -h && funding db", resolved="the disk has room again"
    )


def _wal(wal_bytes: int, was_bad: bool) -> Iterator[Finding]:
    if wal_bytes > WAL_BYTES / (2 if was_bad else 1):
        yield Finding(
            key="wal",
            title=f"the database's WAL is {size(wal_bytes)}",
            lines=("a reader that never ends keeps it from being emptied",),
            command="funding db",
            resolved="the WAL is small again",
        )


def _memory(free: float, was_bad: bool) -> Iterator[Finding]:
    if free < MEMORY_SHARE * (1.5 if was_bad else 1):
        yield Finding(
            key="memory",
            title=f"{free:.0%} of the memory is left",
            lines=("the system ends a process when there is none",),
            command="ps aux --sort=-rss | head",
            resolved="there is memory again",
            looks=3,
        )


def _clock(ahead: float, was_bad: bool) -> Iterator[Finding]:
    if abs(ahead) > CLOCK_SECONDS / (2 if was_bad else 1):
        way = "ahead" if ahead > 0 else "behind"
        yield Finding(
            key="clock",
            title=f"this machine's clock is {span(abs(ahead))} {way}",
            lines=("ages and times of funding are wrong by as much",),
            command="timedatectl",
            resolved="the clock is right again",
        )


def _backup(facts: Facts, backups: Backups) -> Iterator[Finding]:
    age = facts.watched if backups.made_at is None else facts.now - backups.made_at
    if age <= BACKUP_SECONDS:
        return
    made = backups.made_at
    title = "there is no backup yet" if made is None else f"the newest backup is {span(age)} old"
    since = f"nothing in {backups.folder}" if made is None else f"made {clock(made, facts.now)}, one is due every hour"
    yield Finding(
        key="backup",
        title=title,
        lines=(since,),
        command="systemctl status funding-backup.timer; journalctl -u funding-backup -n 20",
        resolved="there is a new backup",
    )


# What is outside


def _door(door: Door) -> Iterator[Finding]:
    if door.fault is not None:
        yield Finding(
            key="door",
            title="the API cannot be reached from outside",
            lines=(door.fault,),
            command=f"curl -i {door.url}/livez",
            resolved="the API can be reached again",
        )


def _certificate(facts: Facts) -> list[Finding] | None:
    if facts.door is None or facts.door.certificate_ends is None:
        return None
    left = facts.door.certificate_ends - facts.now
    if left >= CERTIFICATE_DAYS * DAY:
        return []
    return [
        Finding(
            key="certificate",
            title=f"the certificate of {facts.door.url.partition('://')[2]} ends in {span(left)}",
            lines=(f"{clock(facts.door.certificate_ends, facts.now)}; it should have been renewed by now",),
            command="journalctl -u caddy -u nginx -n 50",
            resolved="the certificate is renewed",
        )
    ]


def _dead_man(failed: int) -> Iterator[Finding]:
    if failed >= PINGS:
        yield Finding(
            key="deadman",
            title="the dead-man URL does not answer",
            lines=(f"{failed} tries in a row; who waits there will think that this machine is dead",),
            command="journalctl -u funding-watch -n 20",
            resolved="the dead-man URL answers again",
        )


def _watch(faults: Mapping[str, str]) -> Iterator[Finding]:
    for name, words in sorted(faults.items()):
        yield Finding(
            key=f"watch:{name}",
            title=f"a fault of the watch itself: {name}",
            lines=(words, "the rest goes on"),
            command="journalctl -u funding-watch -n 50",
            resolved=f"the watch works again: {name}",
        )


# What happened


def happenings(events: Sequence[Row]) -> Iterator[Happening]:
    """Events of the installation as messages: crashes, deploys, rescues."""
    for event in events:
        text, kind = str(event["text"]), str(event["kind"])
        is_bad = kind in ("crash", "rescue") or "failed" in text
        unit = text.split(" ", 1)[0]
        command = f"journalctl -u {unit} -n 50" if unit.endswith(".service") else "funding event"
        yield Happening(
            key=f"event:{kind}",
            title=text,
            lines=(f"at {clock(event['at'], event['at'])}",),
            command=command if is_bad else None,
            kind="warning" if is_bad else "event",
        )
