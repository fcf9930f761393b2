"""The benchmark programs: their floors, and that each runs, as small as it can be. Nothing here is timed."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench import cycle, fanout, memory, serving, store, tables
from bench.certificates import Certificates, certificates
from bench.children import Failed
from bench.clients.limiter import Deque
from bench.fanout import LIMITS, Turn
from bench.rows import BASE, CYCLE, Market, all_of, moment, together
from bench.served import BARE, ours, peer
from bench.served import serving as served
from funding.adapter import Budget, Call, Exchange, load, per_second, window
from funding.store.rates import select_current


@pytest.fixture(scope="module")
def tls() -> Iterator[Certificates]:
    with certificates() as made:
        yield made


# Fan-out


@pytest.mark.parametrize(
    ("limit", "calls", "seconds"),
    [
        ("bucket", 285, 27.74),  # 10 at once, 275 at 10 a second, a connection before and an answer after
        ("bucket", 5, 0.24),
        ("window", 285, 28.24),  # 15 windows, of which 14 must pass
        ("window", 20, 0.24),
        ("none", 285, 3.01),  # 22.8 s of delays on 8 connections
        ("none", 1, 3.01),
    ],
)
def test_the_floor_of_a_fan_out(limit, calls, seconds) -> None:
    assert fanout.floor(LIMITS[limit], calls, delayed_seconds=22.8) == pytest.approx(seconds)


def took(rows: int, calls: int = 10, failed: str = "") -> Turn:
    client = {"wall": 2.0, "cpu": 0.5, "cpu_with_imports": 0.6, "peak_mb": 30.0, "rows": rows, "answers": []}
    return Turn(calls, 1.0, 0, 8, {} if failed else client, failed)


def test_a_client_that_loses_rows_is_shown_with_what_it_brought() -> None:
    assert fanout.measured([took(10), took(7)], "wall").text("s") == "2.00 s, 7 of 10 rows"


def test_a_client_that_fails_is_shown_as_such() -> None:
    turns = {"ours": [took(10)], "requests": [took(0, failed="no venv")]}
    figures = fanout.figures("none", turns)
    assert {one.figure: one.reached for one in figures}["F3 no limit: CPU"] is None
    assert fanout.details("none", turns).rows[1][:2] == ["requests", "no venv"]


@pytest.mark.parametrize("limit", ["bucket", "none"])
def test_this_service_brings_every_row_without_a_refusal(tls, limit) -> None:
    turn = fanout.turn("ours", LIMITS[limit], 12, 1, tls)
    assert (turn.failed, turn.lost, turn.refused) == ("", 0, 0)
    assert len(turn.client["answers"]) == 12
    assert turn.floor > 0


# A cycle


@pytest.mark.parametrize(
    ("budget", "weights", "seconds"),
    [
        (per_second(1), [1, 1, 1], 2.0),
        (per_second(10, burst=5), [5, 5, 5], 1.0),
        (window(20, 2), [1] * 20, 0.0),
        (window(20, 2), [1] * 21, 2.0),
        (window(100, 60), [40, 40, 40], 60.0),
    ],
)
def test_the_least_that_a_budget_allows(budget: Budget, weights, seconds) -> None:
    assert cycle.budget_seconds(budget, weights) == pytest.approx(seconds)


def venue(*calls: Call) -> Exchange:
    return Exchange("Venue", "cex", per_second(1), calls, lambda row, tables: None)


def test_the_floor_of_an_exchange_is_its_budget_or_its_waves_of_calls() -> None:
    plain = Call("instruments", "https://a.example/i", key="x")
    each = Call("interest", "https://a.example/o?s={s}", key="s", each=lambda tables: [], about=1)
    rates = Call("rates", "https://a.example/r")
    assert [cycle.waves(venue(rates)), cycle.waves(venue(plain, rates)), cycle.waves(venue(plain, each, rates))] == [
        1,
        2,
        3,
    ]
    found = cycle.floors({"a.example": [1, 1, 1, 1]}, {"slow": venue(plain, rates), "silent": venue()})
    assert found == {"slow": pytest.approx(3.24)}


def test_the_six_exchanges_carry_all_contracts() -> None:
    assert sum(cycle.shares(6500).values()) == 6500
    assert sum(cycle.shares(61).values()) == 61


def test_a_cycle_of_two_exchanges_is_stored(tls) -> None:
    with cycle.world(65, 1, tls) as simulator:
        found = cycle.turn("ours", "okx,aevo", simulator, tls)
    assert {one["exchange"]: (one["rates"], one["error"]) for one in found["first"]["exchanges"]} == {
        "okx": (7, None),
        "aevo": (2, None),
    }
    assert set(found["sent"]) == {*load()["okx"].hosts, *load()["aevo"].hosts}
    turns = {"all": [{**found, "second": found["first"]}], "six": [found], "ccxt": [{"failed": "no venv"}]}
    assert {one.figure: one.reached for one in cycle.figures(turns, 9)}["F4 cycle: contracts lost"] is True
    assert cycle.beside(turns).rows[3][:2] == ["ccxt, the six", "no venv"]


# The store


def tiny(*words: str) -> argparse.Namespace:
    small = "--contracts 118 --hours 1 --days 1 --year-days 2 --month-contracts 40 --year-contracts 3 --repeats 3"
    return store.parser().parse_args([*small.split(), "--seconds", "0.2", *words])


def test_the_store_is_measured_beside_its_peers(tmp_path) -> None:
    report = store.measure(tiny("--folder", str(tmp_path)))
    assert [one.figure for one in report.figures if one.reached is None] == []
    assert report.figures[-1].ours.values == (0.0,)  # a reader's errors
    assert not list(tmp_path.iterdir())


def test_cycles_have_the_same_contracts_with_moving_rates_and_are_the_same_again() -> None:
    first, again = Market(7, 118), Market(7, 118)
    one, two = first.cycle(0), first.cycle(1)
    assert [one, two] == [again.cycle(0), again.cycle(1)]
    assert [rate.symbol for rate in all_of(one)] == [rate.symbol for rate in all_of(two)]
    assert len({rate.symbol for rate in together(one).rates}) == 118
    assert {rate.observed_at for rate in all_of(two)} == {moment(1)} == {BASE + 2 * CYCLE}
    moved = sum(a.funding_rate != b.funding_rate for a, b in zip(all_of(one), all_of(two), strict=True))
    assert 40 < moved < 70  # half of them move


def test_the_peers_hold_the_same_rows(tmp_path) -> None:
    market = Market(1, 59)
    outcomes = market.cycle(0)
    conn = tables.connected(tmp_path / "peer.db", wal=True)
    conn.execute(tables.definition(tables.KEY))
    for _ in range(2):
        tables.write(conn, "INSERT OR REPLACE", all_of(outcomes))
    theirs = conn.execute(
        "SELECT exchange, symbol, funding_rate, mark_price FROM t ORDER BY exchange, symbol"
    ).fetchall()
    conn.close()
    with closing(store.ours_at(tmp_path / "ours.db", market)) as own:
        store.every_run({}, own, outcomes)
        mine = [
            tuple(row[name] for name in ("exchange", "symbol", "funding_rate", "mark_price"))
            for row in select_current(own)
        ]
    assert theirs == mine


# Serving and memory


WRK = """Running 2s test @ http://127.0.0.1:1/
  1 threads and 8 connections
  Latency Distribution
     50%  720.00us
     75%    1.10ms
     90%    2.20ms
     99%    4.75ms
  20128 requests in 2.00s, 4.20MB read
