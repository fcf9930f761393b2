"""`funding intervals`: the stored log of contracts that changed how often they pay funding."""

from argparse import ArgumentParser, Namespace

from funding.api.params import INTERVALS
from funding.cli import console, exits
from funding.cli.console import Column
from funding.cli.querying import add_output, add_params, show

PATH = "/api/funding/intervals"
COLUMNS = (
    Column("FIRST SEEN (UTC)", lambda row: console.moment(row["first_seen_at"])),
    Column("EXCHANGE", lambda row: row["exchange"]),
    Column("SYMBOL", lambda row: row["symbol"], cut=True),
    Column("ASSET", lambda row: row["asset"]),
    Column("FROM", lambda row: console.hours(row["from_interval_hours"]), number=True),
    Column("TO", lambda row: console.hours(row["to_interval_hours"]), number=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "The newest first."
    add_params(parser, INTERVALS)
    add_output(parser)


def run(args: Namespace) -> int:
    show(args, COLUMNS, PATH, INTERVALS)
    return exits.OK
