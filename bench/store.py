"""S1–S3: storing a cycle, what history costs to write and to read, and what readers feel of a commit.

python -m bench.store [--contracts 6800] [--repeats 9] [--hours 2] [--month-contracts 160] [--year-contracts 200] [--json]
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from tempfile import TemporaryDirectory
from typing import Any

from bench import drawing, program, tables
from bench.children import OURS, ROOT, environment, run
from bench.figures import Figure, Goal, Measured, in_turn, percentile, rounded
from bench.program import Report, Table
from bench.rows import BASE, CYCLE, HOUR, Market, all_of, moment, together
from funding.outcome import Outcome
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.observations import merge_hour, save_observations, select_observations
from funding.store.open import writer
from funding.store.packing import Observation
from funding.store.runs import Contracts, observations_of, save
from funding.store.settlements import Charged, save_settlements, select_settlements

ONE, RUNS = "ours, one transaction", "ours, one per exchange"
APPEND, REPLACE, PLAIN = "bare append", "INSERT OR REPLACE", "INSERT OR REPLACE, rollback journal, FULL"
CYCLES_AN_HOUR = HOUR // CYCLE
FILLED = 120  # rows a contract already has where rows are clustered: each cycle then touches a page per contract
STEADY = 10  # cycles before the next full hour


def ours_at(path: Path, market: Market) -> Connection:
    """A database of our own, as production opens it, but for the WAL, which is counted and emptied by hand."""
    conn = writer(path)
    migrate(conn)
    declare(conn, market.declarations())
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    return conn


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing one cycle took."""

    ms: float
    cpu_ms: float
    wal_kb: float


# S1: storing a cycle


class Way:
    """One way of storing a cycle, with a database of its own."""

    def __init__(self, conn: Connection, path: Path, store: Callable[[Connection, list[Outcome]], object]) -> None:
        self.conn, self.path, self.store = conn, path, store

    def turn(self, outcomes: list[Outcome]) -> Stored:
        cpu = time.process_time()
        seconds = timed(lambda: self.store(self.conn, outcomes))
        cpu = time.process_time() - cpu
        size = tables.wal_bytes(self.path)
        tables.emptied(self.conn)
        return Stored(1000 * seconds, 1000 * cpu, size / 1000)


def one_run(known: dict[str, Contracts], conn: Connection, outcomes: list[Outcome]) -> None:
    save(conn, outcomes[0], known=known)


