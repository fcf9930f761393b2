"""From exchanges over TLS through the database to an HTTP client: real processes, real sockets, and kill -9 in between."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from bench.simulator import Simulator
from tests.programs import Program, until

PLAYED = "okx,bybit,hyperliquid,kraken"
CONTRACTS = 600  # of each: it takes a while to write them, so that a kill can come in the middle
ALL = 4 * CONTRACTS
SAME = ("quote", "settle", "kind", "funding_rate", "funding_interval_hours", "next_funding_time")
SAME_WHERE_READ = ("mark_price", "index_price", "open_interest_usd", "volume_24h_usd")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority's ca.pem, and cert.pem and key.pem for 127.0.0.1."""
    folder, ca = tmp_path_factory.mktemp("tls"), trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    return folder


@pytest.fixture(scope="module")
def exchanges(certificates: Path) -> Iterator[Simulator]:
    """Four exchanges, whose figures move every five minutes."""
    tls = ("--tls", str(certificates / "cert.pem"), str(certificates / "key.pem"))
    words = ("--exchanges", PLAYED, "--contracts", str(CONTRACTS), "--step", "300")
    with Simulator(*tls, *words, cafile=certificates / "ca.pem") as simulator:
        yield simulator


@pytest.fixture
def settings(exchanges: Simulator, certificates: Path) -> dict[str, object]:
    return {
        "FUNDING_UPSTREAM": exchanges.url,
        "SSL_CERT_FILE": certificates / "ca.pem",
        "FUNDING_EXCHANGES": PLAYED,
        "FUNDING_PORT": 0,
        "FUNDING_LIMIT_FREE": 0,  # who waits here asks often
    }


def test_what_exchanges_publish_is_what_a_client_gets(
    exchanges: Simulator, settings: dict[str, object], tmp_path: Path
) -> None:
    with Program(tmp_path, "run", **settings) as program:
        assert program.line("cycle: ").endswith(f"cycle: 4 of 4 exchanges ok, {ALL} rates")
        status, answer = program.get("/api/funding/current")
        assert status == 200
        for exchange in PLAYED.split(","):
            ours = {row["symbol"]: row for row in answer["rows"] if row["exchange"] == exchange}
            truth = {row["symbol"]: row for row in exchanges.truth(exchange)}
            assert ours.keys() == truth.keys()
            assert [difference for symbol in truth for difference in differences(truth[symbol], ours[symbol])] == []
        status, health = program.get("/api/health")
        assert (status, health["status"], health["total_rows"]) == (200, "ok", ALL)
        assert program.end() == 0


def differences(truth: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    compared = [*SAME, *(name for name in SAME_WHERE_READ if None not in (ours[name], truth[name]))]
    return [f"{truth['symbol']} {name}: {ours[name]!r} for {truth[name]!r}" for name in compared
            if not same(truth[name], ours[name])]  # fmt: skip


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def test_collector_and_server_are_two_processes_that_meet_in_the_database(
    settings: dict[str, object], tmp_path: Path
) -> None:
    with Program(tmp_path, "serve", **settings) as server:
        assert server.get("/api/funding/current")[0] == 503
        with Program(tmp_path, "migrate", **settings) as migrate:
            assert migrate.process.wait(30) == 0
        with Program(tmp_path, "collect", "--once", **settings) as collector:
            assert collector.process.wait(30) == 0
        until(lambda: server.get("/api/funding/current")[1].get("total") == ALL, "every rate")
        assert server.end() == 0


def test_what_was_stored_is_whole_after_every_kill_and_the_next_start_is_clean(
    settings: dict[str, object], tmp_path: Path
) -> None:
    database = tmp_path / "funding.db"
    for more_runs in (1, 2, 5, 7):
        with Program(tmp_path, "run", FUNDING_INTERVAL_SECONDS=1, **settings) as program:
            program.line("Funding Finder: ")
            enough = runs(database) + more_runs
            until(partial(has_runs, database, enough), "more runs")
            program.process.kill()  # while others of the cycle are on their way, or just being written
            program.process.wait(30)
        assert_whole(database)
    with Program(tmp_path, "run", **settings) as program:
        program.line(f"cycle: 4 of 4 exchanges ok, {ALL} rates")
        assert program.get("/api/funding/current")[1]["total"] == ALL
        assert not [line for line in program.lines if " ERROR " in line or "Traceback" in line]
        assert program.end() == 0
    assert_whole(database)


def runs(database: Path) -> int:
    with closing(sqlite3.connect(database)) as conn:
        return int(conn.execute("SELECT count(*) FROM run").fetchone()[0])


def has_runs(database: Path, count: int) -> bool:
    return runs(database) >= count


def assert_whole(database: Path) -> None:
    """SQLite finds nothing wrong, and every row that the last good run of an exchange brought is there."""
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        found = conn.execute(
            """
            SELECT exchange, rows, (SELECT count(*) FROM latest JOIN contract AS c ON c.id = latest.contract_id
                WHERE c.exchange = run.exchange AND latest.observed_at >= run.started_at)
            FROM run WHERE id IN (SELECT max(id) FROM run WHERE error_kind IS NULL GROUP BY exchange)
            """
        ).fetchall()
    assert found
    assert [(exchange, CONTRACTS, CONTRACTS) for exchange, *_ in found] == found
