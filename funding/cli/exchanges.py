"""`funding exchanges`: what can be collected, and what that costs each exchange. Needs no database and no network.

With --standing: those that are collected here and how each stands, from the database.
"""

from argparse import ArgumentParser, Namespace
from typing import Any

from funding.adapter import Exchange, load
from funding.api.params import EXCHANGES
from funding.cli import console, exits
from funding.cli.cost import budget_share, budget_words, calls_per_cycle
from funding.cli.options import settings
from funding.cli.querying import add_output, add_params, given, show
from funding.errors import SettingError

COLUMNS = (
    console.Column("EXCHANGE", lambda row: row["exchange"]),
    console.Column("TITLE", lambda row: row["title"], cut=True),
    console.Column("KIND", lambda row: row["kind"]),
    console.Column("RATE", lambda row: row["rate_kind"]),
    console.Column("CALLS", lambda row: _known(row["calls_per_cycle"]), number=True),
    console.Column("BUDGET", lambda row: row["budget"]),
    console.Column("USED", lambda row: _share(row["budget_share"]), number=True),
    console.Column("HISTORY", lambda row: "yes" if row["history"] else "no"),
)
PATH = "/api/exchanges"
STANDING = (
    console.Column("EXCHANGE", lambda row: row["exchange"]),
    console.Column("STATUS", lambda row: row["status"]),
    console.Column("ROWS", lambda row: _known(row["contracts"]), number=True),
    console.Column("AGE", lambda row: console.span(row["age_seconds"]), number=True),
    console.Column("TOOK", lambda row: _seconds(row["fetch_seconds"]), number=True),
    console.Column("FAILED", lambda row: str(row["consecutive_failures"]), number=True),
    console.Column("LAST ERROR", lambda row: row["last_error"] or "", cut=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "CALLS: in a cycle, on the average; – where a list that the exchange gives tells. USED: of the budget."
    )
    parser.add_argument("--standing", action="store_true", help="How those stand that are collected here.")
    add_params(parser, EXCHANGES)
    add_output(parser)


def run(args: Namespace) -> int:
    if args.standing:
        show(args, STANDING, PATH, EXCHANGES)
        return exits.OK
    if args.csv or given(args, EXCHANGES):
        raise SettingError("only --json goes without --standing")
    interval = settings(args).interval_seconds
    rows = [_row(name, exchange, interval) for name, exchange in load().items()]
    if args.json:
        console.print_list(rows)
    else:
        console.print_table(COLUMNS, rows)
    return exits.OK


def _row(name: str, exchange: Exchange, interval_seconds: int) -> dict[str, Any]:
    return {
        "exchange": name,
        "title": exchange.title,
        "kind": exchange.kind,
        "rate_kind": exchange.rate_kind,
        "calls_per_cycle": calls_per_cycle(exchange, interval_seconds),
        "budget": budget_words(exchange),
        "budget_share": budget_share(exchange, interval_seconds),
        "hosts": sorted(exchange.hosts),
        "history": exchange.history is not None,
    }


def _known(value: int | None) -> str:
    return console.UNKNOWN if value is None else str(value)


def _seconds(value: float | None) -> str:
    return console.UNKNOWN if value is None else f"{value:.1f}s"


def _share(value: float | None) -> str:
    if value is None:
        return console.UNKNOWN
    return "<0.1%" if value < 0.001 else f"{value:.1%}"
