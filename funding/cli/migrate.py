"""`funding migrate`: makes the database, or brings it to this release's schema."""

from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.store.migrate import migrate, pending, state
from funding.store.open import reader, writer


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--pending", action="store_true", help="Only list what would be applied, by number, on stdout.")
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    if args.pending:
        return _list_pending(database)
    with closing(writer(database, synchronous="FULL")) as conn:
        applied = migrate(conn)
        schema = state(conn).schema
    done = f"applied {', '.join(map(str, applied))}" if applied else "nothing to do"
    console.say(f"{database}: schema {schema}, {done}")
    return exits.OK


def _list_pending(database: Path) -> int:
    if not database.exists():
        print("all")
        return exits.OK
    with closing(reader(database)) as conn:
        print(*pending(conn))
    return exits.OK
