"""Every fault that an exchange can have, on real sockets, through the engine and the database to what the API says of it."""

import socket
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
import trustme

from bench.simulator import Simulator
from bench.simulator.faults import KINDS
from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.cli.cost import declaration
from funding.connections import Limits
from funding.outcome import Outcome
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.runs import save
from tests.collecting import SHORT, Collecting
from tests.servers import Answer, Seen, Server, client_tls, self_signed_tls, server_tls

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # webob still imports the standard library's cgi
    from webtest import TestApp

PLAYED = ("okx", "binance", "bybit", "hyperliquid", "kraken", "gate")
CONTRACTS = 12
STALE_SECONDS = 900

# fault → the exchange that has it, the kind of its failure, and words that must be among those of its status
FAULTS = {
    "403": ("okx", "blocked", "HTTP 403"),
    "418": ("binance", "banned", "HTTP 418: Way too much request weight used"),
    "429": ("kraken", "rate_limited", "HTTP 429: apiLimitExceeded"),
    "451": ("hyperliquid", "blocked", "HTTP 451"),
    "500": ("okx", "http", "HTTP 500: System error"),
    "502": ("gate", "http", "HTTP 502"),
    "503": ("binance", "http", "HTTP 503: Server is currently overloaded"),
    "refused": ("bybit", "refused", "refused with code 10016: Server error."),
    "slow_down": ("kraken", "rate_limited", "refused with code apiLimitExceeded"),
    "barred": ("bybit", "blocked", "refused with code 10009: The IP address is located in a restricted region."),
    "nan": ("hyperliquid", "not_json", "not JSON"),
    "nan_text": ("gate", "shape", "12 of 12 rows are unreadable, 12 × ValueError: not a finite number: 'NaN'"),
    "huge": ("okx", "shape", "12 × ValueError: not a finite number: inf"),
    "huge_text": ("binance", "shape", "12 × ValueError: not a finite number: '1e999'"),
    "null": ("bybit", "shape", "no funding_rate"),
    "bad_rows": ("hyperliquid", "shape", "could not convert string to float: 'n/a'"),
    "types": ("kraken", "shape", "12 × TypeError"),
    "absurd": ("gate", "shape", "12 × funding_rate is implausible: 5"),
    "deep": ("okx", "not_json", "not JSON"),
    "duplicate": ("binance", "shape", "12 × no field 'lastFundingRate'"),
    "garbage": ("bybit", "not_json", "not JSON: '<!DOCTYPE html>"),
    "empty_body": ("hyperliquid", "not_json", "an empty body"),
    "empty": ("kraken", "shape", "success with nothing in it"),
    "redirect": ("gate", "redirect", "redirects to https://elsewhere.example: not followed"),
    "redirect_file": ("okx", "redirect", "redirects to file://: not followed"),
    "hang": ("bybit", "timeout", "no whole answer within 1 s"),
    "stall": ("kraken", "timeout", "no whole answer within 1 s"),
    "drip": ("kraken", "timeout", "no whole answer within 1 s"),
    "hangup": ("hyperliquid", "reset", "closed the connection without an answer"),
    "reset": ("gate", "reset", "closed the connection without an answer"),
    "short": ("okx", "reset", "closed the connection in the middle of the answer"),
    "cut": ("binance", "not_json", "not JSON"),
    "bomb": ("bybit", "too_big", "answers with more than 4000000 bytes"),
    "endless": ("hyperliquid", "too_big", "answers with more than 4000000 bytes"),
}
SLOW = ("hang", "stall", "drip")
LASTING = ("blocked", "banned", "rate_limited")  # the host is left alone for a while after these


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Its clock stands still but for what a test moves it, so that its truth can be asked for afterwards."""
    with Simulator("--contracts", str(CONTRACTS), "--speed", "0", "--relative-rates") as started:
        yield started


@pytest.fixture(autouse=True)
def _calm(simulator: Simulator) -> None:
    simulator.control(faults=None, limit=None, reset=True, clock={"now": time.time()})


class House:
    """Collecting half, database and API in one process. `later`: how far the API's clock is ahead."""

    def __init__(self, path: Path, collecting: Collecting) -> None:
        self.path, self.collecting, self.later = path, collecting, 0.0
        self.conn = writer(path)
        migrate(self.conn)
        declare(self.conn, [declaration(name, one, 300) for name, one in collecting.exchanges.items()])
        clock = Clock(lambda: time.time() + self.later, lambda: time.monotonic() + self.later)
        self._app = TestApp(make_app(Settings(database=path), clock))

    def cycle(self) -> list[Outcome]:
        return self.collecting.cycle(lambda outcome: save(self.conn, outcome))

    def get(self, path: str) -> Any:
        self.later += 3  # past the moments for which the API keeps what it has read
        return self._app.get(path, status="*").json

    def rates(self, exchange: str) -> dict[str, float]:
        rows = self.get(f"/api/funding/current?exchange={exchange}")["rows"]
        return {row["symbol"]: row["funding_rate"] for row in rows}


