"""How an alert reads."""

import pytest

from funding.alerts.alert import (
    MOST_UNITS,
    Alert,
    as_html,
    as_summary,
    as_text,
    clock,
    parts,
    signed,
    size,
    span,
    units,
)
from tests.alerts.botapi import parse
from tests.alerts.given import NOW, alert

OKX = alert(
    key="exchange:okx",
    title="okx fails: timeout",
    lines=("www.okx.com: no whole answer within 30 s", "last good run 14:05 UTC, 15 min ago; 3 failed since"),
    command="funding try okx",
)


def test_the_first_line_says_all_and_the_last_what_to_do() -> None:
    assert as_text(OKX).split("\n") == [
        "🔴 okx fails: timeout",
        "www.okx.com: no whole answer within 30 s",
        "last good run 14:05 UTC, 15 min ago; 3 failed since",
        "funding try okx",
    ]
    assert as_html(OKX).replace("\u00a0", " ").split("\n") == [
        "<b>🔴 okx fails: timeout</b>",
        "www.okx.com: no whole answer within 30 s",
        "last good run 14:05 UTC, 15 min ago; 3 failed since",
        "<code>funding try okx</code>",
    ]


def test_a_figure_and_its_unit_stay_on_one_line_of_the_phone() -> None:
    said = as_html(alert(title="BTC: +5 % in 1 min 35 s", lines=("1.2 GB of 20 GB", "3 hours"), command="sleep 5 s"))
    lines = ["<b>🔴 BTC: +5~% in 1~min 35~s</b>", "1.2~GB of 20~GB", "3 hours", "<code>sleep 5 s</code>"]
    assert said.replace("\u00a0", "~").split("\n") == lines


def test_a_repetition_says_that_it_may_be_one() -> None:
    assert as_text(OKX, again=True).split("\n")[0].endswith(" (maybe again: the answer to the first try was lost)")


@pytest.mark.parametrize("words", ["a < b & c > d", "<b>", "&lt;", "</code>", "BTC_USDT*[x](y)`", "1<2"])
def test_whatever_an_exchange_says_is_shown_as_it_is(words: str) -> None:
    said = alert(title=words, lines=(words,), command=words)
    assert parse(as_html(said)).replace("\u00a0", " ") == as_text(said)


def test_words_of_exchanges_stay_one_printable_line_of_bounded_length() -> None:
    lines = as_text(alert(title="a\nb\x00\u202ec", lines=("x" * 1000,))).split("\n")
    assert lines == ["🔴 a b c", "x" * 299 + "…"]


def test_a_storm_is_one_message_that_telegram_takes() -> None:
    alerts = [alert(number, title=f"thing {number} " + "𝔘" * 290) for number in range(500)]
    alerts.append(alert(501, kind="resolved", title="thing 1 is well"))
    summary = as_summary(alerts)
    lines = as_text(summary).split("\n")
    assert lines[0] == "🔴 501 alerts at once: 500 raised, 1 resolved"
    assert lines[1].startswith("🔴 thing 0 𝔘𝔘𝔘")
    assert lines[-2:] == ["and 481 more", "funding alerts list"]
    assert units(as_text(summary, again=True)) < 4096


def test_a_summary_of_nothing_but_good_news_makes_no_noise() -> None:
    assert as_summary([alert(number, kind="resolved") for number in range(12)]).kind == "resolved"


def test_very_many_lines_become_several_messages_and_none_is_lost() -> None:
    lines = tuple(f"line {number} " + "𝔘" * 280 for number in range(40))
    found = parts(alert(lines=lines))
    assert [part.title for part in found][:2] == ["thing 1 is bad (1/7)", "thing 1 is bad (2/7)"]
    assert tuple(line for part in found for line in part.lines) == lines
    assert all(units(as_text(part)) <= MOST_UNITS for part in found)
    assert parts(OKX) == [OKX]


def test_it_comes_back_from_json_as_it_was() -> None:
    assert Alert.from_json({**OKX.to_json(), "lines": list(OKX.lines)}) == OKX


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (93, "1 min 33 s"), (3600, "1 h"), (3605, "1 h"), (90_061, "1 d 1 h"), (-5, "0 s")],
)
def test_spans_have_two_units_at_most(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_figures_have_a_sign_and_a_real_minus() -> None:
    assert [signed(one) for one in (12.344, -0.5, 0.0, -0.001, -12345.6)] == [
        "+12.34",
        "−0.50",
        "+0.00",
        "+0.00",
        "−12,345.60",
    ]


def test_sizes_and_times_have_units() -> None:
    assert [size(one) for one in (1.5e9, 268_435_456, 900)] == ["1.5 GB", "268 MB", "0.9 kB"]
    assert clock(NOW - 60, NOW) == "14:12 UTC"
    assert clock(NOW - 86_400, NOW) == "20 Sep 14:13 UTC"
