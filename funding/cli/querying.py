"""Commands that ask what the API answers: its parameters as flags, its answers from the local database, without a socket."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.types import WSGIApplication

from funding.api.app import make_app
from funding.api.context import FREE, PAID, PRO, Settings
from funding.api.query import Param
from funding.cli import console
from funding.cli.console import Column, Row
from funding.cli.options import add_json, add_settings, settings
from funding.cli.standing import answer
from funding.errors import FundingError, NotFoundError, SettingError
from funding.store.exchanges import newest_run
from funding.store.open import reader

LEFT_OUT = ("format", "cursor")
OK = 200
LONGEST_QUERY = 1_000_000  # an argument may be longer than a URL
OWN = "asked_"  # before an argument's name: a setting may have the same


def add_params(parser: ArgumentParser, table: Sequence[Param], *, besides: Sequence[str] = ()) -> None:
    """A flag for each parameter, but those that the command is given in its own way."""
    group = parser.add_argument_group("what is asked", "LIST: comma separated; --sort=-FIELD is from the greatest down")
    for param in table:
        if param.name not in (*LEFT_OUT, *besides):
            default = "" if param.default in (None, ()) else f" [{_shown(param.default)}]"
            metavar = "LIST" if param.many else "|".join(param.allowed) if 0 < len(param.allowed) < 5 else "…"
            group.add_argument(
                f"--{param.name.replace('_', '-')}",
                dest=OWN + param.name,
                metavar=metavar,
                required=param.required,
                help=param.sentence + default,
            )


def add_output(parser: ArgumentParser, what: str = "A JSON array, with every field,") -> None:
    add_json(parser, what)
    parser.add_argument("--csv", action="store_true", help="CSV, with every field, instead of a table.")
    add_settings(parser, "database", "interval_seconds")


def given(args: Namespace, table: Sequence[Param]) -> bool:
    """Whether any of the parameters' flags was used."""
    return any(getattr(args, OWN + param.name, None) is not None for param in table)


def ask(args: Namespace, path: str, table: Sequence[Param], **given: str) -> dict[str, Any]:
    """The answer's JSON. Raises SettingError for what the API would not take, NotFoundError for what is not there."""
    body: dict[str, Any] = json.loads(_answer(_application(args), args, path, table, given))
    return body


def show(args: Namespace, columns: Iterable[Column], path: str, table: Sequence[Param], **given: str) -> list[Row]:
    """Prints a list as a table, JSON or CSV, says its notices, and gives its rows. Raises NotFoundError where nothing is in it."""
    if args.csv and args.json:
        raise SettingError("--csv or --json, not both")
    if getattr(args, f"{OWN}fields", None) and not (args.csv or args.json):
        raise SettingError("--fields goes with --json or --csv: a table has its own")
    app = _application(args)
    body = json.loads(_answer(app, args, path, table, given))
    if args.csv:
        sys.stdout.write(_answer(app, args, path, table, given | {"format": "csv"}))
    elif args.json:
        console.print_list(body["rows"])
    elif body["rows"]:
        console.print_table(columns, body["rows"])
    for notice in body["notices"]:
        console.say(notice)
    if not body["rows"]:
        raise NotFoundError("nothing is like that")
    rows: list[Row] = body["rows"]
    return rows


def _application(args: Namespace) -> WSGIApplication:
    """Raises StoreError, and NotFoundError where nothing is stored."""
    config = settings(args)
    with closing(reader(config.database)) as conn:
        if newest_run(conn) is None:
            raise NotFoundError(f"{config.database}: nothing has been collected yet")
    return make_app(
        Settings(
            database=config.database,
            interval_seconds=config.interval_seconds,
            limits={FREE: 0, PAID: 0, PRO: 0},
            fees=dict(config.fees),
            longest_url=LONGEST_QUERY,
        )
    )


def _answer(app: WSGIApplication, args: Namespace, path: str, table: Sequence[Param], given: Mapping[str, str]) -> str:
    asked = {param.name: getattr(args, OWN + param.name, None) for param in table}
    query = urlencode({name: value for name, value in asked.items() if value is not None} | dict(given))
    status, text = answer(app, f"{quote(path)}?{query}")
    if status == OK:
        return text
    raise _error(status, json.loads(text))


def _error(status: int, problem: dict[str, Any]) -> FundingError:
    if status == 400 and problem["errors"]:
        return SettingError("; ".join(f"{_flag(error['parameter'])}: {error['detail']}" for error in problem["errors"]))
    return NotFoundError(problem["detail"]) if status == 404 else FundingError(problem["detail"])


def _flag(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
