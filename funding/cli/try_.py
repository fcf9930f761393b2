"""`funding try`: one run of one exchange, live, shown and not stored. For whoever writes an adapter, or doubts one."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from itertools import count

from funding.adapter import load
from funding.analysis.current import current
from funding.cli import console, exits
from funding.cli.collecting import network, run_of
from funding.cli.options import add_json, add_settings, pick, settings
from funding.cli.show import print_rates, say_faults
from funding.cli.signals import stopping
from funding.config import Config
from funding.message import Get, Reply, Request, T
from funding.outcome import Outcome


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("exchange", help="As `funding exchanges` lists it.")
    add_json(parser, "A JSON array, with every field,")
    add_settings(parser, "interval_seconds", "upstream")


def run(args: Namespace) -> int:
    config = settings(args)
    outcome = _ask(args.exchange, config)
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
    if not outcome.ok or outcome.failures:
        return exits.EXCHANGE_FAILED
    return exits.OK if rows else exits.NOTHING_FOUND


def _ask(name: str, config: Config) -> Outcome | None:
    """One run; None if it was stopped half way."""
    exchanges = pick((name,), load())
    reached, progress = network(config, exchanges), console.Progress()
    run_once = run_of(name, exchanges[name], _counted(reached.get, name, progress.show), reached.pace)
    try:
        with stopping(reached.close):  # ends the requests under way, and with them the run
            outcome = run_once()
        return None if reached.stop.is_set() else outcome
    finally:
        reached.close()
        progress.clear()


def _counted(get: Get, name: str, show: Callable[[str], None]) -> Get:
    """Shows how many answers have come."""
    numbers = count(1)

    def counted(request: Request, read: Callable[[Reply], T]) -> T:
        found = get(request, read)
        show(f"{name}: {next(numbers)} answers")
        return found

    return counted


def _stamps(outcome: Outcome, now: int) -> str:
    ages = [now - rate.exchange_at for rate in outcome.rates if rate.exchange_at is not None]
    return f", stamped {console.span(min(ages))} to {console.span(max(ages))} ago" if ages else ""
