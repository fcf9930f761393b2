"""`funding event`: notes what happened to the installation, for alerts to send; without words, lists what was noted."""

import time
from argparse import ArgumentParser, Namespace
from contextlib import closing

from funding.cli import console, exits
from funding.cli.options import add_settings, settings
from funding.errors import NotFoundError, SettingError
from funding.store.events import newest_events, save_event
from funding.store.migrate import check_writable
from funding.store.open import reader, writer

COLUMNS = (
    console.Column("AT", lambda row: time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row["at"]))),
    console.Column("KIND", lambda row: row["kind"]),
    console.Column("TEXT", lambda row: row["text"], cut=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help="One word, as deploy or crash.")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="A sentence.")
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    if args.kind is None:
        with closing(reader(database)) as conn:
            console.print_table(COLUMNS, [dict(row) for row in newest_events(conn)])
        return exits.OK
    if args.text is None:
        raise SettingError("an event is a KIND and a TEXT")
    if not database.exists():
        raise NotFoundError(f"{database}: there is no database")
    with closing(writer(database, synchronous="FULL")) as conn:
        check_writable(conn)
        save_event(conn, args.kind, args.text, int(time.time()))
    return exits.OK
