"""`funding serve`: the HTTP API alone. Reads the database and never writes it; knows no exchange."""

import logging
from argparse import ArgumentParser, Namespace

from funding.api.app import make_app
from funding.api.context import Settings
from funding.api.serve import Server, serve
from funding.cli import console, exits
from funding.cli.log import add_verbosity, start_log
from funding.cli.memory import keep_small
from funding.cli.options import add_settings, settings
from funding.cli.signals import stopping
from funding.config import Config
from funding.errors import FundingError

log = logging.getLogger("funding.serve")


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "A database that is not there yet, or cannot be read, is answered with 503 until it can."
    add_verbosity(parser)
    add_settings(parser, "database", "host", "port", "interval_seconds")


def run(args: Namespace) -> int:
    config = settings(args)
    start_log(args)
    keep_small()
    server = listen(config)
    with stopping(server.stop):
        console.say(f"Funding Finder: {url_of(server)}")
        server.run()
    log.info("stopped")
    return exits.OK


def listen(config: Config) -> Server:
    """The API, bound and not yet served. Raises FundingError where the address cannot be had."""
    app = make_app(Settings(database=config.database, interval_seconds=config.interval_seconds))
    try:
        return serve(app, config.host, config.port)
    except (OSError, ValueError) as error:  # waitress makes a ValueError of a name that does not resolve
        words = getattr(error, "strerror", None) or error
        raise FundingError(f"{config.host} port {config.port} cannot be listened on: {words}") from error


def url_of(server: Server) -> str:
    host, port = server.addresses[0]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
