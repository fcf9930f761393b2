"""`funding collect`: the collecting half alone. Applies no migration: `funding migrate` does."""

import logging
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Set

from funding.cli import exits
from funding.cli.collecting import collector
from funding.cli.database import opened
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.signals import stopping
from funding.config import Config
from funding.errors import StoreError
from funding.outcome import Outcome
from funding.schedule import Schedule, cycle_summary
from funding.store.migrate import check_writable
from funding.systemd import Systemd

log = logging.getLogger("funding.collect")

LATE_CYCLES = 3  # an exchange that has not answered for so long hangs: its data are stale by then
SHORTEST_WATCH = 30


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="One run of every exchange, then the end.")
    add_verbosity(parser)
    add_settings(parser, "database", "exchanges", "interval_seconds", "upstream", "backups")


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    _require_database(config)
    systemd = Systemd(os.environ)
    with (
        opened(config.database, check_writable, config.backups) as conn,
        collector(config, conn, _telling(systemd)) as schedule,
        stopping(_ending(schedule, systemd)),
    ):
        if args.once:
            return _once(schedule)
        systemd.ready("first cycle under way")
        systemd.watch(max(SHORTEST_WATCH, LATE_CYCLES * config.interval_seconds))
        schedule.forever()
    log.info("stopped")
    return exits.OK


def _telling(systemd: Systemd) -> Callable[[list[Outcome], Set[str]], None]:
    """systemd hears of every cycle, and that we are alive if all exchanges have answered, well or badly."""

    def told(outcomes: list[Outcome], late: Set[str]) -> None:
        words = cycle_summary(outcomes)
        if late:
            systemd.status(f"{words}; not answered: {', '.join(sorted(late))}")
        else:
            systemd.alive(words)

    return told


def _ending(schedule: Schedule, systemd: Systemd) -> Callable[[], None]:
    def stop() -> None:
        systemd.stopping()
        schedule.stop()

    return stop


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
