"""`funding arb`: pairs to short and to long, net of fees, from the rates that are stored."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from funding.api.params import ARB
from funding.cli import console, exits
from funding.cli.console import Column, Row
from funding.cli.querying import add_output, add_params, show

PATH = "/api/funding/arb"


def _leg(side: str) -> Callable[[Row], str]:
    return lambda row: f"{row[side]['exchange']}:{row[side]['symbol']}"


def _percent(name: str, digits: int) -> Callable[[Row], str]:
    return lambda row: console.percent(row[name], digits)


COLUMNS = (
    Column("ASSET", lambda row: row["asset"], cut=True),
    Column("SHORT", _leg("short"), cut=True),
    Column("LONG", _leg("long"), cut=True),
    Column("8H", _percent("spread_8h_pct", 4), number=True, signed=True),
    Column("NET A YEAR", _percent("net_annualized_pct", 2), number=True, signed=True),
    Column("EVEN AFTER", lambda row: console.span(round(row["breakeven_hours"] * 3600)), number=True),
    Column("CHARGED 7D", _percent("settled_spread_7d_pct", 3), number=True, signed=True),
    Column("OI $", lambda row: console.amount(row["min_open_interest_usd"]), number=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "NET A YEAR: after the fees of --holding-hours. CHARGED 7D: what the pair earned in the last week."
    add_params(parser, ARB)
    add_output(parser)


def run(args: Namespace) -> int:
    show(args, COLUMNS, PATH, ARB)
    return exits.OK
