"""`funding backfill`: settled history from the exchanges' own records, for the contracts that are stored."""

import threading
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from queue import SimpleQueue
from sqlite3 import Connection

from funding.adapter import Exchange, load
from funding.assets import canonical
from funding.backfill import Backfill, Got, Job
from funding.cli import console, exits
from funding.cli.budgets import history_source
from funding.cli.collecting import Network
from funding.cli.options import add_settings, pick, settings
from funding.cli.signals import stopping
from funding.config import Config
from funding.errors import NotFoundError, StoreError
from funding.fetch import Fetcher
from funding.ledger import Wanted, contracts_of, jobs_of, save
from funding.pace import LONGEST_PUSH, Pace
from funding.schedule import in_thread
from funding.store.migrate import check_writable
from funding.store.open import writer

MOST_DAYS = 3650.0
SHARE = 0.5  # of every budget: a collector beside it keeps count of its own requests only

Inbox = SimpleQueue[tuple[str, Got | Exception | None]]  # None: that exchange is done


@dataclass(slots=True)
class Report:
    """How far one exchange's run is, and what it came to."""

    exchange: str
    contracts: int  # current ones
    asked: int  # of them those that lacked something
    done: int = 0
    settlements: int = 0  # new in the database, or changed there
    calls: int = 0
    unlisted: int = 0  # contracts that the exchange's list lacks, or that have no history
    took_seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)  # kind → contracts
    skipped: Counter[str] = field(default_factory=Counter)  # reason → rows that could not be read
    error: str | None = None  # words of the first failure


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Runs beside a collector too: it never takes more than half of an exchange's budget. What was stored when it"
        " ended, by whatever cause, stays; called again it asks for the rest."
    )
    parser.add_argument("names", metavar="EXCHANGE", nargs="*", help="Only these. [those of the settings]")
    parser.add_argument(
        "--days", type=_days, default=30.0, metavar="N", help="How deep; some exchanges keep less. [30]"
    )
    parser.add_argument("--base", metavar="ASSET", help="Only contracts of this asset, as BTC.")
    parser.add_argument("--json", action="store_true", help="A JSON object per exchange instead of a line.")
    add_settings(parser, "database", "exchanges", "upstream")


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0 < days <= MOST_DAYS:
        raise ArgumentTypeError(f"a number of days up to {MOST_DAYS:g}, not {text!r:.20}")
    return days


def run(args: Namespace) -> int:
    config = settings(args)
    exchanges = pick(tuple(args.names) or config.exchanges, load())
    if not config.database.exists():
        raise StoreError(f"{config.database}: there is no database; run `funding migrate` to make it")
    with closing(writer(config.database)) as conn:
        check_writable(conn)
        jobs = _lacking(conn, args, exchanges)
        if not jobs:
            raise NotFoundError("no contract with a history call is stored; `funding collect --once` brings contracts")
        watch = Watch(
            {name: Report(name, contracts, len(these)) for name, (contracts, these) in jobs.items()}, args.json
        )
        tasks = {name: these for name, (_, these) in jobs.items()}
        if not _work(conn, config, {name: exchanges[name] for name in jobs}, tasks, watch):
            console.say("stopped; what had come is stored, and the next call asks for the rest")
            return exits.FAILED
    return exits.EXCHANGE_FAILED if watch.failed else exits.OK


def _lacking(conn: Connection, args: Namespace, exchanges: Mapping[str, Exchange]) -> dict[str, tuple[int, list[Job]]]:
    """How many contracts are stored and what they lack, by exchange. Of one that was named it is said if there are none."""
    wanted = Wanted(int(time.time()), args.days)
    assets = () if args.base is None else tuple({args.base, canonical(args.base)})
    found: dict[str, tuple[int, list[Job]]] = {}
    for name, exchange in exchanges.items():
        contracts = contracts_of(conn, name, assets) if exchange.history else []
        if exchange.history and contracts:
            found[name] = len(contracts), list(jobs_of(conn, name, exchange.history, contracts, wanted))
        elif name in args.names:
            console.say(
                f"{name}: " + ("no such contract is stored" if exchange.history else "it tells no settled rates")
            )
    return found


