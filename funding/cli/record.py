"""`funding record`: one live run of an exchange, saved as recordings. What `funding replay` reads, and a bug report needs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from funding.adapter import load
from funding.cli import console, exits
from funding.cli.asking import ask
from funding.cli.options import add_settings, pick, settings
from funding.cli.show import say_faults
from funding.errors import SettingError
from funding.recorder import Recorder, check_folder, save
from funding.slim import slim


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "A file's name says which call it answers, and for which item; an error's begins with error."
        " Headers that could tell who asked are left out."
    )
    parser.add_argument("exchange", help="As `funding exchanges` lists it.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="A new folder, or one without *.json.")
    parser.add_argument(
        "--slim", type=int, metavar="N", help="Of every list only N rows of each form: to attach to a bug report."
    )
    add_settings(parser, "upstream")


def run(args: Namespace) -> int:
    config, exchange = settings(args), pick((args.exchange,), load())[args.exchange]
    if args.slim is not None and args.slim < 1:
        raise SettingError(f"--slim is at least 1, not {args.slim}")
    check_folder(args.folder)
    recorder = Recorder()
    outcome = ask(args.exchange, exchange, config, recorder.over)
    if outcome is None:
        return exits.INTERRUPTED
    recordings = recorder.recordings(exchange)
    if args.slim is not None:
        recordings = slim(recordings, args.exchange, exchange, args.slim)
    save(args.folder, args.exchange, recordings)
    took = f"{outcome.calls} calls, {outcome.took_seconds:.1f} s, {len(recordings)} recordings in {args.folder}"
    console.say(f"{args.exchange}: {len(outcome.rates)} rates, {took}")
    say_faults(outcome)
    return exits.OK if outcome.ok and not outcome.failures else exits.EXCHANGE_FAILED
