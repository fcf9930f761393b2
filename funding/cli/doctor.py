"""`funding doctor`: is this installation well, and can the exchanges be reached? Says of each thing what to do about it."""

import sys
import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from funding.adapter import Exchange, load
from funding.cli import alerting, console, exits, machine, reach
from funding.cli.finding import FAIL, OK, WARN, Finding
from funding.cli.options import add_json, add_settings, pick, settings
from funding.cli.signals import stopping
from funding.config import Config
from funding.errors import SettingError

COLOURS = {OK: console.GREEN, WARN: console.YELLOW, FAIL: console.RED}
MARGIN = 19  # letters before the words
NARROWEST = 40


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Changes nothing. Of each exchange's host its name, TLS and one small answer are looked at, all side by side; with"
        " an upstream that alone. Code 4: nothing but that failed."
    )
    add_json(parser, "A JSON object")
    add_settings(parser, "database", "host", "port", "exchanges", "interval_seconds", "upstream")


def run(args: Namespace) -> int:
    try:
        config = settings(args)
        exchanges = pick(config.exchanges, load())
    except SettingError as error:
        found = [Finding("settings", FAIL, str(error), "mend it and ask again: the rest was not looked at")]
        return _tell(args, found, [])
    visits = _visit(exchanges, config)
    if visits is None:
        return exits.INTERRUPTED
    usable = Finding("settings", OK, f"usable; {len(exchanges)} exchanges, every {config.interval_seconds} s")
    found = [usable, *_here(config), *reach.reached(visits, config.upstream), reach.clock(visits)]
    return _tell(args, found, visits)


def _visit(exchanges: Mapping[str, Exchange], config: Config) -> list[reach.Visit] | None:
    """None if it was stopped half way."""
    tour, progress = reach.Tour(config.upstream), console.Progress()
    try:
        with stopping(tour.close):
            visits = tour.visit_all(exchanges, progress.show)
        return None if tour.closed else visits
    finally:
        tour.close()
        progress.clear()


def _here(config: Config) -> list[Finding]:
    return [
        machine.database(config.database),
        machine.collector(config.database, config.interval_seconds),
        machine.disk(config.database),
        machine.port(config),
        alerting.finding(config),
    ]


def _tell(args: Namespace, found: list[Finding], visits: list[reach.Visit]) -> int:
    failed = [one for one in found if one.level == FAIL]
    if args.json:
        console.print_lines(
            [{"ok": not failed, "findings": [asdict(one) for one in found], "hosts": [one.json() for one in visits]}]
        )
    else:
        _print(found)
    if not failed:
        return exits.OK
    return exits.EXCHANGE_FAILED if all(one.elsewhere for one in failed) else exits.FAILED


def _print(found: Iterable[Finding]) -> None:
    """Level, check, words; what to do stands below them. No line is longer than the screen."""
    screen, colour = console.screen_width(sys.stdout), console.has_colour(sys.stdout)
    width = max((screen or 10_000) - MARGIN, NARROWEST)
    for one in found:
        level = f"{COLOURS[one.level]}{one.level:<4}{console.PLAIN}" if colour else f"{one.level:<4}"
        lines = textwrap.wrap(console.plain(one.words), width, break_on_hyphens=False)
        lines += textwrap.wrap(console.plain(f"→ {one.todo}"), width, break_on_hyphens=False) if one.todo else []
        print(f"  {level}  {one.check:<{MARGIN - 8}}" + f"\n{' ' * MARGIN}".join(lines))
