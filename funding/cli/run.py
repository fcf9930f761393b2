"""`funding run`: collects, serves and sends alerts in one process.

This thread schedules, stores and hears signals; the API and the watch have their own.
"""

import logging
import signal
import threading
from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from sqlite3 import Connection

from funding.api.routes import read_all
from funding.api.serve import Server
from funding.cli import console, exits
from funding.cli.database import opened
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.serve import application, listen, url_of
from funding.cli.signals import stopping
from funding.config import Config
from funding.store.migrate import migrate

log = logging.getLogger("funding.run")

STOP_SECONDS = 12  # the API gives answers that are under way ten


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "Makes the database, and brings it to this release's schema, by itself."
    add_verbosity(parser)
    add_settings(parser)


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    with opened(config.database, migrate, config.backups) as conn:
        server = listen(application(config), config)
        api = Api(server)
        try:
            _collect(config, conn, url_of(server))
        finally:
            api.stop()
    log.info("stopped")
    return exits.FAILED if api.failed else exits.OK


def _collect(config: Config, conn: Connection, url: str) -> None:
    """Until a signal comes."""
    from funding.cli.collecting import collector  # the API answers before all this is read: it takes as long again

    read_all()

    with collector(config, conn) as schedule, _watched(config), stopping(schedule.stop):
        console.say(f"Funding Finder: {url}")
        schedule.forever()


def _watched(config: Config) -> AbstractContextManager[None]:
    """The watch beside it, where there is anybody to tell."""
    if not config.tells_somebody and not config.rules:
        return nullcontext()
    from funding.cli.alerting import watched

    return watched(config)


class Api:
    """The serving half in its thread. If it ends by a fault, so does the program: half of one would pass for the whole."""

    def __init__(self, server: Server) -> None:
        self.failed = False
        self._server = server
        self._thread = threading.Thread(target=self._serve, name="api", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(STOP_SECONDS)

    def _serve(self) -> None:
        try:
            self._server.run()
        except Exception:
            log.exception("the API ended")
            self.failed = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
