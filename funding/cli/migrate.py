"""`funding migrate`: makes the database, or brings it to this release's schema."""

from argparse import ArgumentParser, Namespace
from contextlib import closing

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.store.migrate import migrate, state
from funding.store.open import writer


def add_arguments(parser: ArgumentParser) -> None:
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    with closing(writer(database, synchronous="FULL")) as conn:
        applied = migrate(conn)
        schema = state(conn).schema
    done = f"applied {', '.join(map(str, applied))}" if applied else "nothing to do"
    console.say(f"{database}: schema {schema}, {done}")
    return exits.OK
