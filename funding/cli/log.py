"""The log: stderr, one line per event. What an exchange says cannot start a second one."""

import logging
from argparse import ArgumentParser, Namespace

from funding.cli.console import plain

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """logging asks for a class here."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return plain(super().formatMessage(record))


def add_verbosity(parser: ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("-q", "--quiet", action="store_true", help="Log warnings and errors only.")
    how.add_argument("-v", "--verbose", action="store_true", help="Log everything.")


def start_log(args: Namespace) -> None:
    level = logging.WARNING if args.quiet else logging.DEBUG if args.verbose else logging.INFO
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    logging.raiseExceptions = False  # a reader of stderr who goes away is no fault
