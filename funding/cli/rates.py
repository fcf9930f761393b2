"""`funding rates`: the stored rates as they stand now."""

import time
from argparse import ArgumentParser, Namespace

from funding.api.params import CURRENT
from funding.cli import console, exits
from funding.cli.querying import add_output, add_params, show
from funding.cli.show import columns

PATH = "/api/funding/current"


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "AGE: since it was seen; ! where it is too old to be relied on."
    parser.add_argument(
        "assets", metavar="ASSET", nargs="*", help="Only these, as BTC; XBT and 1000PEPE are understood."
    )
    add_params(parser, CURRENT, besides=("base",))
    add_output(parser)


def run(args: Namespace) -> int:
    base = {"base": ",".join(args.assets)} if args.assets else {}
    rows = show(args, columns(int(time.time())), PATH, CURRENT, **base)
    stale = sum(row.get("stale", False) for row in rows)
    if stale:
        console.say(f"{stale} of {len(rows)} rows are stale (!)")
    return exits.OK
