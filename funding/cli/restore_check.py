"""`funding restore-check`: restores the newest backup to a place of its own, to know that it can be done."""

import time
from argparse import ArgumentParser, Namespace

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.errors import FundingError
from funding.store.backup import newest, restore

OLDEST_HOURS = 3  # they are made every hour


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = f"Fails too where the newest is more than {OLDEST_HOURS} hours old."
    add_settings(parser, "backups")


def run(args: Namespace) -> int:
    folder = settings(args).backups
    backup = newest(folder)
    trial = folder / "restore-check.db"
    trial.unlink(missing_ok=True)
    try:
        restore(backup, trial)
    finally:
        trial.unlink(missing_ok=True)
    age = time.time() - backup.made_at
    if age > OLDEST_HOURS * 3600:
        raise FundingError(f"{backup.path} can be restored, but is {console.span(age)} old: are backups still made?")
    console.say(f"{backup.path} can be restored: {sum(backup.rows.values()):,} rows, {console.span(age)} old")
    return exits.OK
