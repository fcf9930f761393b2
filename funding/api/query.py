"""Reads a query by a table of parameters. Unknown, repeated and malformed ones are refused by name, never passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from funding.api.kinds import MOST_ITEMS, Kind
from funding.api.problems import ProblemError, bad_parameters, did_you_mean, parameter_error

Values = dict[str, Any]

MOST_PARAMETERS = 50
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Param:
    """`many`: a comma list, whose value is a tuple; `kind` and `allowed` are then about each of its items."""

    name: str
    kind: Kind
    sentence: str
    default: Any = None
    allowed: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


def defaults(table: tuple[Param, ...]) -> Values:
    return {param.name: param.default for param in table}


def read(query: str, table: tuple[Param, ...]) -> Values:
    """All parameters of the table, read, those not given with their default.

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
    errors += [
        parameter_error(param.name, f"is missing. {param.sentence}", "")
        for param in table
        if param.required and param.name not in seen
    ]
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
    value = param.kind.read(text)
    if param.allowed and value not in param.allowed:
        choice = did_you_mean(text, param.allowed) or (
            f"; it is one of {', '.join(param.allowed)}" if len(param.allowed) < 10 else ""
        )
        raise ValueError(f"may not be {text}{choice}")
    return value