def every_run(known: dict[str, Contracts], conn: Connection, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        save(conn, outcome, known=known)


def rows(verb: str, conn: Connection, outcomes: list[Outcome]) -> None:
    tables.write(conn, verb, all_of(outcomes))


def ways(folder: Path, market: Market) -> dict[str, Way]:
    found = {
        ONE: Way(ours_at(folder / "one.db", market), folder / "one.db", partial(one_run, {})),
        RUNS: Way(ours_at(folder / "runs.db", market), folder / "runs.db", partial(every_run, {})),
    }
    for name, verb, key, wal in (
        (APPEND, "INSERT", "", True),
        (REPLACE, "INSERT OR REPLACE", tables.KEY, True),
        (PLAIN, "INSERT OR REPLACE", tables.KEY, False),
    ):
        path = folder / f"{len(found)}.db"
        conn = tables.connected(path, wal=wal)
        conn.execute(tables.definition(key))
        found[name] = Way(conn, path, partial(rows, verb))
    return found


def storing(options: argparse.Namespace, folder: Path) -> Report:
    market = Market(options.seed, options.contracts)
    candidates = ways(folder, market)
    taken: dict[str, list[Stored]] = {name: [] for name in candidates}
    for number in range(options.repeats + 1):  # the first cycle fills the tables
        outcomes = market.cycle(number % STEADY)
        merged = [together(outcomes)]
        for name, way in candidates.items():
            turn = way.turn(merged if name == ONE else outcomes)
            if number:
                taken[name].append(turn)
    taken[f"{RUNS}, all charged since"] = [candidates[RUNS].turn(market.cycle(CYCLES_AN_HOUR * 8))]
    for way in candidates.values():
        way.conn.close()
    cpu = {name: Measured(tuple(one.cpu_ms for one in turns)) for name, turns in taken.items()}
    peers = {name: cpu[name] for name in (APPEND, REPLACE, PLAIN)}
    title = f"S1 {options.contracts:,} rows stored: CPU"
    figures = [Figure(title, "ms", cpu[ONE], goal, None, peers) for goal in (Goal(1.0, APPEND), Goal(0.65, REPLACE))]
    columns = ("way", "ms", "CPU ms", "rows per second of CPU", "WAL KB")
    lines = [[name, *numbers(turns, options.contracts)] for name, turns in taken.items()]
    return Report(figures, [Table(f"Storing a cycle of {options.contracts:,} contracts", columns, lines)])


def numbers(turns: list[Stored], contracts: int) -> list[str]:
    ms, cpu, wal = (Measured(tuple(getattr(one, name) for one in turns)) for name in ("ms", "cpu_ms", "wal_kb"))
    return [ms.text(), cpu.text(), f"{1000 * contracts / (cpu.median or 1):,.0f}", wal.text()]


# S2: history


def history(options: argparse.Namespace, folder: Path) -> Report:
    market = Market(options.seed, options.contracts)
    clustered = clustered_wal(folder / "clustered.db", market, options.contracts)
    grown, wal = growth(folder / "growth.db", market, options.hours)
    month, cold_month = month_of_one(folder / "month.db", options)
    year, hourly = year_of_one(folder / "year.db", options)
    figures = [
        Figure(
            "S2 observations: WAL per cycle", "KB", Measured(tuple(size / 1000 for size in wal)),
            Goal(0.01, "clustered rows"), None, {"clustered rows": Measured((clustered / 1000,) * len(wal))},
        ),
        Figure("S2 a contract's 30 days", "ms", month, Goal(60), None, {"first read": cold_month}),
        Figure("S2 a year of settled rates", "ms", year, Goal(10), None, {"paid every hour": hourly}),
    ]  # fmt: skip
    day = 24 / options.hours
    lines = [
        ["the file grows in a day, MB", f"{grown * day / 1e6:,.0f}"],
        ["of that observations, MB", f"{sum(wal) / len(wal) * 288 / 1e6:,.0f}"],
        ["clustered rows would write to the WAL in a day, MB", f"{clustered * 288 / 1e6:,.0f}"],
    ]
    return Report(figures, [Table(f"History, from {options.hours} hours of cycles", ("", ""), lines)])


def clustered_wal(path: Path, market: Market, contracts: int) -> int:
    """Bytes of WAL for one cycle, where each contract's rows stand together and fill their pages."""
    with closing(tables.connected(path, wal=True)) as conn:
        conn.execute(tables.CLUSTERED)
        past = [BASE - CYCLE * back for back in range(FILLED, 0, -1)]
        rows = ((contract, at, 0.0001, 8.0, BASE) for contract in range(contracts) for at in past)
        tables.append_clustered(conn, rows)
        tables.emptied(conn)
        rates = list(all_of(market.cycle(0)))
        cycle = [(place, moment(0), rate.funding_rate, 8.0, BASE) for place, rate in enumerate(rates)]
        tables.append_clustered(conn, cycle)
        return tables.wal_bytes(path)


def growth(path: Path, market: Market, hours: int) -> tuple[int, list[float]]:
    """How many bytes the file has grown by after so many hours of cycles; the observations' WAL of each cycle.

    Every hour's regrouping is spread over its cycles. The first cycle, which makes the contracts, is before the count.
    """
    known: dict[str, Contracts] = {}
    wal: list[float] = []
    with closing(ours_at(path, market)) as conn:
        every_run(known, conn, market.cycle(0))
        tables.emptied(conn)
        before, cycle = path.stat().st_size, 1
        for _ in range(hours):
            sizes = []
            for number in range(cycle, cycle + CYCLES_AN_HOUR):
                outcomes = market.cycle(number)
                every_run(known, conn, outcomes)
                tables.emptied(conn)
                save_observations(conn, moment(number), observations_of(outcomes, known))
                sizes.append(tables.wal_bytes(path))
                tables.emptied(conn)
            cycle += CYCLES_AN_HOUR
            merge_hour(conn, moment(cycle))
            merged = tables.wal_bytes(path) / CYCLES_AN_HOUR
            tables.emptied(conn)
            wal += [size + merged for size in sizes]
        return path.stat().st_size - before, wal


def month_of_one(path: Path, options: argparse.Namespace) -> tuple[Measured, Measured]:
    """Milliseconds for one contract's observations of the days, every five minutes; cached, and not."""
    market = Market(options.seed, options.month_contracts)
    with closing(ours_at(path, market)) as conn:
        for hour in range(options.days * 24):
            save_observations(conn, BASE + (hour + 1) * HOUR - 1, hour_of(market, hour, options.month_contracts))
            merge_hour(conn, BASE + (hour + 1) * HOUR)
        tables.emptied(conn)
        hours = options.days * 24
        read = partial(select_observations, conn, [options.month_contracts // 2], BASE, BASE + hours * HOUR)
        return twice(path, read, hours * CYCLES_AN_HOUR, options.repeats)


def hour_of(market: Market, hour: int, contracts: int) -> Iterator[Observation]:
    """Twelve observations of every contract: the market's own of one cycle, moved a little."""
    rates = list(all_of(market.cycle(hour * CYCLES_AN_HOUR)))
    for number in range(CYCLES_AN_HOUR):
        at = BASE + hour * HOUR + number * CYCLE
        for contract in range(contracts):
            rate = rates[contract]
            moved = rate.funding_rate + (number * 1e-8 if contract % 2 else 0)
            yield Observation(contract + 1, at, round(moved, 8), rate.funding_interval_hours, rate.next_funding_time)


def year_of_one(path: Path, options: argparse.Namespace) -> tuple[Measured, Measured]:
    """Milliseconds for a year of one contract's settled rates: paid three times a day, and every hour."""
    market = Market(options.seed, options.year_contracts, exchanges=1)
    with closing(ours_at(path, market)) as conn:
        every_run({}, conn, market.cycle(0))
        for day in range(options.year_days):
            save_settlements(conn, settled(day, options.year_contracts))
        tables.emptied(conn)
        found = []
        for contract, count in ((2, 3 * options.year_days), (1, 24 * options.year_days)):
            read = partial(select_settlements, conn, [contract], BASE, BASE + options.year_days * 24 * HOUR)
            found.append(twice(path, read, count, options.repeats)[0])
    return found[0], found[1]


def settled(day: int, contracts: int) -> Iterator[Charged]:
    """A day of all contracts. The first one is paid every hour."""
    for contract in range(1, contracts + 1):
        for hour in range(24) if contract == 1 else (0, 8, 16):
            at = BASE + (day * 24 + hour) * HOUR
            yield Charged(contract, at, hash((contract, at)) % 20_011 / 1e8, 8.0, None, "venue", 1e-4, 1e-4, 1e-4)


def twice(path: Path, read: Callable[[], Iterator[Any]], count: int, repeats: int) -> tuple[Measured, Measured]:
    """Milliseconds of reading it all with the file cached, and just after the system was asked to forget the file."""
    warm, cold = [], []
    for _ in range(repeats):
        forget(path)
        cold.append(1000 * timed(lambda: check(count, list(read()))))
        warm.append(1000 * timed(lambda: check(count, list(read()))))
    return Measured(tuple(warm)), Measured(tuple(cold))


def forget(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def check(count: int, found: list[Any]) -> None:
    if len(found) != count:
        raise RuntimeError(f"{len(found)} rows were read where {count} were written")


# S3: readers while a cycle is committed


def readers(options: argparse.Namespace, folder: Path) -> Report:
    taken = in_turn(
        {journal: partial(idle_and_busy, folder, journal, options) for journal in ("wal", "delete")},
        max(1, options.repeats // 3),
    )
    p99 = {
        (journal, when): Measured(tuple(percentile(turn[when]["ms"], 0.99) for turn in turns))
        for journal, turns in taken.items()
        for when in ("idle", "busy")
    }
    errors = Measured(tuple(turn["busy"]["errors"] for turn in taken["wal"]))
    refused = sum(turn["busy"]["errors"] for turn in taken["delete"])
    beside = {"idle": p99["wal", "idle"], "DELETE journal": p99["delete", "busy"]}
    figures = [
        Figure("S3 reader's p99 while cycles commit", "ms", p99["wal", "busy"], Goal(1.5, "idle"), None, beside),
        Figure("S3 reader's errors", "", errors, Goal(0), None, {"DELETE journal": Measured((refused,))}),
    ]
    lines = [
        [f"{journal}, {when}", *(rounded(percentile(taken[journal][0][when]["ms"], share)) for share in (0.5, 0.99, 1))]
        for journal, when in p99
    ]
    table = Table("A reader of one contract, ms", ("journal", "p50", "p99", "most"), lines)
    return Report(figures, [table], {"store": picture(taken)})


def picture(taken: Mapping[str, list[dict[str, dict[str, Any]]]]) -> str:
    rows = [
        (f"{'ours' if journal == 'wal' else 'DELETE journal'}, {when}, p{100 * share:g}", percentile(ms, share), None)
        for journal, turns in taken.items()
        for when, ms in ((when, turns[0][when]["ms"]) for when in ("idle", "busy"))
        for share in (0.5, 0.99, 0.999)
    ]
    return drawing.bars("A reader of one contract, idle and while cycles commit", "ms", rows, logarithmic=True)


def idle_and_busy(folder: Path, journal: str, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    path = folder / f"{journal}.db"
    if not path.exists():
        market = Market(options.seed, options.contracts)
        with closing(ours_at(path, market)) as conn:
            every_run({}, conn, market.cycle(0))
            conn.execute(f"PRAGMA journal_mode = {journal}")
    given = {
        "database": str(path), "seconds": options.seconds, "pause": 0.001, "exchange": "exchange07",
        "symbol": "BTC-USDT-SWAP",
    }  # fmt: skip
    idle = run(OURS, "bench.clients.reader", given=given)
    words = [str(path), journal, str(options.seed), str(options.contracts)]
    command = [str(OURS), "-m", "bench.clients.writer", *words]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=-1, stdout=-1, text=True) as process:
        if not process.stdout or process.stdout.readline() != "ready\n":
            raise RuntimeError("the writer did not start; its words are above")
        busy = run(OURS, "bench.clients.reader", given=given)
        process.communicate()
    return {"idle": idle, "busy": busy}


def measure(options: argparse.Namespace) -> Report:
    report = Report([])
    for part in (storing, history, readers):
        with TemporaryDirectory(prefix="funding-bench-", dir=options.folder) as folder:
            found = part(options, Path(folder))
        report.figures.extend(found.figures)
        report.tables.extend(found.tables)
        report.pictures.update(found.pictures)
    return report


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=9)
    made.add_argument("--contracts", type=int, default=6800)
    made.add_argument("--hours", type=int, default=2, help="of cycles, from which a day's growth follows")
    made.add_argument("--month-contracts", type=int, default=160, help="of the database whose month is read")
    made.add_argument("--days", type=int, default=30, help="of the month that is read")
    made.add_argument("--year-days", type=int, default=365, help="of the year that is read")
    made.add_argument("--year-contracts", type=int, default=200, help="of the database whose year is read")
    made.add_argument("--seconds", type=float, default=3, help="that a reader reads")
    made.add_argument("--folder", help="where the databases are made (default: the system's temporary folder)")
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
