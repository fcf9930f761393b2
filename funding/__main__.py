"""`funding` on the command line: finds the command, runs it, and turns an error into one line and an exit code."""

import importlib
import os
import sys
from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from typing import Any

from funding import __version__
from funding.cli import exits
from funding.cli.console import say
from funding.config import near
from funding.errors import FundingError, SettingError

COMMANDS = {
    "run": "Collect and serve, in one process.",
    "serve": "Serve the HTTP API only; the database is read, never written.",
    "collect": "Collect only.",
    "watch": "Send alerts: what is wrong here, and what the rules on the market wait for.",
    "try": "Ask one exchange now, or all, and show what comes; nothing is stored.",
    "record": "Ask one exchange now and save its answers, as `replay` reads them.",
    "replay": "Read recorded answers of an exchange as if it had just given them.",
    "backfill": "Fetch settled rates of the past from the exchanges' own records.",
    "rates": "Show the rates that are stored.",
    "history": "Show what an asset's contracts charged, or quoted, as it is stored.",
    "arb": "Show pairs to short and to long, net of fees.",
    "carry": "Show what holding a pair pays, payment by payment.",
    "calendar": "Show when contracts will pay funding next.",
    "intervals": "Show which contracts changed how often they pay funding.",
    "doctor": "Check settings, database, disk, clock, the way to every exchange; say what to do.",
    "exchanges": "List the exchanges that can be collected.",
    "alerts": "Send a sample alert, list what stands, try rules on the past, mute.",
    "keys": "Make API keys, list them, take them back.",
    "migrate": "Make the database, or bring it to this release's schema.",
    "db": "Show what the database holds, check that it is sound, or give its empty space back.",
    "db-open": "Make the files beside the database that readers need, if they are missing.",
    "backup": "Back the database up, while others write to it.",
    "restore": "Put a backup in the place of the database.",
    "restore-check": "Restore the newest backup to a place of its own, to know that it can be done.",
    "event": "Note what happened to the installation, or list what was noted.",
    "config": "Show the settings and where each comes from, or check them.",
}
MODULES = {"try": "try_", "db-open": "db_open", "restore-check": "restore_check"}  # the others as they are called


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; its exit code. The only place where errors become words for the person who called."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except FundingError as error:
        say(f"funding: {error}")
        return exits.code_of(error)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter fails at its last flush
        if isinstance(error, BrokenPipeError):  # who read has seen enough
            return exits.OK
        say(f"funding: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        return exits.FAILED
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        raise SettingError(f"{command} is not a command{near(command, COMMANDS)}; funding --help lists them")
    args, unknown = _parser(command).parse_known_args(arguments)
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")  # with the command's own usage
    code: int = args.run(args)
    return code


def _parser(command: str | None) -> ArgumentParser:
    """All commands by name, the parser of the one that was called: only its module, and what that needs, is imported."""
    parser = ArgumentParser(
        "funding",
        usage="funding [-h] [--version] COMMAND …",
        description="Every perpetual's funding rate, on every exchange, in one place.\n\n"
        + _listed("commands", COMMANDS)
        + _listed("exit codes", exits.MEANINGS),
        epilog="`funding COMMAND --help` tells more of a command.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"funding {__version__}")
    commands = parser.add_subparsers(prog="funding", metavar="COMMAND", required=True, help=SUPPRESS)
    if command is not None:
        module = importlib.import_module(f"funding.cli.{MODULES.get(command, command)}")
        own = commands.add_parser(command, description=COMMANDS[command], allow_abbrev=False)
        module.add_arguments(own)
        codes = ", ".join(f"{code} {meaning}" for code, meaning in exits.MEANINGS.items())
        own.epilog = " ".join(filter(None, (own.epilog, f"Exit codes: {codes}.")))
        own.set_defaults(run=module.run, parser=own)
    return parser


def _listed(title: str, words: Mapping[Any, str]) -> str:
    return "\n".join([f"{title}:", *(f"  {name:<14}{sentence}" for name, sentence in words.items()), "", ""])


if __name__ == "__main__":
    sys.exit(main())
