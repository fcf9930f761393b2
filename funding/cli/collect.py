"""`funding collect`: the collecting half alone. Applies no migration: `funding migrate` does."""

import logging
from argparse import ArgumentParser, Namespace

from funding.cli import exits
from funding.cli.collecting import collector
from funding.cli.database import opened
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.signals import stopping
from funding.config import Config
from funding.errors import StoreError
from funding.schedule import Schedule
from funding.store.migrate import check_writable

log = logging.getLogger("funding.collect")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="One run of every exchange, then the end.")
    add_verbosity(parser)
    add_settings(parser, "database", "exchanges", "interval_seconds", "upstream")


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    _require_database(config)
    with (
        opened(config.database, check_writable) as conn,
        collector(config, conn) as schedule,
        stopping(schedule.stop),
    ):
        if args.once:
            return _once(schedule)
        schedule.forever()
    log.info("stopped")
    return exits.OK


def _require_database(config: Config) -> None:
    """Before anything is opened, which would make the file."""
    if not config.database.exists():
        raise StoreError(f"{config.database}: there is no database; run `funding migrate` to make it")


def _once(schedule: Schedule) -> int:
    outcomes = schedule.once()
    if outcomes is None:
        log.warning("stopped before all exchanges had answered")
        return exits.FAILED
    if schedule.not_stored:
        raise StoreError(f"{schedule.not_stored} of {len(outcomes)} runs could not be stored; the log says why")
    return exits.OK if all(outcome.ok for outcome in outcomes) else exits.EXCHANGE_FAILED
