"""`funding serve`: the HTTP API alone. Reads the database and never writes it; knows no exchange."""

import logging
import os
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from wsgiref.types import WSGIApplication

from funding.api.app import make_app
from funding.api.context import FREE, PAID, PRO, Settings
from funding.api.routes import read_all
from funding.api.serve import Server, serve, unix_listener
from funding.cli import console, exits
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.signals import stopping
from funding.cli.standing import CHECKED, WORKS, answer, standing
from funding.config import UNIX, Config
from funding.errors import FundingError
from funding.systemd import Systemd, inherited

log = logging.getLogger("funding.serve")

BEAT_SECONDS = 5  # where no watchdog sets the pace


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "A database that is not there yet, or cannot be read, is answered with 503 until it can. A socket that systemd"
        " hands over goes before host and port."
    )
    parser.add_argument("--check", action="store_true", help="Ask each kind of path once, say how it went, and end.")
    add_verbosity(parser)
    add_settings(
        parser, "database", "host", "port", "interval_seconds", "limit_free", "limit_paid", "limit_pro", "trusted_proxy",
        "fees", "security_contact",
    )  # fmt: skip


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    app = application(config)
    if args.check:
        return _check(app)
    systemd = Systemd(os.environ)
    server = listen(app, config, inherited(os.environ))
    read_all()
    with stopping(_ending(server, systemd)):
        systemd.ready(standing(app))
        console.say(f"Funding Finder: {url_of(server)}")
        server.run(_beat(app, systemd), systemd.beat_seconds or BEAT_SECONDS)
    log.info("stopped")
    return exits.OK


def application(config: Config) -> WSGIApplication:
    return make_app(
        Settings(
            database=config.database,
            interval_seconds=config.interval_seconds,
            limits={FREE: config.limit_free, PAID: config.limit_paid, PRO: config.limit_pro},
            trusted_proxies=config.trusted_proxy or (),
            fees=dict(config.fees),
            security_contact=config.security_contact or "",
        )
    )


def listen(app: WSGIApplication, config: Config, sockets: Sequence[socket.socket] = ()) -> Server:
    """The API, bound and not yet served. Raises FundingError where the address cannot be had."""
    try:
        if not sockets and config.host.startswith(UNIX):
            sockets = [unix_listener(Path(config.host.removeprefix(UNIX)))]
        return serve(app, config.host, config.port, sockets=sockets)
    except (OSError, ValueError) as error:  # waitress makes a ValueError of a name that does not resolve
        where = config.host if config.host.startswith(UNIX) else f"{config.host} port {config.port}"
        words = getattr(error, "strerror", None) or error
        raise FundingError(f"{where} cannot be listened on: {words}") from error


def url_of(server: Server) -> str:
    for path in server.paths:
        return f"{UNIX}{path}"
    host, port = server.addresses[0]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _ending(server: Server, systemd: Systemd) -> Callable[[], None]:
    def stop() -> None:
        systemd.stopping()
        server.stop()

    return stop


def _beat(app: WSGIApplication, systemd: Systemd) -> Callable[[], None]:
    """Called in a thread that answers requests. Without a good answer systemd hears nothing, and restarts us."""

    def beat() -> None:
        try:
            systemd.alive(standing(app))
        except FundingError as error:
            log.error("not alive: %s", error)  # noqa: TRY400  its words say it all

    return beat


def _check(app: WSGIApplication) -> int:
    """Whether each kind of path gives a proper answer, with or without data."""
    found = {target: answer(app, target)[0] for target in CHECKED}
    for target, status in found.items():
        console.say(f"{status} {target}")
    return exits.OK if all(status in WORKS for status in found.values()) else exits.FAILED
