"""The text of a calendar, as RFC 5545 wants it."""

import pytest

from funding.analysis.calendar import calendar
from funding.analysis.icalendar import escape, fold, icalendar
from tests.analysis.given import NOW, Row, row


def text(*rows: Row, hours: float = 8, dtstamp: int = NOW) -> str:
    return icalendar(calendar(rows, NOW, hours).rows, dtstamp)


def test_a_calendar_of_two_settlements_is_exactly_this() -> None:
    assert text(row("okx:BTC-USDT-SWAP"), hours=16).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Funding Finder//Funding calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:1800028800-okx-BTC-USDT-SWAP@funding-finder",
        "DTSTAMP:20270115T080005Z",
        "DTSTART:20270115T160000Z",
        "SUMMARY:BTC funding on okx +0.01 %",
        "DESCRIPTION:okx:BTC-USDT-SWAP\\nRate: predicted\\; above 0\\, longs pay. Every",
        "  8 h.",  # the blank of the fold and that of the text
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:1800057600-okx-BTC-USDT-SWAP@funding-finder",
        "DTSTAMP:20270115T080005Z",
        "DTSTART:20270116T000000Z",
        "SUMMARY:BTC funding on okx",
        "DESCRIPTION:okx:BTC-USDT-SWAP\\nRate: not quoted yet. Every 8 h.",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_calendar_without_settlements_is_a_calendar_still() -> None:
    assert text().endswith("METHOD:PUBLISH\r\nEND:VCALENDAR\r\n")


def test_every_line_ends_with_both_characters_and_has_at_most_75_octets() -> None:
    written = text(row("dydx:FARTCOIN,raydium,9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump-USD", asset="币安人生" * 9))
    assert "\n" not in written.replace("\r\n", "")
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75


def test_a_uid_stays_when_the_rate_and_the_moment_change() -> None:
    def uids(written: str) -> list[str]:
        return [line for line in written.replace("\r\n ", "").split("\r\n") if line.startswith("UID:")]

    now, later = text(row("okx:A", 0.0001)), text(row("okx:A", 0.0002), dtstamp=NOW + 60)
    assert now != later
    assert uids(now) == uids(later) == ["UID:1800028800-okx-A@funding-finder"]
    assert uids(text(row("hibachi:BTC/USDT-P"))) == ["UID:1800028800-hibachi-BTC%2FUSDT-P@funding-finder"]


def test_a_negative_rate_keeps_its_sign_and_small_ones_their_digits() -> None:
    assert "okx -0.00125 %" in text(row("okx:A", -0.0000125))
    assert "okx +0 %" in text(row("okx:A", 0.0))


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [("a,b;c", "a\\,b\\;c"), ("a\\n", "a\\\\n"), ("a\r\nb", "a\\nb"), ("a:b", "a:b"), ('"', '"')],
)
def test_text_is_escaped(plain: str, escaped: str) -> None:
    assert escape(plain) == escaped


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("x" * 75, "x" * 75),
        ("x" * 76, "x" * 75 + "\r\n x"),
        ("x" * 150, "x" * 75 + "\r\n " + "x" * 74 + "\r\n x"),
        ("x" * 74 + "é", "x" * 74 + "\r\n é"),  # two octets: the character is not cut
        ("x" * 73 + "é", "x" * 73 + "é"),
        ("", ""),
    ],
)
def test_lines_are_folded_by_octets_and_characters_stay_whole(line: str, folded: str) -> None:
    assert fold(line) == folded


def test_what_was_folded_is_the_same_when_it_is_unfolded() -> None:
    line = "".join(chr(0x20 + place * 37 % 0x3000) for place in range(400))
    assert fold(line).replace("\r\n ", "") == line
