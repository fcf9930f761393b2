"""`funding config`: the settings and where each comes from."""

from argparse import ArgumentParser, Namespace
from typing import Any

from funding.adapter import load
from funding.cli import console, exits
from funding.cli.alerting import check
from funding.cli.options import add_json, add_settings, origins, pick
from funding.config import Origin

COLUMNS = (
    console.Column("SETTING", lambda row: row["setting"]),
    console.Column("VALUE", lambda row: _shown(row["value"])),
    console.Column("SOURCE", lambda row: row["source"]),
    console.Column("", lambda row: row["sentence"], cut=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", metavar="show|check", nargs="?", choices=("show", "check"), default="show",
                        help="show (without a word too): every setting; check: only whether they are usable.")  # fmt: skip
    add_json(parser, "A JSON array")
    add_settings(parser)


def run(args: Namespace) -> int:
    config, found = origins(args)
    pick(config.exchanges, load())
    check(config)
    if args.what == "check":
        console.say("the settings are usable")
        return exits.OK
    rows = [_row(origin) for origin in found]
    if args.json:
        console.print_list(rows)
    else:
        console.print_table(COLUMNS, rows)
    return exits.OK


def _row(origin: Origin) -> dict[str, Any]:
    value = origin.value
    if isinstance(value, tuple):
        value = [str(item) for item in value] or ("all" if origin.setting.name == "exchanges" else [])
    return {
        "setting": origin.setting.name,
        "value": value if isinstance(value, int | list | None) else str(value),
        "source": origin.source,
        "sentence": origin.setting.sentence,
    }


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return console.UNKNOWN if value is None else str(value)
