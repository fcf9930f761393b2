"""What goes to the terminal: data on stdout as JSON or a table, talk on stderr, a progress line where somebody watches."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

Row = Mapping[str, Any]

UNKNOWN = "–"
GAP = "  "
BOLD, DIM, RED, GREEN, YELLOW, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
ERASE_LINE = "\r\x1b[K"
FEWEST_LETTERS = 8  # a column is not cut to less
PROGRESS_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Column:
    """`text` makes a cell. `number`: aligned to the right, coloured by its sign. `cut`: may be shortened to fit the screen."""

    title: str
    text: Callable[[Row], str]
    number: bool = False
    signed: bool = False
    cut: bool = False


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def has_colour(stream: TextIO) -> bool:
    """By https://no-color.org: any value of NO_COLOR but the empty one says no."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def plain(text: str) -> str:
    """One line that cannot drive a terminal: exchanges' words reach it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def say(text: str) -> None:
    """Talk, for the person who called."""
    print(plain(text), file=sys.stderr, flush=True)


# JSON


def print_lines(rows: Iterable[Row]) -> None:
    """One object per line."""
    for row in rows:
        print(_encode(row))


def print_list(rows: Iterable[Row]) -> None:
    """One array, an object per line."""
    comma = ""
    print("[", end="")
    for row in rows:
        print(f"{comma}\n{_encode(row)}", end="")
        comma = ","
    print("\n]")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

# Tables


def print_table(columns: Iterable[Column], rows: Iterable[Row]) -> None:
    """Aligned; on a terminal with colours, a real minus, and no line longer than the screen where columns may be cut."""
    columns = list(columns)
    cells = [[plain(column.text(row)) for column in columns] for row in rows]
    widths = _widths(columns, cells, screen_width(sys.stdout))
    colour, terminal = has_colour(sys.stdout), is_terminal(sys.stdout)
    titles = GAP.join(
        _padded(column.title, width, column) for column, width in zip(columns, widths, strict=True)
    ).rstrip()
    print(f"{BOLD}{titles}{PLAIN}" if colour else titles)
    for line in cells:
        shown = (
            _cell(text, width, column, terminal, colour)
            for text, width, column in zip(line, widths, columns, strict=True)
        )
        print(GAP.join(shown).rstrip())


def _widths(columns: list[Column], cells: list[list[str]], screen: int | None) -> list[int]:
    widths = [max([len(column.title), *(len(line[place]) for line in cells)]) for place, column in enumerate(columns)]
    cuttable = [place for place, column in enumerate(columns) if column.cut]
    if screen is None or not cuttable:
        return widths
    over = sum(widths) + len(GAP) * (len(widths) - 1) - screen
    for _ in range(max(over, 0)):  # a letter at a time off the widest
        widest = max(cuttable, key=lambda place: widths[place])
        widths[widest] = max(widths[widest] - 1, FEWEST_LETTERS, len(columns[widest].title))
    return widths


def _cell(text: str, width: int, column: Column, terminal: bool, colour: bool) -> str:
    shown = _padded(text if len(text) <= width else text[: width - 1] + "…", width, column)
    if terminal and column.number:
        shown = shown.replace("-", "−")
    tint = {"-": RED, "+": GREEN}.get(text[:1]) if colour and column.signed else None
    return f"{tint}{shown}{PLAIN}" if tint else shown


def _padded(text: str, width: int, column: Column) -> str:
    return text.rjust(width) if column.number else text.ljust(width)


def screen_width(stream: TextIO) -> int | None:
    """Letters in a line; None where nobody looks at a screen."""
    if not is_terminal(stream):
        return None
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"])
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


# Figures


def percent(value: float | None, digits: int) -> str:
    return UNKNOWN if value is None else f"{value:+,.{digits}f}%"


def amount(value: float | None) -> str:
    """1234567 → 1.23M."""
    if value is None:
        return UNKNOWN
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            return f"{value / size:#.3g}".rstrip(".") + letter
    return f"{value:.3g}"


def size(count: float) -> str:
    """Bytes: 81600000000 → 81.6 GB."""
    for unit, letters in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit * 0.9995:
            return f"{count / unit:#.3g}".rstrip(".") + f" {letters}"
    return f"{count:.0f} B"


def price(value: float | None) -> str:
    """Never with an exponent: 0.000002128, which is compared by eye with what an exchange shows."""
    if value is None:
        return UNKNOWN
    short = f"{value:,.1f}" if value >= 10_000 else f"{value:.6g}"
    return f"{float(short):.15f}".rstrip("0") if "e" in short else short


def hours(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:g}h"


def moment(seconds: int | None) -> str:
    return UNKNOWN if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def span(seconds: float | None) -> str:
    """93 → 1m33s; the two largest units."""
    if seconds is None:
        return UNKNOWN
    sign, left = ("-" if seconds < 0 else ""), abs(int(seconds))
    parts = [(left // 86_400, "d"), (left % 86_400 // 3600, "h"), (left % 3600 // 60, "m"), (left % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return sign + "".join(f"{count}{unit}" for count, unit in parts[:2] if count or len(parts) == 1)


# Progress


class Progress:
    """A line on stderr that overwrites itself, and only where somebody watches."""

    def __init__(self) -> None:
        self._watched = is_terminal(sys.stderr)
        self._last = 0.0

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self._watched and now - self._last >= PROGRESS_SECONDS:
            self._last = now
            print(f"{ERASE_LINE}{plain(text)}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._watched:
            print(ERASE_LINE, end="", file=sys.stderr, flush=True)
