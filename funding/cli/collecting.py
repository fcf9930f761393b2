"""Builds the collecting half: the network with its budgets, a run of each exchange, the loop that stores what they bring."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection

from funding.adapter import Exchange, load
from funding.cli.cost import declaration
from funding.cli.memory import give_back
from funding.cli.options import pick
from funding.collect import Live, Memory, collect
from funding.config import Config
from funding.fetch import Fetcher
from funding.message import Get
from funding.outcome import Outcome
from funding.pace import Pace, polite
from funding.schedule import Schedule
from funding.store.exchanges import declare
from funding.store.runs import save


@dataclass(frozen=True, slots=True)
class Network:
    """How exchanges are asked."""

    fetcher: Fetcher
    pace: Pace
    stop: threading.Event

    @property
    def get(self) -> Get:
        return polite(self.fetcher, self.pace)

    def close(self) -> None:
        """Every request that waits or is under way ends at once with FetchError."""
        self.stop.set()
        self.fetcher.close()


def network(config: Config, exchanges: Mapping[str, Exchange]) -> Network:
    """Raises SettingError for a proxy that cannot be used."""
    stop = threading.Event()
    pace = Pace(stop)
    for exchange in exchanges.values():
        for host in exchange.hosts:
            pace.budget(host, exchange.budget)
    return Network(Fetcher(config.upstream), pace, stop)


def run_of(name: str, exchange: Exchange, get: Get, pace: Pace) -> Callable[[], Outcome]:
    """One run of an exchange, to be called again and again: what it remembers lies here."""
    return partial(collect, name, exchange, Live(get, pace.workers), Memory(), time.time, time.monotonic)


@contextmanager
def collector(config: Config, conn: Connection) -> Iterator[Schedule]:
    """The loop over the exchanges of the settings, which saves to `conn`. Raises FundingError.

    Ends with every request given up; what ran then is not stored.
    """
    exchanges = pick(config.exchanges, load())
    declare(conn, [declaration(name, one, config.interval_seconds) for name, one in exchanges.items()])
    reached = network(config, exchanges)
    get = reached.get
    runs = {name: run_of(name, one, get, reached.pace) for name, one in exchanges.items()}
    try:
        yield Schedule(runs, partial(save, conn), config.interval_seconds, after_cycle=lambda outcomes: give_back())
    finally:
        reached.close()
