"""An alert as data and as text: the first line says all, the last line what to do next."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

KINDS = ("raised", "resolved", "event", "warning", "sample")
MARKS = {"raised": "🔴", "resolved": "🟢", "event": "🔵", "warning": "🟠", "sample": "⚪"}
LONGEST_LINE = 300
MOST_UNITS = (
    3800  # of UTF-16, which is what Telegram counts, of the 4096 that it takes: what is added when it is sent fits
)
SUMMED = 20  # first lines in a summary, all in letters of two units each: 3,300 units
SUMMED_LETTERS = 80
UNITS = re.compile(r"(?<=\d) (?=%|(?:s|min|h|d|kB|MB|GB|TB)\b)")
AGAIN = " (maybe again: the answer to the first try was lost)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message. `key` names what it is about (exchange:okx, disk, rule:btc-spread), the same when it is resolved.

    `title`: what, how bad. `lines`: since when, the figures. `command`: what to run next, if anything helps.
    """

    key: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    command: str | None = None
    at: int = 0  # Unix seconds

    def to_json(self) -> dict[str, Any]:
        """What a webhook gets and the outbox keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Alert":
        return cls(**{**fields, "lines": tuple(fields["lines"])})


def as_text(alert: Alert, *, again: bool = False) -> str:
    """Plain text. `again`: the answer to an earlier try was lost, so this may be a repetition, and says so."""
    return "\n".join([*_lines(alert, again), *([_cut(alert.command)] if alert.command else [])])


def as_html(alert: Alert, *, again: bool = False) -> str:
    """The form that Telegram calls HTML: the first line bold, the command as code, & < > escaped.

    A figure and its unit stay on one line: a phone has forty letters.
    """
    first, *rest = (UNITS.sub("\u00a0", escape(line, quote=False)) for line in _lines(alert, again))
    command = [f"<code>{escape(_cut(alert.command), quote=False)}</code>"] if alert.command else []
    return "\n".join([f"<b>{first}</b>", *rest, *command])


def as_summary(alerts: Sequence[Alert]) -> Alert:
    """A storm as one message: how many, and the first line of each, as many as one can read."""
    counts = {kind: sum(alert.kind == kind for alert in alerts) for kind in KINDS}
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    lines = [f"{MARKS[alert.kind]} {cut(alert.title, SUMMED_LETTERS)}" for alert in alerts[:SUMMED]]
    if len(alerts) > SUMMED:
        lines.append(f"and {len(alerts) - SUMMED} more")
    return Alert(
        key="summary",
        kind=next(kind for kind in ("raised", "warning", "event", "resolved", "sample") if counts[kind]),
        title=f"{len(alerts)} alerts at once: {said}",
        lines=tuple(lines),
        command="funding alerts list",
        at=alerts[-1].at,
    )


def parts(alert: Alert) -> list[Alert]:
    """The alert in messages that Telegram takes: one, unless it has very many lines."""
    groups: list[list[str]] = [[]]
    for line in alert.lines:
        if groups[-1] and units(as_text(replace(alert, lines=(*groups[-1], line)))) > MOST_UNITS:
            groups.append([])
        groups[-1].append(line)
    if len(groups) == 1:
        return [alert]
    title, count = cut(alert.title, LONGEST_LINE - 10), len(groups)
    return [
        replace(alert, title=f"{title} ({number}/{count})", lines=tuple(lines))
        for number, lines in enumerate(groups, 1)
    ]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def cut(line: str, letters: int) -> str:
    """One printable line: words of exchanges reach it."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in line).split())
    return line if len(line) <= letters else line[: letters - 1] + "…"


def _cut(line: str) -> str:
    return cut(line, LONGEST_LINE)


def _lines(alert: Alert, again: bool) -> Iterator[str]:
    yield f"{MARKS[alert.kind]} {_cut(alert.title)}{AGAIN if again else ''}"
    yield from map(_cut, alert.lines)


# Words that all alerts share


def span(seconds: float) -> str:
    """93 → "1 min 33 s"; the two largest units."""
    left = max(int(seconds), 0)
    sizes = ((left // 86_400, "d"), (left % 86_400 // 3600, "h"), (left % 3600 // 60, "min"), (left % 60, "s"))
    first = next((place for place, (count, _) in enumerate(sizes) if count), len(sizes) - 1)
    return " ".join(f"{count} {unit}" for count, unit in sizes[first : first + 2] if count) or "0 s"


def clock(moment: float, now: float) -> str:
    """14:05 UTC, with the day where it is another."""
    form = "%H:%M UTC" if time.gmtime(moment)[:3] == time.gmtime(now)[:3] else "%d %b %H:%M UTC"
    return time.strftime(form, time.gmtime(moment))


def signed(figure: float, digits: int = 2) -> str:
    """+0.01, −0.01: a sign always, and a real minus. What rounds to nothing is +0."""
    shown = f"{figure:+,.{digits}f}"
    return (shown.replace("-", "+") if not float(shown.replace(",", "")) else shown).replace("-", "−")


def size(count: float) -> str:
    """Bytes: 1.5 GB."""
    for unit, amount in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= amount:
            return f"{count / amount:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"
