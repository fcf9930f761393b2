"""`funding restore`: puts a backup in the place of the database, which is moved aside and kept."""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from funding.cli import console, exits
from funding.cli.database import held
from funding.cli.options import add_settings, settings
from funding.errors import NotFoundError
from funding.store.backup import Backup, aside, backups, newest, restore


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Needs the collector stopped. A service that reads the database goes on by itself with the new file."
    )
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="The backup's path or name. [the newest]")
    add_settings(parser, "database", "backups")


def run(args: Namespace) -> int:
    config = settings(args)
    backup = newest(config.backups) if args.file is None else _named(args.file, config.backups)
    part = config.database.with_name(f"{config.database.name}.restored")
    with held(config.database):
        part.unlink(missing_ok=True)
        restore(backup, part)  # before anything is moved: a backup that is no good changes nothing
        moved = aside(config.database, "before-restore", int(time.time()))
        part.rename(config.database)
    console.say(f"{config.database} restored from {backup.path}, {console.span(time.time() - backup.made_at)} old")
    if moved:
        console.say(f"what was there before is {moved}; remove it when nobody misses it")
    return exits.OK


def _named(file: Path, folder: Path) -> Backup:
    for backup in backups(file.parent if file.parent.name else folder):
        if backup.path.name == file.name:
            return backup
    raise NotFoundError(f"{file}: there is no such backup, or the description beside it is gone")
