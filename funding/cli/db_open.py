"""`funding db-open`: sees to it that a reader who may not write beside the database finds its -wal and -shm there."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.store.migrate import state
from funding.store.open import writer


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "A writer that is the last one to close removes them. A database that is not there yet is no fault."
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    if not database.exists():
        console.say(f"{database}: there is no database yet")
        return exits.OK
    if all(Path(f"{database}{ending}").exists() for ending in ("-wal", "-shm")):
        return exits.OK
    conn = writer(database)
    state(conn)  # the first read makes the files
    console.say(f"{database}: -wal and -shm made")
    sys.stderr.flush()
    os._exit(exits.OK)  # without closing, which would remove them again
