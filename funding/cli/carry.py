"""`funding carry`: what holding a pair pays, payment by payment, from what is stored."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from funding.analysis.carry import LEDGER_FIELDS
from funding.api.formats import csv_rows
from funding.api.params import CARRY
from funding.cli import console, exits
from funding.cli.console import Column
from funding.cli.querying import add_output, add_params, ask
from funding.errors import SettingError

PATH = "/api/funding/carry"
COLUMNS = (
    Column("AT (UTC)", lambda row: console.moment(row["paid_at"])),
    Column("LEG", lambda row: row["leg"]),
    Column("CONTRACT", lambda row: row["contract"], cut=True),
    Column("WHAT", lambda row: row["what"]),
    Column("KNOWN FROM", lambda row: row["rate_source"] or ""),
    Column("%", lambda row: console.percent(row["pct"], 4), number=True, signed=True),
    Column("AMOUNT", lambda row: console.UNKNOWN if row["amount"] is None else f"{row['amount']:+,.2f}", number=True, signed=True),
)  # fmt: skip


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "AMOUNT: above 0 is received. After now, each settlement is taken to be at the current rate."
    add_params(parser, CARRY)
    add_output(parser, "The whole answer as JSON")


def run(args: Namespace) -> int:
    if args.csv and args.json:
        raise SettingError("--csv or --json, not both")
    found = ask(args, PATH, CARRY)
    if args.json:
        console.print_lines([found])
    elif args.csv:
        rows = (tuple(entry[name] for name in LEDGER_FIELDS) for entry in found["ledger"])
        sys.stdout.write(b"".join(csv_rows(LEDGER_FIELDS, rows)).decode())
    else:
        console.print_table(COLUMNS, list(_lines(found)))
    for notice in found["notices"]:
        console.say(notice)
    return exits.OK


def _lines(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The ledger, then what it comes to."""
    for entry in found["ledger"]:
        yield entry | {"contract": f"{entry['exchange']}:{entry['symbol']}"}
    for what in ("funding", "fees", "net"):
        amount, pct = found[f"{what}_amount"], found[f"{what}_pct"]
        sums = {
            "paid_at": found["end_at"],
            "leg": "both",
            "contract": "",
            "rate_source": "",
            "pct": pct,
            "amount": amount,
        }
        yield sums | {"what": what}
