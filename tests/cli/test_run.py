"""`funding run` and `funding collect` as processes: one at a time, told to end, without a way to anybody."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import Program, until
from tests.servers import Answer, Server

TICKERS = "/futures.kraken.com/derivatives/api/v3/tickers"
HANGING = {TICKERS: Answer(delay=25)}
KRAKEN = {"FUNDING_EXCHANGES": "kraken", "FUNDING_PORT": 0}


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.parametrize("second", ["run", "collect"])
def test_a_second_collector_is_refused_and_told_who_is_the_first(second: str, nobody: str, tmp_path: Path) -> None:
    with Program(tmp_path, "run", FUNDING_UPSTREAM=nobody, **KRAKEN) as first:
        first.line("Funding Finder: ")
        with Program(tmp_path, second, FUNDING_UPSTREAM=nobody, **KRAKEN) as other:
            assert other.process.wait(30) == 75
            pid = first.process.pid
        assert other.lines == [
            f"funding: funding.db: another collector holds it, process {pid} (by funding.db.lock); stop that one first"
        ]
        assert first.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_when_it_is_told_to_though_an_exchange_hangs(number: signal.Signals, tmp_path: Path) -> None:
    with (
        Server(HANGING, tls=None) as server,
        Program(tmp_path, "run", FUNDING_UPSTREAM=server.url, **KRAKEN) as program,
    ):
        program.line("Funding Finder: ")
        assert program.get("/livez")[0] == 200
        program.process.send_signal(number)
        assert program.process.wait(15) == 0
        assert not [line for line in program.lines if "Traceback" in line]


def test_a_pass_that_is_stopped_half_way_says_so(tmp_path: Path) -> None:
    with Program(tmp_path, "migrate") as migrate:
        assert migrate.process.wait(30) == 0
    with (
        Server(HANGING, tls=None) as server,
        Program(tmp_path, "collect", "--once", FUNDING_UPSTREAM=server.url, **KRAKEN) as program,
    ):
        until(lambda: server.seen, "a request")
        assert program.end() == 1
        assert program.line("stopped before all exchanges had answered")


def test_a_try_that_is_interrupted_ends_at_once(tmp_path: Path) -> None:
    with (
        Server(HANGING, tls=None) as server,
        Program(tmp_path, "try", "kraken", FUNDING_UPSTREAM=server.url) as program,
    ):
        until(lambda: server.seen, "a request")
        program.process.send_signal(signal.SIGINT)
        assert program.process.wait(15) == 130
    assert program.lines == []


def test_with_no_way_to_the_exchanges_it_serves_and_says_who_fails_and_why(nobody: str, tmp_path: Path) -> None:
    settings = {"FUNDING_UPSTREAM": nobody, "FUNDING_EXCHANGES": "kraken,gate,kucoin", "FUNDING_PORT": 0}
    with Program(tmp_path, "run", **settings) as program:
        line = program.line("cycle: ")
        assert "cycle: 0 of 3 exchanges ok, 0 rates; connect 3 (gate, kraken, kucoin: " in line
        assert "refused" in line
        status, answer = program.get("/api/exchanges")
        assert status == 200
        assert {(row["exchange"], row["last_error_kind"]) for row in answer["rows"]} == {
            ("gate", "connect"),
            ("kraken", "connect"),
            ("kucoin", "connect"),
        }
        assert not [line for line in program.lines if "Traceback" in line]
        assert program.end() == 0


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_that_is_taken_is_one_line_and_exit_code_1(command: str, tmp_path: Path, nobody: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Program(tmp_path, command, "--port", str(port), FUNDING_UPSTREAM=nobody) as program:
            assert program.process.wait(30) == 1
        assert program.lines[-1] == f"funding: 127.0.0.1 port {port} cannot be listened on: Address already in use"
        assert not [line for line in program.lines if "Traceback" in line]


def test_serving_writes_nothing(tmp_path: Path) -> None:
    with Program(tmp_path, "serve", "--port", "0") as program:
        assert program.get("/api/funding/current")[0] == 503
        assert program.end() == 0
    assert list(tmp_path.iterdir()) == []
