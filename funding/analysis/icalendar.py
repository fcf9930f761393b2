"""Coming settlements as an iCalendar (RFC 5545), for a calendar program to subscribe to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from funding.analysis.calendar import Settlement

MEDIA = "text/calendar; charset=utf-8"
LONGEST_LINE = 75  # octets, without the line break
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def icalendar(settlements: Iterable[Settlement], dtstamp: int) -> str:
    """The text, lines ended by CRLF and folded at 75 octets.

    `dtstamp` (Unix seconds): when it was made. A UID follows from time, exchange and symbol alone, so that a program that
    reads the calendar again knows the events it has. An event has a start and no end: it is a moment, which blocks no time.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Funding Finder//Funding calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *(line for one in settlements for line in _event(one, dtstamp)),
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines)


def _event(one: Settlement, dtstamp: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.funding_time}-{one.exchange}-{quote(one.symbol, safe='')}@funding-finder"
    yield f"DTSTAMP:{_moment(dtstamp)}"
    yield f"DTSTART:{_moment(one.funding_time)}"
    yield f"SUMMARY:{escape(_summary(one))}"
    yield f"DESCRIPTION:{escape(_description(one))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _summary(one: Settlement) -> str:
    rate = f" {one.row['funding_rate_pct']:+.10g} %" if one.is_next else ""
    return f"{one.row['asset']} funding on {one.exchange}{rate}"


def _description(one: Settlement) -> str:
    hours = one.row["funding_interval_hours"]
    rate = f"Rate: {one.row['rate_kind']}; above 0, longs pay." if one.is_next else "Rate: not quoted yet."
    every = "" if hours is None else f" Every {hours:g} h."
    return f"{one.exchange}:{one.symbol}\n{rate}{every}"


def escape(text: str) -> str:
    """As a TEXT value."""
    return text.translate(ESCAPES)


def fold(line: str) -> str:
    """Broken into lines of at most 75 octets, those after the first beginning with a blank. Characters stay whole."""
    if line.isascii() and len(line) <= LONGEST_LINE:
        return line
    folded, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LONGEST_LINE:
            folded, size = f"{folded}\r\n ", 1
        folded, size = folded + character, size + octets
    return folded


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
