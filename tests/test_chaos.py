"""Faults and kills at random moments, for as long as one likes: `make chaos N=5000 SEED=7`. A few of each otherwise."""

import math
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.simulator import Simulator
from bench.simulator.faults import KINDS
from funding import errors
from funding.cli.cost import declaration
from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.rates import select_current
from funding.store.runs import save
from tests.collecting import Collecting
from tests.programs import HANG_SECONDS, Program
from tests.servers import client_tls

ROUNDS = int(os.environ.get("CHAOS_N") or 12)
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
PLAYED = ("okx", "binance", "bybit", "hyperliquid", "kraken", "gate")
SLOW = ("hang", "stall", "drip")
LASTING = ("blocked", "banned", "rate_limited")  # the host is left alone for a while after these
NEW_START = 5  # rounds after which the collector begins anew and has forgotten who was barred
COMPARED = (
    "quote",
    "settle",
    "kind",
    "funding_rate",
    "funding_interval_hours",
    "next_funding_time",
    "mark_price",
    "index_price",
    "volume_24h_usd",
)  # fmt: skip; open interest may be of an earlier run: some exchanges give it one by one
Truth = dict[str, dict[str, Any]]


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """The seed is printed: it is shown with a failure, and brings the same faults again."""
    print(f"{request.node.name}: {ROUNDS} rounds, seed {SEED}")
    return random.Random(SEED)


# Faults


@pytest.fixture(scope="module")
def standing() -> Iterator[Simulator]:
    """Its clock is set by the test, so that the truth of a round can be asked for when the round is over."""
    with Simulator("--contracts", "12", "--speed", "0", "--relative-rates", "--seconds", "86400") as simulator:
        yield simulator


def test_whatever_exchanges_do_nothing_false_is_stored_and_each_says_how_it_stands(
    standing: Simulator, rng: random.Random, tmp_path: Path
) -> None:
    with closing(writer(tmp_path / "funding.db")) as conn:
        migrate(conn)
        stored: dict[str, dict[str, float]] = {name: {} for name in PLAYED}
        for first in range(0, ROUNDS, NEW_START):
            with Collecting(*PLAYED, upstream=standing.url, tls=client_tls()) as collecting:
                declare(conn, [declaration(name, one, 300) for name, one in collecting.exchanges.items()])
                barred: set[str] = set()
                for _ in range(min(NEW_START, ROUNDS - first)):
                    one_round(standing, collecting, conn, rng, stored, barred)


def one_round(
    simulator: Simulator,
    collecting: Collecting,
    conn: sqlite3.Connection,
    rng: random.Random,
    stored: dict[str, dict[str, float]],
    barred: set[str],
) -> None:
    hour = time.time() // 3600
    faults = {name: random_faults(rng) if rng.random() < 0.4 else [] for name in PLAYED}
    for name, armed in faults.items():
        simulator.control(exchange=name, faults=armed, clock={"now": time.time()})
    outcomes = collecting.cycle(lambda outcome: save(conn, outcome))
    if time.time() // 3600 != hour:
        return  # a settlement fell into this round: what is next depends on who looked when
    assert sorted(outcome.exchange for outcome in outcomes) == sorted(PLAYED)
    for outcome in outcomes:
        name = outcome.exchange
        context = f"{name} with {faults[name]}: {outcome.error}, {outcome.failures}, {outcome.skipped}"
        truth = {row["symbol"]: row for row in simulator.truth(name)}
        assert_sound(outcome, truth, context)
        assert outcome.ok or faults[name] or name in barred, context
        if outcome.error_kind in LASTING or any(kind in LASTING for kind in outcome.failures):
            barred.add(name)
        stored[name] |= {rate.symbol: rate.funding_rate for rate in outcome.rates}
        rows = {row["symbol"]: row["funding_rate"] for row in select_current(conn, exchanges=(name,))}
        assert rows == stored[name], context


