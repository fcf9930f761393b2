"""Everything that can go wrong with an answer, as data and as pure edits of the body. The bytes are sent by delivery.py."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

# kind → the text that takes the place of a rate. The last four are JSON that no reader should get through.
RATES: Mapping[str, str] = {
    "nan": "NaN",
    "nan_text": '"NaN"',
    "huge": "1e999",
    "huge_text": '"1e999"',
    "null": "null",
    "bad_rows": '"n/a"',
    "types": '{"value":[true]}',
    "absurd": "",  # 500 %, in the venue's own unit
    "deep": "[" * 100_000 + "]" * 100_000,
    "duplicate": "",  # the same key again, with 0.5
}
FIRST_ONLY = ("deep",)
STATUSES = ("403", "418", "429", "451", "500", "502", "503")
WORDS = ("refused", "slow_down", "barred")  # in the venue's own form: mostly a 200 with a code
WHOLE = ("garbage", "empty_body", "empty", "redirect", "redirect_file")
WIRE = ("hang", "stall", "drip", "hangup", "reset", "short", "cut", "bomb", "endless")
KINDS = (*STATUSES, *WORDS, *RATES, *WHOLE, *WIRE)

FIELDS = ("fundingRate", "lastFundingRate", "funding", "funding_rate", "realizedRate", "relativeFundingRate", "r")
_RATE = re.compile(rf'"({"|".join(FIELDS)})":("[^"]*"|-?\d[\d.eE+-]*)')

GARBAGE = (
    "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>\n"
)
ELSEWHERE = "https://elsewhere.example/"
FILE = "file:///etc/passwd"
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """`only`: words of which one must stand in the request (path, query or body); none: every request.

    Of those that match every `every`th is hit, `times` of them at most (0: no end). `rows`: the share of rows that a kind of
    RATES spoils. `pause`: seconds between two bytes of a drip. `megabytes`: of the bomb, unpacked. `retry_after`: that header,
    as it stands. `to`: where a redirect leads.
    """

    kind: str
    only: tuple[str, ...] = ()
    every: int = 1
    times: int = 0
    rows: float = 1.0
    pause: float = 1.0
    megabytes: int = 256
    retry_after: str = ""
    to: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are {', '.join(KINDS)}")
        if self.every < 1:
            raise ValueError(f"every is 1 or more, not {self.every}")


class Armed:
    """A fault that is in force, with its counts."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.matched = 0
        self.hit = 0

    def strikes(self, words: str) -> bool:
        """Counts this request; true when it is to be hit."""
        fault = self.fault
        if fault.only and not any(word in words for word in fault.only):
            return False
        if fault.times and self.hit >= fault.times:
            return False
        self.matched += 1
        if self.matched % fault.every:
            return False
        self.hit += 1
        return True


def spoil(text: str, fault: Fault, absurd: str) -> str:
    """The JSON text with the rates of a share of its rows replaced, evenly spread."""
    rows = 0
    replacement = f'"{absurd}"' if fault.kind == "absurd" else RATES[fault.kind]

    def edit(match: re.Match[str]) -> str:
        nonlocal rows
        rows += 1
        if not _hit(fault, rows):
            return match[0]
        if fault.kind == "duplicate":
            return f'{match[0]},"{match[1]}":"0.5"'
        return f'"{match[1]}":{replacement}'

    return _RATE.sub(edit, text)


def _hit(fault: Fault, row: int) -> bool:
    """Whether the row (from 1) is one of those to spoil."""
    if fault.kind in FIRST_ONLY:
        return row == 1
    return int(row * fault.rows) > int((row - 1) * fault.rows)


def emptied(body: Any) -> Any:
    """The same answer without its rows: every list of objects is empty."""
    if isinstance(body, dict):
        return {key: emptied(value) for key, value in body.items()}
    if not isinstance(body, list):
        return body
    if all(row is None or isinstance(row, dict) for row in body):
        return []
    return [emptied(part) for part in body]


@cache
def bomb(megabytes: int) -> bytes:
    """gzip: blanks, a thousandth of their size when packed, and sound to the last byte."""
    blanks = b" " * MEGABYTE
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = bytearray()
    for _ in range(megabytes):
        packed += pack.compress(blanks)
    return bytes(packed + pack.flush())
