"""Whether a finding is news: hysteresis, cooldown, mutes. Pure: what stood before and what was found → what stands now.

A thing is bad after `looks` findings in a row, and well again at the first look without one: what must not flutter has a
level of its own for that. Having been announced, it is not announced again before the cooldown is over, however often it
comes and goes; and what was never announced is never called resolved.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from funding.alerts.alert import Alert, span
from funding.store.outbox import Standing

COOLDOWN_SECONDS = 600
SHORT = 60  # what has been bad for less is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or that a rule waits for, as one look found it."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    command: str | None = None
    resolved: str | None = None  # the title of the message that it is over; None: there is none
    looks: int = 1
    cooldown_seconds: int = COOLDOWN_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened, and is not over later. Within its cooldown the next one of the key is not told."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    command: str | None = None
    kind: str = "event"  # or warning
    cooldown_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standings that changed, and what is to be said."""

    standings: list[Standing]
    alerts: list[Alert]


def judge(
    before: Mapping[str, Standing], findings: Iterable[Finding], was_looked_at: Callable[[str], bool], now: int
) -> Verdict:
    """`was_looked_at`: whether this look could judge a key at all; what could not be looked at stays as it stood."""
    found = {finding.key: finding for finding in findings}
    verdict = Verdict([], [])
    for key in sorted(found.keys() | before.keys()):
        if not was_looked_at(key):
            continue
        standing = before.get(key, Standing(key))
        after, alert = _step(standing, found.get(key), is_muted(before, key, now), now)
        if after != standing:
            verdict.standings.append(after)
        if alert is not None:
            verdict.alerts.append(alert)
    return verdict


def judge_happenings(before: Mapping[str, Standing], happenings: Iterable[Happening], now: int) -> Verdict:
    """Of several of one key the first is told."""
    verdict, told = Verdict([], []), dict(before)
    for one in happenings:
        standing = told.get(one.key, Standing(one.key))
        if is_muted(before, one.key, now) or _is_cooling(standing, one.cooldown_seconds, now):
            continue
        if one.cooldown_seconds:
            told[one.key] = replace(standing, raised_at=now, title=one.title)
            verdict.standings.append(told[one.key])
        verdict.alerts.append(
            Alert(key=one.key, kind=one.kind, title=one.title, lines=one.lines, command=one.command, at=now)
        )
    return verdict


def is_muted(standings: Mapping[str, Standing], key: str, now: int) -> bool:
    """Whether the key is, or what it is a part of: rule:caps mutes rule:caps:okx:BTC-USDT-SWAP."""
    for whole in _wholes(key):
        until = standings[whole].muted_until if whole in standings else None
        if until is not None and now < until:
            return True
    return False


def _wholes(key: str) -> Iterator[str]:
    parts = key.split(":")
    return (":".join(parts[:length]) for length in range(1, len(parts) + 1))


def _step(standing: Standing, finding: Finding | None, muted: bool, now: int) -> tuple[Standing, Alert | None]:
    if finding is None:
        return _well(standing, muted, now)
    is_new = standing.bad_since is None
    if is_new and standing.streak + 1 < finding.looks:
        return replace(standing, streak=standing.streak + 1), None
    since = now if standing.bad_since is None else standing.bad_since
    bad = replace(standing, bad_since=since, streak=0, title=finding.title, resolved=finding.resolved)
    if bad.announced or muted or _is_cooling(bad, finding.cooldown_seconds, now):
        return bad, None
    return replace(bad, announced=True, raised_at=now), _raised(finding, now - since, now)


def _well(standing: Standing, muted: bool, now: int) -> tuple[Standing, Alert | None]:
    if standing.bad_since is None:
        return replace(standing, streak=0), None
    over = replace(standing, bad_since=None, streak=0, announced=False)
    if not standing.announced or standing.resolved is None or muted:
        return over, None
    lasted = f"it lasted {span(now - standing.bad_since)}"
    return over, Alert(key=standing.key, kind="resolved", title=standing.resolved, lines=(lasted,), at=now)


def _is_cooling(standing: Standing, cooldown_seconds: int, now: int) -> bool:
    """A time in the future was written before the clock was set back, and holds nothing up."""
    return standing.raised_at is not None and 0 <= now - standing.raised_at < cooldown_seconds


def _raised(finding: Finding, lasted: int, now: int) -> Alert:
    lines = (*finding.lines, f"it has been so for {span(lasted)}") if lasted >= SHORT else finding.lines
    return Alert(key=finding.key, kind="raised", title=finding.title, lines=lines, command=finding.command, at=now)
