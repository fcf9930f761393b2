"""`funding keys`: makes API keys, lists them, takes them back."""

import time
from argparse import ArgumentParser, Namespace
from contextlib import closing

from funding import keys
from funding.cli import console, exits
from funding.cli.options import add_json, add_settings, settings
from funding.errors import SettingError
from funding.store.keys import insert_key, revoke_key, select_keys
from funding.store.migrate import check_writable
from funding.store.open import reader, writer

LONGEST_NAME = 100
COLUMNS = (
    console.Column("ID", lambda row: str(row["id"]), number=True),
    console.Column("NAME", lambda row: row["name"], cut=True),
    console.Column("TIER", lambda row: row["tier"]),
    console.Column("MADE", lambda row: _day(row["created_at"])),
    console.Column("REVOKED", lambda row: _day(row["revoked_at"])),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "A key is shown once, when it is made; only its SHA-256 is stored. A revocation holds from the next request on."
    )
    parser.add_argument("what", metavar="create|list|revoke", choices=("create", "list", "revoke"))
    parser.add_argument("which", metavar="NAME|ID", nargs="?", help="create: whose key it is; revoke: the key's id.")
    parser.add_argument(
        "--tier", choices=keys.TIERS, default="paid", help="create: which rate limit holds for it (paid)."
    )
    add_json(parser, "list: a JSON array")
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    database = settings(args).database
    if args.what == "list":
        with closing(reader(database)) as conn:
            return _list([dict(row) for row in select_keys(conn)], args.json)
    which = _which(args)
    with closing(writer(database, synchronous="FULL")) as conn:
        check_writable(conn)
        if args.what == "revoke":
            revoke_key(conn, int(which), int(time.time()))
            console.say(f"key {which} is revoked")
            return exits.OK
        key = keys.new_key()
        key_id = insert_key(conn, which, args.tier, keys.digest(key), int(time.time()))
    console.say(f"key {key_id} for {which}, {args.tier}; it is shown this once:")
    print(key)
    return exits.OK


def _which(args: Namespace) -> str:
    which: str = (args.which or "").strip()
    if args.what == "revoke" and not which.isdecimal():
        raise SettingError(f"keys revoke takes a key's id, not {which or 'nothing'}; funding keys list shows them")
    if not which or len(which) > LONGEST_NAME or not which.isprintable():
        raise SettingError(f"keys create takes a name, a line of at most {LONGEST_NAME} letters: whose key it is")
    return which


def _list(rows: list[dict[str, object]], as_json: bool) -> int:
    if as_json:
        console.print_list(rows)
    else:
        console.print_table(COLUMNS, rows)
    return exits.OK


def _day(seconds: int | None) -> str:
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