@pytest.fixture
def house(simulator: Simulator, tmp_path: Path) -> Iterator[House]:
    with Collecting(*PLAYED, upstream=simulator.url, tls=client_tls()) as collecting:
        made = House(tmp_path / "funding.db", collecting)
        with closing(made.conn):
            yield made


def of(exchange: str, outcomes: list[Outcome]) -> Outcome:
    return next(outcome for outcome in outcomes if outcome.exchange == exchange)


def truth(simulator: Simulator, exchange: str) -> dict[str, float]:
    return {row["symbol"]: row["funding_rate"] for row in simulator.truth(exchange)}


def move_on(simulator: Simulator) -> None:
    """So that every rate is another."""
    simulator.control(clock={"now": simulator.state()["now"] + 60})


def test_every_fault_of_the_simulator_is_here() -> None:
    assert set(FAULTS) == set(KINDS)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_exchange_is_marked_and_keeps_its_rows_and_the_others_are_on_time(
    fault: str, simulator: Simulator, house: House
) -> None:
    exchange, kind, words = FAULTS[fault]
    assert all(outcome.ok for outcome in house.cycle())
    good = truth(simulator, exchange)
    simulator.control(exchange=exchange, fault={"kind": fault, "megabytes": 64})
    move_on(simulator)

    outcomes = house.cycle()
    assert (of(exchange, outcomes).error_kind, of(exchange, outcomes).rates) == (kind, ())
    assert [(one.ok, len(one.rates)) for one in outcomes if one.exchange != exchange] == [(True, CONTRACTS)] * 5
    assert fault not in SLOW or outcomes[-1].exchange == exchange
    assert house.rates(exchange) == pytest.approx(good, rel=1e-9)
    status = house.get(f"/api/exchanges/{exchange}")
    assert (status["last_error_kind"], status["consecutive_failures"]) == (kind, 1)
    assert words in status["last_error"]
    assert_age_grows(house, exchange)

    simulator.control(faults=None)
    again = of(exchange, house.cycle())
    assert again.ok or (kind in LASTING and "is not asked before" in str(again.error))


def assert_age_grows(house: House, exchange: str) -> None:
    """The last good rows say how old they are, and are stale when they are too old."""

    def ages() -> set[tuple[bool, bool]]:
        rows = house.get(f"/api/funding/current?exchange={exchange}")["rows"]
        return {(house.later - 60 <= row["age_seconds"] <= house.later + 60, row["stale"]) for row in rows}

    house.later += 400
    assert ages() == {(True, False)}
    house.later += STALE_SECONDS
    assert ages() == {(True, True)}


@pytest.mark.parametrize("fault", ["null", "bad_rows", "types", "absurd", "nan_text", "huge", "huge_text", "duplicate"])
def test_a_few_spoilt_rows_are_left_out_and_the_others_are_true(fault: str, simulator: Simulator, house: House) -> None:
    house.cycle()
    before = truth(simulator, "binance")
    simulator.control(exchange="binance", fault={"kind": fault, "rows": 0.25})
    move_on(simulator)
    outcome = of("binance", house.cycle())
    now = truth(simulator, "binance")
    read = {rate.symbol: rate.funding_rate for rate in outcome.rates}
    assert outcome.ok
    assert sum(outcome.skipped.values()) == CONTRACTS - len(read) > 0
    assert read == pytest.approx({symbol: now[symbol] for symbol in read}, rel=1e-9)
    assert house.rates("binance") == pytest.approx(before | read, rel=1e-9)
    status = house.get("/api/exchanges/binance")
    assert (status["status"], sum(status["skipped"].values())) == ("ok", CONTRACTS - len(read))


# "Slow down"


def requests_of(simulator: Simulator, exchange: str) -> int:
    found: int = simulator.state()["exchanges"][exchange]["requests"]
    return found


def test_an_exchange_that_asks_for_a_long_pause_gets_it(simulator: Simulator, house: House) -> None:
    simulator.control(exchange="kraken", fault={"kind": "429", "retry_after": "300"})
    assert of("kraken", house.cycle()).error_kind == "rate_limited"
    assert requests_of(simulator, "kraken") == 1
    simulator.control(exchange="kraken", faults=None)
    outcomes = house.cycle()
    assert "futures.kraken.com asked for fewer requests: none for another" in str(of("kraken", outcomes).error)
    assert requests_of(simulator, "kraken") == 1
    assert sum(outcome.ok for outcome in outcomes) == 5


@pytest.mark.parametrize("retry_after", ["2", ""])
def test_a_short_pause_is_waited_for_and_the_run_is_good(retry_after: str, simulator: Simulator, house: House) -> None:
    simulator.control(exchange="kraken", fault={"kind": "429", "retry_after": retry_after, "times": 1})
    outcomes = house.cycle()
    assert all(outcome.ok for outcome in outcomes)
    assert requests_of(simulator, "kraken") == 2


