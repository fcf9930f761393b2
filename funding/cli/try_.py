"""`funding try`: one run of one exchange, or of all, live, shown and not stored. For whoever writes an adapter, or doubts one."""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from funding.adapter import load
from funding.analysis.current import current
from funding.cli import console, exits
from funding.cli.asking import ask
from funding.cli.options import add_json, add_settings, pick, settings
from funding.cli.show import print_rates, say_faults
from funding.cli.try_all import try_all
from funding.config import Config
from funding.errors import SettingError
from funding.fields import Fields, changes, watched
from funding.outcome import Outcome


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("exchange", nargs="?", help="As `funding exchanges` lists it.")
    parser.add_argument(
        "--all", action="store_true", help="Every exchange of the settings: a line each, not its rates."
    )
    add_json(parser, "A JSON array, with every field,")
    add_settings(parser, "exchanges", "interval_seconds", "upstream")


def run(args: Namespace) -> int:
    config = settings(args)
    if args.all == bool(args.exchange):
        raise SettingError("name an exchange, or give --all")
    return try_all(args, config) if args.all else _try_one(args, config)


def _try_one(args: Namespace, config: Config) -> int:
    exchange, fields = pick((args.exchange,), load())[args.exchange], Fields()
    outcome = ask(args.exchange, watched(exchange, fields), config)
    if outcome is None:
        return exits.INTERRUPTED
    now = int(time.time())
    rows = [current(asdict(rate), now, 3 * config.interval_seconds) for rate in outcome.rates]
    if args.json:
        console.print_list(rows)
    elif rows:
        print_rates(rows, now)
    took = f"{outcome.calls} calls, {outcome.took_seconds:.1f} s"
    console.say(f"{args.exchange}: {len(rows)} rates, {took}{_stamps(outcome, now)}")
    say_faults(outcome)
    for what, names in changes(args.exchange, fields).items():
        console.say(f"{what}: {', '.join(names)}")
    if not outcome.ok or outcome.failures:
        return exits.EXCHANGE_FAILED
    return exits.OK if rows else exits.NOTHING_FOUND


def _stamps(outcome: Outcome, now: int) -> str:
    ages = [now - rate.exchange_at for rate in outcome.rates if rate.exchange_at is not None]
    return f", stamped {console.span(min(ages))} to {console.span(max(ages))} ago" if ages else ""
