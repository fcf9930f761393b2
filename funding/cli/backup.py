"""`funding backup`: a copy of the database that is proved before it counts; older ones go as they lose their use."""

import time
from argparse import ArgumentParser, Namespace

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.store.backup import back_up, backups, expendable, remove


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "Kept are the newest of 24 hours, of 7 days and of 4 weeks. The path of the new one is on stdout."
    add_settings(parser, "database", "backups")


def run(args: Namespace) -> int:
    config = settings(args)
    made = back_up(config.database, config.backups, int(time.time()))
    old = expendable(backups(config.backups))
    for backup in old:
        remove(backup)
    rows = f"{sum(made.rows.values()):,} rows, {console.size(made.bytes)}, packed {console.size(made.packed_bytes)}"
    console.say(f"{config.database} backed up: {rows}" + (f"; {len(old)} old ones removed" if old else ""))
    print(made.path)
    return exits.OK
