"""Tables and figures."""

import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from funding.cli import console
from funding.cli.console import Column, Progress, print_list, print_table

COLUMNS = (
    Column("NAME", lambda row: row["name"], cut=True),
    Column("RATE", lambda row: console.percent(row["rate"], 2), number=True, signed=True),
)
ROWS: list[Mapping[str, Any]] = [
    {"name": "a", "rate": -1.5},
    {"name": "a long name", "rate": 1000.0},
    {"name": "c", "rate": None},
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")


def on_a_screen() -> list[str]:
    with redirect_stdout(Terminal()) as screen:
        print_table(COLUMNS, ROWS)
    return screen.getvalue().splitlines()


def test_a_table_into_a_pipe_is_aligned_plain_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "NAME               RATE",
        "a                -1.50%",
        "a long name  +1,000.00%",
        "c                     –",
    ]


def test_on_a_terminal_minus_is_a_real_one_and_signs_have_colours() -> None:
    assert on_a_screen() == [
        "\x1b[1mNAME               RATE\x1b[0m",
        "a            \x1b[31m    −1.50%\x1b[0m",
        "a long name  \x1b[32m+1,000.00%\x1b[0m",
        "c                     –",
    ]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert on_a_screen()[1] == "a                −1.50%"


def test_a_column_that_may_be_cut_gives_way_on_a_narrow_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "21")
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_a_screen()[2] == "a long n…  +1,000.00%"


def test_what_comes_from_outside_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS[:1], [{"name": "a\x1b[2Jb\nc"}])
    assert capsys.readouterr().out.splitlines() == ["NAME", "a [2Jb c"]


def test_a_list_is_one_array_with_an_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_list([{"a": None}, {"a": -0.0001}])
    assert capsys.readouterr().out == '[\n{"a": null},\n{"a": -0.0001}\n]\n'
    print_list([])
    assert capsys.readouterr().out == "[\n]\n"


def test_progress_is_shown_only_where_somebody_watches() -> None:
    for stream, shown in ((Terminal(), "\r\x1b[Kokx: 3 calls\r\x1b[K"), (io.StringIO(), "")):
        with redirect_stderr(stream):
            progress = Progress()
            progress.show("okx: 3 calls")
            progress.clear()
        assert stream.getvalue() == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (12.34, "12.3"),
        (999.6, "1.00k"),
        (1234567.0, "1.23M"),
        (9.99e8, "999M"),
        (5e10, "50.0B"),
        (2.5e9, "2.50B"),
    ],
)
def test_amounts(value: float | None, text: str) -> None:
    assert console.amount(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (999_600, "1.00 MB"), (172_032, "172 kB"), (3e9, "3.00 GB"), (8.16e10, "81.6 GB")],
)  # fmt: skip
def test_sizes(count: float, text: str) -> None:
    assert console.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.000002128, "0.000002128"), (0.00012345678, "0.000123457"), (1.5, "1.5"), (64123.456, "64,123.5")],
)
def test_prices(value: float | None, text: str) -> None:
    assert console.price(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0s"), (59, "59s"), (60, "1m"), (93, "1m33s"), (3600, "1h"), (9060, "2h31m"), (90_000, "1d1h"), (-93, "-1m33s")],
)  # fmt: skip
def test_spans(seconds: int | None, text: str) -> None:
    assert console.span(seconds) == text