# Memory


@pytest.mark.parametrize("fault", ["bomb", "endless"])
def test_a_body_without_end_is_dropped_at_the_cap(fault: str, simulator: Simulator) -> None:
    assert peak_of(fault, simulator, SHORT) < 2.5 * SHORT.body_bytes


def test_without_a_cap_the_bomb_would_be_in_memory(simulator: Simulator) -> None:
    assert peak_of("bomb", simulator, Limits(body_bytes=1 << 30)) > 2.5 * SHORT.body_bytes


def peak_of(fault: str, simulator: Simulator, limits: Limits) -> int:
    """Bytes that the fault costs at most."""
    simulator.control(exchange="kraken", fault={"kind": fault, "megabytes": 24})
    with Collecting("kraken", limits=limits, upstream=simulator.url, tls=client_tls()) as collecting:
        tracemalloc.start()
        try:
            assert not collecting.run("kraken").ok
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


# Faults of the way to an exchange


BYBIT, KRAKEN = "api.bybit.com", "futures.kraken.com"
PATHS = ("/v5/market/tickers", "/v5/market/instruments-info", "/derivatives/api/v3/tickers")


@pytest.fixture(scope="module")
def exchanges(simulator: Simulator) -> Iterator[Server]:
    """Bybit and Kraken behind TLS of their own names."""
    ask = build_opener(ProxyHandler({})).open

    def forward(seen: Seen) -> Answer:
        with ask(Request(f"{simulator.url}/{seen.headers['host']}{seen.target}"), timeout=10) as answer:
            return Answer(body=answer.read())

    with Server(dict.fromkeys(PATHS, forward), tls=server_tls(BYBIT, KRAKEN)) as server:
        yield server


def two_exchanges(bybit: int, kraken: Callable[[int], list[Any]], **options: Any) -> dict[str, Outcome]:
    """A cycle of both. `bybit`: the port where it is; `kraken`: what its name resolves to."""

    def resolve(name: str, port: int, **rest: Any) -> Any:
        return kraken(port) if name == KRAKEN else here(bybit)

    with Collecting("bybit", "kraken", getaddrinfo=resolve, tls=client_tls(), **options) as collecting:
        return {outcome.exchange: outcome for outcome in collecting.cycle()}


def here(port: int) -> list[Any]:
    return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)


def no_such_name(_port: int) -> list[Any]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_answer(_port: int) -> list[Any]:
    time.sleep(2)
    return []


@pytest.mark.parametrize(
    ("resolve", "words"),
    [
        (no_such_name, "futures.kraken.com: the name does not resolve: Name or service not known"),
        (no_answer, "futures.kraken.com: the name was not resolved within"),
    ],
)
def test_a_name_that_does_not_resolve(resolve: Callable[[int], list[Any]], words: str, exchanges: Server) -> None:
    outcomes = two_exchanges(exchanges.port, resolve)
    assert (outcomes["kraken"].error_kind, len(outcomes["bybit"].rates)) == ("dns", CONTRACTS)
    assert words in str(outcomes["kraken"].error)


def test_a_connection_that_is_refused(exchanges: Server) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        outcomes = two_exchanges(exchanges.port, lambda port: here(nobody.getsockname()[1]))
    assert (outcomes["kraken"].error_kind, len(outcomes["bybit"].rates)) == ("connect", CONTRACTS)
    assert outcomes["kraken"].error == "rates: futures.kraken.com: refused the connection"


def test_a_machine_that_is_not_there(exchanges: Server) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        outcomes = two_exchanges(exchanges.port, lambda port: here(full.getsockname()[1]))
    assert (outcomes["kraken"].error_kind, len(outcomes["bybit"].rates)) == ("timeout", CONTRACTS)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: server_tls(KRAKEN, expired=True), "expired"),
        (self_signed_tls, "self-signed"),
        (lambda: server_tls("elsewhere.example"), "made out for another host"),
        (lambda: server_tls(KRAKEN, ca=trustme.CA()), "signed by an unknown authority"),
    ],
    ids=["expired", "self-signed", "another host", "unknown authority"],
)
def test_a_certificate_that_is_not_good_is_never_accepted(
    make: Callable[[], Any], words: str, exchanges: Server
) -> None:
    with Server(dict.fromkeys(PATHS, Answer()), tls=make()) as false:
        outcomes = two_exchanges(exchanges.port, lambda port: here(false.port))
    assert (outcomes["kraken"].error_kind, len(outcomes["bybit"].rates)) == ("tls", CONTRACTS)
    assert outcomes["kraken"].error == f"rates: futures.kraken.com: its certificate is not accepted: {words}"
    assert false.seen == []
