"""`funding watch`: sends alerts, judges the rules and the machine. Its thread writes no market data."""

import logging
import os
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from funding.cli import alerting, console, exits
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.signals import stopping
from funding.systemd import Systemd

log = logging.getLogger("funding.watch")

USED = ("database", "backups", "interval_seconds", "public_url", "telegram_chat_id", "telegram_url")


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID set it up; docs/alerts.md tells how, and what the rules in the settings"
        " file look like. `funding run` does the same in a thread."
    )
    add_verbosity(parser)
    add_settings(parser, *USED)


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    systemd, stop = Systemd(os.environ), threading.Event()
    with alerting.watching(config, stop) as watch, stopping(_ending(stop, systemd)):
        console.say(alerting.standing(config))
        systemd.ready("watching")
        watch.forever(stop, systemd.alive)
    log.info("stopped")
    return exits.OK


def _ending(stop: threading.Event, systemd: Systemd) -> Callable[[], None]:
    def end() -> None:
        systemd.stopping()
        stop.set()

    return end