def _work(
    conn: Connection,
    config: Config,
    exchanges: Mapping[str, Exchange],
    jobs: Mapping[str, Sequence[Job]],
    watch: "Watch",
) -> bool:
    """Asks all exchanges at once, each in a thread of its own, and stores what comes. False: it was told to stop."""
    stop, inbox = threading.Event(), Inbox()
    network = Network(Fetcher(config.upstream), Pace(stop, patience=LONGEST_PUSH), stop)
    stopped = False
    try:
        with stopping(network.close):
            for name, exchange in exchanges.items():
                _start(name, exchange, jobs[name], network, inbox)
            running = set(exchanges)
            while running:
                name, got = inbox.get()
                if isinstance(got, Exception):
                    raise got
                if got is not None:
                    watch.count(name, got, save(conn, exchanges[name], got))
                    continue
                running.discard(name)
                if not stop.is_set():
                    watch.end(name)
            stopped = stop.is_set()
    finally:
        network.close()
        watch.clear()
    return not stopped


def _start(name: str, exchange: Exchange, jobs: Sequence[Job], network: Network, inbox: Inbox) -> None:
    for host in exchange.hosts:
        network.pace.budget(host, replace(exchange.budget, limit=exchange.budget.limit * SHARE))
    source = history_source(name, exchange, network.fetcher, network.pace, share=SHARE)

    def task() -> None:
        try:
            Backfill(name, exchange, source, lambda got: inbox.put((name, got)), time.time).run(jobs)
            inbox.put((name, None))
        except Exception as error:  # a fault of ours: raised where it ends the command
            inbox.put((name, error))

    in_thread(f"{name}-history", task)


class Watch:
    """Counts what comes: a progress line meanwhile, where somebody watches, and a line per exchange when it is done."""

    def __init__(
        self, reports: Mapping[str, Report], as_json: bool, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._reports, self._as_json, self._timer = reports, as_json, timer
        self._progress, self._begun = console.Progress(), timer()

    @property
    def failed(self) -> bool:
        return any(report.failures for report in self._reports.values())

    def count(self, name: str, got: Got, stored: int) -> None:
        report = self._reports[name]
        report.done += 1
        report.settlements += stored
        report.calls += got.calls
        report.unlisted += not got.listed
        report.skipped.update(got.skipped)
        if got.error is not None:
            report.failures[got.error.kind] += 1
            report.error = report.error or f"{got.job.contract.symbol}: {got.error.words}"
        self._progress.show(self._line())

    def end(self, name: str) -> None:
        report = self._reports[name]
        report.took_seconds = round(self._timer() - self._begun, 1)
        self.clear()
        if self._as_json:
            console.print_lines([{one.name: getattr(report, one.name) for one in fields(report)}])
        else:
            print(console.plain(summary(report)), flush=True)

    def clear(self) -> None:
        self._progress.clear()

    def _line(self) -> str:
        reports = self._reports.values()
        done, asked = sum(report.done for report in reports), sum(report.asked for report in reports)
        settlements, calls = sum(report.settlements for report in reports), sum(report.calls for report in reports)
        left = max(map(self._seconds_left, reports), default=0.0)  # they run side by side
        return f"{done} of {asked} contracts, {settlements:,} settlements, {calls:,} calls, {console.span(left)} left"

    def _seconds_left(self, report: Report) -> float:
        took = self._timer() - self._begun
        return took / report.done * (report.asked - report.done) if report.done else 0.0


def summary(report: Report) -> str:
    """ "okx: 40 contracts, 38 lacked settlements, 3,420 stored, 38 calls, 4.1 s; timeout 2 (BTC-USDT: …)"."""
    parts = [
        f"{report.exchange}: {report.contracts} contracts",
        f"{report.asked} lacked settlements",
        f"{report.settlements:,} stored",
        f"{report.calls:,} calls",
        f"{report.took_seconds:.1f} s",
    ]
    said = [", ".join(parts)]
    if report.failures:
        kinds = ", ".join(f"{kind} {count}" for kind, count in report.failures.items())
        said.append(f"failed: {kinds} ({report.error})")
    if report.unlisted:
        said.append(f"{report.unlisted} without history")
    said += [f"unreadable {count} ({reason})" for reason, count in report.skipped.items()]
    return "; ".join(said)
