"""Kinds of parameters: how the text of one is read, and the JSON schema that says the same to a client.

Reading raises ValueError, in words. Knows no parameter by name.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from funding.rate import EARLIEST, LATEST

LONGEST_NAME = 80
MOST_ITEMS = 100  # of a comma list
GREATEST_FEE_PCT = 10.0
MILLISECOND_DIGITS = 13

DECIMAL = re.compile(r"\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"\d{1,18}", re.ASCII)
UNSEEN = r"\x00-\x20\x7f-\xa0\u2028\u2029"  # control characters, blanks, what breaks a line
VISIBLE = re.compile(f"[^{UNSEEN}]{{1,{LONGEST_NAME}}}")
WORDS = re.compile(f" *[^{UNSEEN}]+( +[^{UNSEEN}]+)* *")
DAY = r"20[1-9]\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-3]):[0-5]\d)?"


@dataclass(frozen=True, slots=True)
class Kind:
    """`item`: the schema where it is one of a comma list, if that is another."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    item: Mapping[str, Any] | None = None


def number(least: float, greatest: float, wrong: str = "") -> Kind:
    """`wrong`: what a text that is no such number is said to be, if the bounds would say too little."""
    words = wrong or f"is not a number from {least:g} to {greatest:g}"

    def read(text: str) -> float:
        value = float(text) if DECIMAL.fullmatch(text) else math.nan
        if not least <= value <= greatest:
            raise ValueError(words)
        return value

    return Kind(read, {"type": "number", "minimum": least, "maximum": greatest})


def whole(least: int, greatest: int) -> Kind:
    def read(text: str) -> int:
        if not WHOLE.fullmatch(text) or not least <= int(text) <= greatest:
            raise ValueError(f"is not a whole number from {least} to {greatest}")
        return int(text)

    return Kind(read, {"type": "integer", "minimum": least, "maximum": greatest})


def _name(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    if not VISIBLE.fullmatch(text):
        raise ValueError(f"is not a name of at most {LONGEST_NAME} characters")
    return text


def _words(text: str) -> str:
    if len(text) > LONGEST_NAME or not WORDS.fullmatch(text):
        raise ValueError(f"is not one word or more, together at most {LONGEST_NAME} characters")
    return text


def _own_fee(text: str) -> tuple[str, float]:
    """ "okx:0.05" → the exchange and its taker fee in per cent."""
    exchange, colon, pct = text.partition(":")
    if not colon or not exchange or not DECIMAL.fullmatch(pct) or float(pct) > GREATEST_FEE_PCT:
        raise ValueError(f"is not a list of exchange:per cent, each up to {GREATEST_FEE_PCT:g}, such as okx:0.05")
    return _name(exchange), float(pct)


def _contract(text: str) -> str:
    exchange, colon, symbol = text.partition(":")
    if not colon or not exchange or not symbol:
        raise ValueError("is not a contract as exchange:symbol, such as okx:BTC-USDT-SWAP")
    return _name(text)


def _moment(text: str) -> int:
    """Unix seconds, from seconds, milliseconds (13 digits) or ISO 8601, UTC where it names no zone."""
    try:
        if WHOLE.fullmatch(text):
            found = int(text) // (1000 if len(text) == MILLISECOND_DIGITS else 1)
        else:
            read = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)  # a + is a space in a query
            found = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        found = -1
    if not EARLIEST <= found <= LATEST:
        raise ValueError("is not a time between 2010 and 2100, as Unix seconds, milliseconds or ISO 8601 in UTC")
    return found


NAME = Kind(
    _name,
    {"type": "string", "pattern": f"^[^{UNSEEN}]{{1,{LONGEST_NAME}}}$"},
    {"type": "string", "pattern": f"^[^{UNSEEN},]{{1,{LONGEST_NAME}}}$"},
)
SEARCH = Kind(_words, {"type": "string", "maxLength": LONGEST_NAME, "pattern": f"^{WORDS.pattern}$"})
EXCHANGE_ID = Kind(_name, {"type": "string"})  # which there are, the installation decides
CONTRACT = Kind(_contract, {"type": "string", "maxLength": LONGEST_NAME, "pattern": f"^[^{UNSEEN}:]+:[^{UNSEEN}]+$"})
PER_CENT = r"(10|[0-9](\.[0-9]{1,6})?)"
OWN_FEE = Kind(_own_fee, {"type": "string", "pattern": f"^[a-z0-9-]+:{PER_CENT}$"})
MOMENT = Kind(
    _moment,
    {
        "anyOf": [
            {"type": "integer", "minimum": EARLIEST, "maximum": LATEST},
            {"type": "integer", "minimum": EARLIEST * 1000, "maximum": LATEST * 1000 + 999},
            {"type": "string", "pattern": f"^{DAY}(T{TIME})?$"},
        ]
    },
)