Requests/sec:  10064.00
"""


def test_what_wrk_says_is_read() -> None:
    assert serving.read_wrk(WRK) == (20128, 2.0, {"50": pytest.approx(0.72), "99": 4.75})


@pytest.mark.parametrize(
    "line", ["  Non-2xx or 3xx responses: 4", "  Socket errors: connect 0, read 2, write 0, timeout 1", "nothing"]
)
def test_requests_that_failed_are_no_figure(line) -> None:
    with pytest.raises(Failed):
        serving.read_wrk(f"{WRK}{line}\n" if line != "nothing" else line)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("database")
    return memory.filled(folder / "full.db", argparse.Namespace(seed=1, contracts=118))


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_this_service_is_asked_by_wrk(database, tmp_path) -> None:
    target = next(one for one in serving.TARGETS if one.what == serving.UNCHANGED)
    with served(*ours("serve", database), tmp_path) as server:
        load_of = serving.turn(server, target, 1)
    assert isinstance(load_of, serving.Load)
    assert load_of.per_second > 0


def test_a_server_that_does_not_start_is_a_failure_in_words(tmp_path) -> None:
    with (
        pytest.raises(Failed, match=r"no answer: .*No module named"),
        served([*peer(BARE, tmp_path)[0][:2], "no_such_module"], peer(BARE, tmp_path)[1], tmp_path),
    ):
        raise AssertionError("it started")


def test_memory_and_requests_of_a_server(database, tmp_path) -> None:
    with served(*ours("serve", database), tmp_path) as server:
        before = server.memory_mb()
        memory.ask(server, ("/livez", "/api/funding/current", "/nothing/here"), 6)
        assert 10 < before <= server.memory_mb() <= server.peak_mb() * 1.01
        with pytest.raises(Failed, match=": 414"):
            memory.ask(server, ("/" + "a" * 9000,), 1)


def test_the_usual_limiter_counts_what_it_should() -> None:
    now = [0.0]
    limiter = Deque(lambda: now[0])
    assert [limiter.hit(b"a", 2, 60) for _ in range(3)] == [True, True, False]
    now[0] = 60.0
    assert limiter.hit(b"a", 2, 60)
