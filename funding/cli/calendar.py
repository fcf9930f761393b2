"""`funding calendar`: when the stored contracts will pay funding next, by time."""

from argparse import ArgumentParser, Namespace

from funding.api.params import CALENDAR
from funding.cli import console, exits
from funding.cli.console import Column
from funding.cli.querying import add_output, add_params, show

PATH = "/api/funding/calendar"
COLUMNS = (
    Column("AT (UTC)", lambda row: console.moment(row["funding_time"])),
    Column("EXCHANGE", lambda row: row["exchange"]),
    Column("SYMBOL", lambda row: row["symbol"], cut=True),
    Column("RATE", lambda row: console.percent(row["funding_rate_pct"], 4), number=True, signed=True),
    Column("EVERY", lambda row: console.hours(row["funding_interval_hours"]), number=True),
    Column("TIME IS", lambda row: row["time_source"] or console.UNKNOWN),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "A rate is quoted for a contract's next payment alone."
    add_params(parser, CALENDAR)
    add_output(parser)


def run(args: Namespace) -> int:
    show(args, COLUMNS, PATH, CALENDAR)
    return exits.OK
