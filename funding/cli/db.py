"""`funding db`: what is in the database, whether it is sound, and giving its empty space back."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from funding.cli import console, exits
from funding.cli.database import opened
from funding.cli.options import add_json, add_settings, settings
from funding.errors import NotFoundError
from funding.store.migrate import check_writable
from funding.store.open import reader
from funding.store.upkeep import Info, findings, info, vacuum

COLUMNS = (
    console.Column("TABLE", lambda row: row["name"]),
    console.Column("ROWS", lambda row: f"{row['rows']:,}", number=True),
    console.Column("OLDEST", lambda row: _moment(row["first_at"])),
    console.Column("NEWEST", lambda row: _moment(row["last_at"])),
    console.Column("ROWS A DAY", lambda row: f"{row['day_rows']:,}" if row["first_at"] else "", number=True),
    console.Column("BYTES A DAY", lambda row: console.size(row["day_bytes"]) if row["first_at"] else "", number=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "check reads the whole file: code 1 where something is wrong with it, 78 where this release cannot write to it."
        " vacuum wants twice the file's size of free disk, and no collector at work."
    )
    parser.add_argument(
        "what",
        metavar="info|check|vacuum",
        choices=ACTIONS,
        help="info: sizes, rows, growth; check: is it sound; vacuum: write it anew without its empty space.",
    )
    add_json(parser, "A JSON object")
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    return ACTIONS[args.what](database, args.json)


def _info(database: Path, as_json: bool) -> int:
    with closing(reader(database)) as conn:
        found = info(conn)
    if as_json:
        console.print_lines([asdict(found)])
    else:
        _print_info(database, found)
    return exits.OK


def _print_info(database: Path, found: Info) -> None:
    console.print_table(COLUMNS, [asdict(table) for table in found.tables])
    size, days = console.size, found.observation_days
    grows = "" if found.growth_bytes_a_day is None else f", growing by {size(found.growth_bytes_a_day)} a day"
    console.say(
        f"{database}: {size(found.bytes)}, {size(found.free_bytes)} of it empty, WAL {size(found.wal_bytes)};"
        f" schema {found.schema}, writable from {found.writable_from};"
        f" observations of {days:g} day{'' if days == 1 else 's'}{grows}"
    )


def _check(database: Path, as_json: bool) -> int:
    with closing(reader(database)) as conn:
        wrong = list(findings(conn))
    if as_json:
        console.print_lines([{"ok": not wrong, "findings": wrong}])
    for finding in wrong:
        console.say(finding)
    console.say(f"{database}: " + ("damaged; restore it from a backup" if wrong else "sound"))
    return exits.FAILED if wrong else exits.OK


def _vacuum(database: Path, as_json: bool) -> int:
    if not database.exists():
        raise NotFoundError(f"{database}: there is no database")
    with opened(database, check_writable) as conn:
        done = vacuum(conn)
    if as_json:
        console.print_lines([asdict(done)])
    console.say(f"{database}: {console.size(done.before)} before, {console.size(done.after)} after")
    if done.wal_left:
        console.say("somebody is reading: the WAL is given back by a later checkpoint")
    return exits.OK


ACTIONS: dict[str, Callable[[Path, bool], int]] = {"info": _info, "check": _check, "vacuum": _vacuum}


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
