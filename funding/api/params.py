"""Every parameter: its name, how its text is read, what it may be, its default and a sentence. Unknown ones are refused.

The tables here are what handlers validate with and what documents the API: a parameter stands here or it does not exist.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from funding.analysis.current import FIELDS
from funding.api.problems import ProblemError, bad_parameters, did_you_mean, parameter_error

Values = dict[str, Any]

MOST_PARAMETERS = 50
MOST_ITEMS = 100  # of a comma list
LONGEST_NAME = 80
LARGEST_OFFSET = 1_000_000_000
ALL = 20_000  # the greatest limit of the lists that are given whole by default

DECIMAL = re.compile(r"\d{1,18}(\.\d{1,18})?(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"\d{1,18}", re.ASCII)
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


# Text → value; ValueError says what is wrong, in words


def name(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    if len(text) > LONGEST_NAME or not text.isprintable() or " " in text:
        raise ValueError(f"is not a name of at most {LONGEST_NAME} characters")
    return text


def amount(text: str) -> float:
    """A number that is not negative."""
    if not DECIMAL.fullmatch(text):
        raise ValueError("is not a number such as 1000000 or 0.5")
    return float(text)


def hours(text: str) -> float:
    value = amount(text)
    if value == 0:
        raise ValueError("is not a number of hours above 0")
    return value


def whole(least: int, greatest: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not WHOLE.fullmatch(text) or not least <= int(text) <= greatest:
            raise ValueError(f"is not a whole number from {least} to {greatest}")
        return int(text)

    return convert


# The tables


@dataclass(frozen=True, slots=True)
class Param:
    """`many`: a comma list, whose value is a tuple; `convert` and `allowed` are then about each of its items."""

    name: str
    convert: Callable[[str], Any]
    sentence: str
    default: Any = None
    allowed: tuple[str, ...] = ()
    many: bool = False


def list_params(
    fields: tuple[str, ...], default_limit: int, greatest_limit: int, unsorted: tuple[str, ...] = ()
) -> tuple[Param, ...]:
    """The parameters of every list of rows with these fields; `unsorted` ones have no order."""
    sortable = [field for field in fields if field not in unsorted]
    return (
        Param("limit", whole(1, greatest_limit), "At most so many rows.", default_limit),
        Param("offset", whole(0, LARGEST_OFFSET), "Rows to pass over first.", 0),
        Param(
            "sort",
            name,
            "Fields to sort by, the first counts most; a minus in front turns the order round. Unknown values come last.",
            default=(),
            allowed=tuple(sign + field for field in sortable for sign in ("", "-")),
            many=True,
        ),
        Param("fields", name, "Give these fields only, in this order.", default=(), allowed=fields, many=True),
    )


CURRENT = (
    Param("exchange", name, "Only these exchanges, by id.", default=(), many=True),
    Param(
        "base",
        name,
        "Only these assets, whatever the case; aliases and multipliers are resolved.",
        default=(),
        many=True,
    ),
    Param("quote", name, "Only contracts quoted in these currencies.", default=(), many=True),
    Param("symbol", name, "Only this contract: the exchange's own symbol, or exchange:symbol."),
    Param("kind", name, "Only contracts of this kind.", allowed=("linear", "inverse")),
    Param("min_volume", amount, "Only contracts known to trade so many US dollars in 24 hours; 0 asks for nothing."),
    Param("min_open_interest", amount, "Only contracts known to have so many US dollars open; 0 asks for nothing."),
    Param("interval_hours", hours, "Only contracts that pay funding every so many hours.", default=(), many=True),
    Param("stale", name, "Whether stale rows are given.", default="include", allowed=("include", "exclude")),
    *list_params(FIELDS, ALL, ALL),
)
SYMBOL_FIELDS = (*FIELDS, "settled_1d_pct", "settled_7d_pct", "settled_30d_pct")
SYMBOL = list_params(SYMBOL_FIELDS, ALL, ALL)
EXCHANGE_FIELDS = (
    "exchange", "title", "kind", "status", "contracts", "hosts", "calls_per_cycle", "budget", "budget_share",
    "last_run_at", "last_success_at", "age_seconds", "fetch_seconds", "calls", "skipped", "failures", "notices",
    "consecutive_failures", "last_error_at", "last_error_kind", "last_error", "fees", "link_pattern",
)  # fmt: skip
EXCHANGES = list_params(EXCHANGE_FIELDS, 100, 1000, unsorted=("skipped", "failures", "notices", "fees"))


def defaults(table: tuple[Param, ...]) -> Values:
    return {param.name: param.default for param in table}


# Reading a query


def read(query: str, table: tuple[Param, ...]) -> Values:
    """All parameters of the table, converted, those not given with their default.

    `query` as WSGI has it: its bytes as Latin-1. Raises ProblemError (400) that names every parameter that is wrong.
    """
    known = {param.name: param for param in table}
    values = defaults(table)
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for written, raw in _fields(query):
        parameter = written
        try:
            parameter = _decoded(written)
            values[parameter] = _value(parameter, raw, known, seen)
        except ValueError as error:
            errors.append(parameter_error(parameter, str(error), raw or ""))
        seen.add(parameter)
    if errors:
        raise bad_parameters(errors)
    return values


def pairs(query: str) -> list[tuple[str, str]]:
    """The names and decoded values of a query that was read without an error."""
    return [(_decoded(written), _decoded(raw or "")) for written, raw in _fields(query)]


def _fields(query: str) -> Iterator[tuple[str, str | None]]:
    """Each parameter's name and value as they were sent; the value is None without "="."""
    fields = query.split("&") if query else []
    if len(fields) > MOST_PARAMETERS:
        raise ProblemError(400, f"The query has more than {MOST_PARAMETERS} parameters.")
    for field in fields:
        written, equals, raw = field.partition("=")
        yield written, raw if equals else None


def _value(parameter: str, raw: str | None, known: dict[str, Param], seen: set[str]) -> Any:
    if parameter not in known:
        raise ValueError(f"is not a parameter of this path{did_you_mean(parameter, known)}")
    if parameter in seen:
        raise ValueError("is given more than once; several values are separated by commas where a list is allowed")
    if raw is None:
        raise ValueError("has no value")
    param, text = known[parameter], _decoded(raw)
    if not param.many:
        return _item(param, text)
    items = text.split(",")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"has more than {MOST_ITEMS} items")
    return tuple(dict.fromkeys(_item(param, item) for item in items))


def _decoded(raw: str) -> str:
    if BROKEN_ESCAPE.search(raw):
        raise ValueError("has a % that is not followed by two hexadecimal digits")
    try:
        return unquote_plus(raw.encode("latin-1").decode("utf-8"), errors="strict")
    except UnicodeError:
        raise ValueError("is not UTF-8") from None


def _item(param: Param, text: str) -> Any:
    value = param.convert(text)
    if param.allowed and value not in param.allowed:
        choice = did_you_mean(text, param.allowed) or (
            f"; it is one of {', '.join(param.allowed)}" if len(param.allowed) < 10 else ""
        )
        raise ValueError(f"may not be {text}{choice}")
    return value
