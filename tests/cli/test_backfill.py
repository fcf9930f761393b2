"""`funding backfill` against six exchanges that the simulator plays: what they charged is what is stored, whatever happens."""

import io
import json
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from bench.simulator import Simulator
from funding.adapter import load
from funding.backfill import Contract, Got, Job
from funding.cli.backfill import Report, Watch, summary
from tests.cli.conftest import Call
from tests.programs import Program, until

PLAYED = ("okx", "binance", "bybit", "hyperliquid", "kraken", "gate")
LIVE = "okx=5,binance=8,bybit=8,hyperliquid=4,kraken=5,gate=16"
DAYS = 20
DAY = 86_400
STEP = 300  # seconds: the exchanges' time stands still that long, and Gate lists a settlement a second late
BTC = Contract(1, "BTC", "BTC", "USDT", "USDT", "linear", 8.0)

Settled = dict[str, dict[int, tuple[float, float | None]]]  # symbol → funding_time → rate and interval


@pytest.fixture(scope="module")
def exchanges() -> Iterator[Simulator]:
    words = ("--exchanges", ",".join(PLAYED), "--contracts", LIVE, "--step", str(STEP), "--past-days", str(DAYS + 5))
    with Simulator(*words) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def collected(exchanges: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database has every contract, and no settlement."""
    folder = tmp_path_factory.mktemp("collected")
    settings: dict[str, Any] = {"FUNDING_UPSTREAM": exchanges.url, "FUNDING_EXCHANGES": ",".join(PLAYED)}
    for words in (("migrate",), ("collect", "--once")):
        with Program(folder, *words, **settings) as program:
            assert program.process.wait(30) == 0, program.lines
    return folder


@pytest.fixture(autouse=True)
def database(exchanges: Simulator, collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FUNDING_UPSTREAM", exchanges.url)
    shutil.copy(collected / "funding.db", tmp_path)
    exchanges.control(reset=True)
    yield tmp_path / "funding.db"
    exchanges.control(fault=None, latency_ms=0)


def stored(database: Path, exchange: str, since: int, until: int) -> Settled:
    with closing(sqlite3.connect(database)) as conn:
        found: Settled = {
            symbol: {} for (symbol,) in conn.execute("SELECT symbol FROM contract WHERE exchange = ?", (exchange,))
        }
        for symbol, at, rate, hours in conn.execute(
            """
            SELECT symbol, funding_time, rate, interval_hours
            FROM settlement JOIN contract ON contract.id = contract_id
            WHERE exchange = ? AND funding_time BETWEEN ? AND ?
            """,
            (exchange, since, until),
        ):
            found[symbol][at] = rate, hours
    return found


def truth(simulator: Simulator, exchange: str, symbols: Settled, since: int, until: int) -> Settled:
    return {
        symbol: {row["time"]: (row["rate"], row["interval_hours"]) for row in simulator.settled(exchange, symbol, since, until)}
        for symbol in symbols
    }  # fmt: skip


def assert_true(simulator: Simulator, database: Path, exchange: str, now: int, days: float = DAYS) -> None:
    """What is stored is what was charged, to the last digit and interval."""
    since = now - int(days * DAY) + 60  # a second run begins a little later
    last = now - now % STEP - 1
    found = stored(database, exchange, since, last)
    assert found == truth(simulator, exchange, found, since, last)
    assert all(found.values())


def calls(simulator: Simulator) -> dict[str, int]:
    return {name: one["requests"] for name, one in simulator.state()["exchanges"].items() if one["requests"]}


def table(database: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as conn:
        return conn.execute("SELECT * FROM settlement ORDER BY contract_id, funding_time").fetchall()


def reports(out: str) -> dict[str, dict[str, Any]]:
    return {row["exchange"]: row for row in map(json.loads, out.splitlines())}


def test_what_six_exchanges_charged_is_stored_and_a_second_time_changes_nothing(
    exchanges: Simulator, database: Path, funding: Call
) -> None:
    now = int(time.time())
    said = funding("backfill", *PLAYED, "--days", DAYS, "--json")
    assert (said.code, said.err) == (0, "")
    found = reports(said.out)
    assert found.keys() == set(PLAYED)
    for name in PLAYED:
        assert_true(exchanges, database, name, now)
        assert found[name]["failures"] == found[name]["skipped"] == {}
        assert found[name]["asked"] == found[name]["done"] == found[name]["contracts"]
        assert found[name]["calls"] == calls(exchanges)[name]
    assert sum(report["settlements"] for report in found.values()) == len(table(database))

    before = table(database)
    exchanges.control(reset=True)
    assert funding("backfill", *PLAYED, "--days", DAYS, "--json").code == 0
    assert table(database) == before
    assert calls(exchanges) == {}


def test_a_process_that_is_killed_half_way_loses_nothing_that_the_next_does_not_bring(
    exchanges: Simulator, database: Path, tmp_path: Path, funding: Call
) -> None:
    now = int(time.time())
    exchanges.control(exchange="gate", latency_ms=400)
    with Program(tmp_path, "backfill", "gate", "--days", str(DAYS), FUNDING_UPSTREAM=exchanges.url) as program:
        until(lambda: len({row[0] for row in table(database)}) >= 2, "two contracts")
        program.process.kill()
        program.process.wait(30)
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    whole = len({row[0] for row in table(database)})
    assert 2 <= whole < 16
    said = funding("backfill", "gate", "--days", DAYS, "--json")
    assert said.code == 0
    assert reports(said.out)["gate"]["asked"] == 16 - whole, "what was stored before is not asked for again"
    assert_true(exchanges, database, "gate", now)


def test_told_to_stop_it_keeps_what_came_and_says_so(exchanges: Simulator, database: Path, tmp_path: Path) -> None:
    exchanges.control(exchange="gate", latency_ms=400)
    with Program(tmp_path, "backfill", "gate", FUNDING_UPSTREAM=exchanges.url) as program:
        until(lambda: table(database), "a contract")
        assert program.end() == 1
        assert program.line("stopped; what had come is stored")
        assert not [line for line in program.lines if "Traceback" in line]


def test_it_writes_beside_a_collector_that_holds_the_database(
    exchanges: Simulator, database: Path, tmp_path: Path, funding: Call
) -> None:
    now = int(time.time())
    settings: dict[str, Any] = {
        "FUNDING_UPSTREAM": exchanges.url, "FUNDING_EXCHANGES": "bybit", "FUNDING_INTERVAL_SECONDS": 1,
    }  # fmt: skip
    with Program(tmp_path, "collect", **settings) as collector:
        collector.line("cycle: ")
        said = funding("backfill", "bybit", "--days", DAYS)
        assert (said.code, said.err) == (0, "")
        assert_true(exchanges, database, "bybit", now)
        assert collector.end() == 0
        assert not [line for line in collector.lines if " ERROR " in line]


def test_the_collector_fills_the_last_week_by_itself(exchanges: Simulator, database: Path, tmp_path: Path) -> None:
    now = int(time.time())
    since = now - 7 * DAY + 120
    settings: dict[str, Any] = {
        "FUNDING_UPSTREAM": exchanges.url, "FUNDING_EXCHANGES": "bybit", "FUNDING_INTERVAL_SECONDS": 1,
    }  # fmt: skip
    week = truth(exchanges, "bybit", stored(database, "bybit", 0, now), since, now - 1)
    with Program(tmp_path, "collect", **settings) as collector:
        until(lambda: stored(database, "bybit", since, now - 1) == week, "a week of settlements")
        assert collector.line("history: bybit ")
        assert collector.end() == 0


def test_an_exchange_that_fails_costs_no_other_and_is_exit_code_4(
    exchanges: Simulator, database: Path, funding: Call
) -> None:
    now = int(time.time())
    exchanges.control(exchange="gate", fault={"kind": "451", "only": ["funding_rate"]})
    said = funding("backfill", "gate", "bybit", "--days", DAYS, "--json")
    assert said.code == 4
    found = reports(said.out)
    assert found["gate"]["settlements"] == 0
    assert set(found["gate"]["failures"]) <= {"blocked", "connect"}
    assert "blocked" in found["gate"]["failures"]
    assert found["bybit"]["failures"] == {}
    assert_true(exchanges, database, "bybit", now)


def test_answers_that_cannot_be_had_now_and_then_are_asked_for_again(
    exchanges: Simulator, database: Path, funding: Call
) -> None:
    now = int(time.time())
    exchanges.control(exchange="binance", fault={"kind": "503", "only": ["fundingRate"], "every": 3})
    assert funding("backfill", "binance", "--days", DAYS).code == 0
    assert_true(exchanges, database, "binance", now)


def test_only_contracts_of_one_asset(exchanges: Simulator, database: Path, funding: Call) -> None:
    said = funding("backfill", "bybit", "--base", "xbt")
    assert said.code == 0
    with closing(sqlite3.connect(database)) as conn:
        assets = conn.execute("SELECT DISTINCT asset FROM settlement JOIN contract ON id = contract_id").fetchall()
    assert assets == [("BTC",)]


def test_a_line_per_exchange_says_what_came(database: Path, funding: Call) -> None:
    [line] = funding("backfill", "bybit", "--base", "BTC", "--days", "2").lines
    parts = line.split(", ")
    contracts = int(parts[0].removeprefix("bybit: ").removesuffix(" contracts"))
    assert contracts >= 1
    assert parts[1:4] == [f"{contracts} lacked settlements", f"{len(table(database))} stored", f"{contracts} calls"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_somebody_watches_a_line_says_how_far_it_is_and_how_long_the_slowest_takes() -> None:
    moments = iter([0.0, 10.0, 10.0])
    with redirect_stderr(Terminal()) as screen:
        watch = Watch({"okx": Report("okx", 40, 40), "xt": Report("xt", 9, 4, done=1)}, False, lambda: next(moments))
        watch.count("okx", Got(Job(BTC, 0, ()), calls=3), 1200)
    assert screen.getvalue() == "\r\x1b[K2 of 44 contracts, 1,200 settlements, 3 calls, 6m30s left"


def test_a_summary_says_what_failed_and_why() -> None:
    report = Report("okx", 40, 38, 38, 3420, 41, 1, 4.06, Counter(timeout=2), Counter({"no rate": 3}), "BTC: no answer")
    assert summary(report) == (
        "okx: 40 contracts, 38 lacked settlements, 3,420 stored, 41 calls, 4.1 s; failed: timeout 2 (BTC: no answer);"
        " 1 without history; unreadable 3 (no rate)"
    )


@pytest.mark.parametrize("days", ["0", "-1", "4000", "nan", "x"])
def test_a_number_of_days_that_is_none_is_wrong_usage(days: str, funding: Call) -> None:
    said = funding("backfill", "okx", f"--days={days}")
    assert said.code == 2
    assert "a number of days up to 3650" in said.err


def test_what_cannot_be_backfilled_is_said(funding: Call, database: Path) -> None:
    assert funding("backfill", "okxx").err == "funding: okxx is not an exchange; did you mean okx?\n"
    silent = next(name for name, exchange in load().items() if exchange.history is None)
    said = funding("backfill", silent)
    assert said.code == 3
    assert said.err.splitlines() == [
        f"{silent}: it tells no settled rates",
        "funding: no contract with a history call is stored; `funding collect --once` brings contracts",
    ]
    assert funding("backfill", "woo").err.startswith("woo: no such contract is stored\n")
    database.unlink()
    said = funding("backfill")
    assert (said.code, said.err) == (
        78,
        "funding: funding.db: there is no database; run `funding migrate` to make it\n",
    )
    assert not database.exists()
