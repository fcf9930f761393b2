"""Builds the collecting half: the network with its budgets, a run of each exchange, the loop that stores what they bring."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection

from funding.adapter import Exchange, load
from funding.cli.budgets import history_source
from funding.cli.cost import declaration
from funding.cli.memory import give_back
from funding.cli.options import pick
from funding.collect import Live, Memory, Source, collect
from funding.config import Config
from funding.errors import StoreError
from funding.fetch import Fetcher
from funding.message import Get
from funding.outcome import Outcome
from funding.pace import Pace, polite
from funding.schedule import Schedule
from funding.store.exchanges import declare
from funding.store.observations import merge_hour, save_observations
from funding.store.packing import Observation
from funding.store.retention import prune
from funding.store.runs import Contracts, observations_of, save
from funding.topup import TopUp

log = logging.getLogger("funding.collecting")


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
def collector(
    config: Config, conn: Connection, told: Callable[[list[Outcome], Set[str]], object] = lambda outcomes, late: None
) -> Iterator[Schedule]:
    """The loop over the exchanges of the settings, which saves to `conn`. Raises FundingError.

    Ends with every request given up; what ran then is not stored. `told` hears of each cycle's end: what has come in,
    and which exchanges have not answered since the last one.
    """
    exchanges = pick(config.exchanges, load())
    declare(conn, [declaration(name, one, config.interval_seconds) for name, one in exchanges.items()])
    reached = network(config, exchanges)
    known: dict[str, Contracts] = {}
    quoted: list[Observation] = []  # in the cycle under way
    get = reached.get

    def run(name: str, ask: Callable[[], Outcome]) -> Outcome:
        try:
            return ask()
        finally:
            reached.fetcher.rest(exchanges[name].hosts)

    runs = {name: partial(run, name, run_of(name, one, get, reached.pace)) for name, one in exchanges.items()}

    def in_background(name: str) -> Source:
        return history_source(name, exchanges[name], reached.fetcher, reached.pace, background=True)

    topup = TopUp(conn, exchanges, in_background, config.interval_seconds, time.time)

    def store(outcome: Outcome) -> None:
        save(conn, outcome, known=known)
        quoted.extend(observations_of([outcome], known))

    def end_cycle(outcomes: list[Outcome]) -> None:
        try:
            _end_cycle(conn, quoted, topup, outcomes)
        finally:
            quoted.clear()
        told(outcomes, runs.keys() - {outcome.exchange for outcome in outcomes})

    try:
        yield Schedule(runs, store, config.interval_seconds, after_cycle=end_cycle)
    finally:
        reached.close()


def _end_cycle(conn: Connection, quoted: list[Observation], topup: TopUp, outcomes: list[Outcome]) -> None:
    """Stores what was quoted, a cycle at a time; takes out what is old and merges what is over, a little each time."""
    now = int(time.time())
    try:
        prune(conn, now)
        save_observations(conn, now, quoted)
        merge_hour(conn, now)
        topup.after_cycle(outcomes)
    except StoreError as error:  # the rates themselves are stored, run by run
        log.error("history: %s", error)  # noqa: TRY400  its words say it all
    give_back()
