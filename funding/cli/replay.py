"""`funding replay`: the collecting half on recordings instead of the network. What a bug report's folder of them says."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from funding.adapter import Exchange, load
from funding.analysis.current import current
from funding.cli import console, exits
from funding.cli.options import moment, pick
from funding.cli.show import print_rates, say_faults
from funding.errors import FetchError, NotFoundError
from funding.record import Recording, Recordings, newest
from funding.record import load as load_recordings
from funding.replay import Settled, replay, replay_history

STALE_SECONDS = 900  # the API's, at the default interval

HISTORY = (
    console.Column("SYMBOL", lambda row: row["symbol"] or console.UNKNOWN, cut=True),
    console.Column("CHARGED AT", lambda row: console.moment(row["funding_time"])),
    console.Column("RATE", lambda row: console.percent(row["funding_rate"] * 100, 4), number=True, signed=True),
    console.Column("EVERY", lambda row: console.hours(row["funding_interval_hours"]), number=True),
    console.Column("MARK", lambda row: console.price(row["mark_price"]), number=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Exit code 0: all was read, even if no row is a perpetual's; 4: an answer is an error, or cannot be read."
        " On stderr: rows that cannot be read, calls without a recording, recordings that no call asks for."
    )
    parser.add_argument("exchange", help="Whose recordings they are.")
    parser.add_argument("paths", metavar="FILE|DIR", nargs="+", type=Path, help="Recordings; of a folder, its *.json.")
    parser.add_argument("--at", metavar="TIME", help="Where the clock stands. [the newest recording's time]")
    parser.add_argument("--history", action="store_true", help="The settlements of recorded history calls.")
    parser.add_argument(
        "--json", action="store_true", help="One JSON object per line, as whenever stdout is no terminal."
    )


def run(args: Namespace) -> int:
    exchange = pick((args.exchange,), load())[args.exchange]
    recordings = load_recordings(args.paths)
    if not recordings:
        raise NotFoundError(f"no recordings in {', '.join(map(str, args.paths))}")
    source = Recordings(recordings, _clock(args.at, recordings))
    show = _print_history if args.history else _print_rates
    code = show(args, exchange, source)
    for asked in dict.fromkeys(source.missing):
        console.say(f"not recorded: {asked.replace('https://', '', 1)}")
    for recording in source.unused():
        console.say(f"unused: {recording.method} {recording.url.replace('https://', '', 1)}")
    return code


def _clock(given: str | None, recordings: list[Recording]) -> float:
    if given is not None:
        return moment("--at", given)
    recorded = newest(recordings)
    if recorded is None:
        console.say("no recording says when it was made: the clock stands at the present")
        return time.time()
    return recorded


def _print_rates(args: Namespace, exchange: Exchange, source: Recordings) -> int:
    outcome = replay(args.exchange, exchange, source)
    now = int(source.at)
    rows = [current(asdict(rate), now, STALE_SECONDS) for rate in outcome.rates]
    if _wants_json(args):
        console.print_lines(rows)
    elif rows:
        print_rates(rows, now)
    say_faults(outcome)
    return exits.OK if outcome.ok and not outcome.failures else exits.EXCHANGE_FAILED


def _print_history(args: Namespace, exchange: Exchange, source: Recordings) -> int:
    if exchange.history is None:
        console.say(f"{args.exchange} has no history call")
    rows: list[dict[str, Any]] = []
    skipped = Counter[str]()
    code = exits.OK
    try:
        rows.extend(map(_settlement, replay_history(exchange, source, skipped)))
    except FetchError as error:
        console.say(f"failed, {error.kind}: {error.words}")
        code = exits.EXCHANGE_FAILED
    _print_settlements(args, rows)
    for reason, count in skipped.items():
        console.say(f"unreadable rows: {count} × {reason}")
    return code


def _print_settlements(args: Namespace, rows: Iterable[dict[str, Any]]) -> None:
    if _wants_json(args):
        console.print_lines(rows)
    elif rows:
        console.print_table(HISTORY, rows)


def _settlement(settled: Settled) -> dict[str, Any]:
    return {
        "symbol": settled.symbol,
        "funding_time": settled.settlement.time,
        "funding_rate": settled.settlement.rate,
        "funding_interval_hours": settled.settlement.interval_hours,
        "mark_price": settled.settlement.mark_price,
    }


def _wants_json(args: Namespace) -> bool:
    return args.json or not console.is_terminal(sys.stdout)