def random_faults(rng: random.Random) -> list[dict[str, Any]]:
    kind = rng.choice([kind for kind in KINDS if kind not in SLOW or rng.random() < 0.2])
    return [{
        "kind": kind,
        "every": 1 if kind in SLOW else rng.choice((1, 1, 2, 3)),
        "times": 1 if kind in SLOW else rng.choice((0, 0, 1, 2)),
        "rows": rng.choice((1.0, 0.1, 0.5)),
        "megabytes": 8,
        "retry_after": rng.choice(("", "1", "30", "86400", "soon")),
    }]  # fmt: skip


def assert_sound(outcome: Outcome, truth: Truth, context: str) -> None:
    """A failed run has a kind, words and no rates. Of a good one every figure is true, or not known."""
    if not outcome.ok:
        assert (outcome.error_kind in errors.KINDS, bool(outcome.error), outcome.rates) == (True, True, ()), context
    for rate in outcome.rates:
        assert rate.symbol in truth, context
        assert [name for name in COMPARED if not agrees(rate, truth[rate.symbol], name)] == [], f"{rate} {context}"


def agrees(rate: Rate, truth: dict[str, Any], name: str) -> bool:
    ours, true = getattr(rate, name), truth[name]
    if name == "quote" and rate.settle is None:
        return bool(ours in ("USD", true))  # hyperliquid's prices are in dollars where the token's name cannot be had
    if ours is None or true is None:
        return name != "funding_rate"
    return math.isclose(ours, true, rel_tol=1e-9) if isinstance(true, float | int) else bool(ours == true)


# Kills


@pytest.fixture(scope="module")
def moving() -> Iterator[Simulator]:
    with Simulator("--contracts", "200", "--seconds", "86400") as simulator:
        yield simulator


def test_however_it_is_ended_no_half_run_is_there_and_the_next_start_is_clean(
    moving: Simulator, rng: random.Random, tmp_path: Path
) -> None:
    settings: dict[str, object] = {
        "FUNDING_UPSTREAM": moving.url,
        "FUNDING_EXCHANGES": ",".join(PLAYED),
        "FUNDING_PORT": 0,
        "FUNDING_INTERVAL_SECONDS": 1,
    }
    for _ in range(max(1, ROUNDS // 2)):
        with Program(tmp_path, "run", **settings) as program:
            assert_ended(program, rng)
        assert_no_half_run(tmp_path / "funding.db")
    with Program(tmp_path, "run", **settings) as program:
        program.line("cycle: 6 of 6 exchanges ok, 1200 rates")
        assert not [line for line in program.lines if " ERROR " in line or "Traceback" in line]
        assert program.end() == 0
    assert_no_half_run(tmp_path / "funding.db")


def assert_ended(program: Program, rng: random.Random) -> None:
    """Half of the time in a run, else at any moment from the first on."""
    number = signal.SIGKILL if rng.random() < 0.7 else signal.SIGTERM
    if rng.random() < 0.5:
        program.line("Funding Finder: ")
    time.sleep(rng.uniform(0, 1.2))
    listening = any(line.startswith("Funding Finder: ") for line in program.lines)
    program.process.send_signal(number)
    code = program.process.wait(HANG_SECONDS)
    if number == signal.SIGTERM:
        assert code == 0 or (code == -signal.SIGTERM and not listening), program.lines
    assert "Traceback" not in "\n".join(program.lines), "\n".join(program.lines[-30:])


def assert_no_half_run(database: Path) -> None:
    """SQLite finds nothing wrong, and all rows of the last good run of each exchange are there."""
    if not database.exists():
        return
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
            return
        runs = conn.execute(
            """
            SELECT exchange, rows, (SELECT count(*) FROM latest JOIN contract AS c ON c.id = latest.contract_id
                WHERE c.exchange = run.exchange AND latest.observed_at >= run.started_at)
            FROM run WHERE id IN (SELECT max(id) FROM run WHERE error_kind IS NULL GROUP BY exchange)
            """
        ).fetchall()
    assert [(exchange, 200, 200) for exchange, *_ in runs] == runs
