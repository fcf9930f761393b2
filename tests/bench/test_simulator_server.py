"""The simulator as a program: its requests, control, TLS, limits on the wire, and its end."""

import gzip
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
import trustme

from bench.simulator import Simulator
from bench.simulator.__main__ import arguments, counts
from bench.simulator.contracts import EXCHANGES
from bench.simulator.market import Market
from bench.simulator.process import ROOT

NOW = 1_800_004_321
OKX = "/www.okx.com/api/v5/public/funding-rate?instId="


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator("--contracts", "12", "--speed", "0", "--start", str(NOW), "--seed", "5") as started:
        yield started


@pytest.fixture
def connection(simulator: Simulator) -> Iterator[http.client.HTTPConnection]:
    simulator.control(faults=None, limit=None, connect_ms=0, latency_ms=0, jitter_ms=0, reset=True, clock={"now": NOW})
    made = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=10)
    yield made
    made.close()


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.headers), answer.read()


def rate(connection: http.client.HTTPConnection, name: str = "BTC-USDT-SWAP") -> Any:
    return json.loads(get(connection, OKX + name)[2])["data"][0]


def test_answers_say_for_which_moment_they_were_made(connection: http.client.HTTPConnection) -> None:
    status, headers, body = get(connection, OKX + "BTC-USDT-SWAP")
    assert (status, headers["Content-Type"], headers["X-Sim-Now"]) == (200, "application/json", str(NOW))
    assert json.loads(body)["data"][0]["ts"] == f"{NOW}000"


def test_one_connection_carries_many_requests(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    before = simulator.state()["connections"]["accepted"]
    for _ in range(50):
        assert get(connection, OKX + "ANY")[0] == 200
    after = simulator.state()
    assert after["exchanges"]["okx"]["requests"] == 50
    assert after["connections"]["accepted"] - before <= 2  # ours and the control's


def test_requests_sent_ahead_are_answered_in_order(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    address = urlsplit(simulator.url)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), 10) as raw:
        wishes = [f"GET {OKX}{name} HTTP/1.1\r\nHost: x\r\n" for name in ("BTC-USDT-SWAP", "ETH-USDT-SWAP")]
        raw.sendall(f"{wishes[0]}\r\n{wishes[1]}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65_536), b"")).decode()
    assert answer.count("HTTP/1.1 200 OK") == 2
    assert answer.index('"instId":"BTC-USDT-SWAP"') < answer.index('"instId":"ETH-USDT-SWAP"')


def test_gzip_comes_only_when_asked_for(connection: http.client.HTTPConnection) -> None:
    _, plain_headers, plain = get(connection, OKX + "ANY")
    _, headers, packed = get(connection, OKX + "ANY", **{"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain_headers
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(plain) / 3
    assert gzip.decompress(packed) == plain


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/www.okx.com/api/v5/nothing", b'"code":"404"'),
        ("/fapi.binance.com/fapi/v1/nothing", b"<html>"),
        ("/api.bybit.com/v5/nothing", b"<html>"),
        ("/futures.kraken.com/nothing", b"<html>"),
        ("/api.gateio.ws/api/v4/nothing", b'"label":"NOT_FOUND"'),
        ("/api.hyperliquid.xyz/nothing", b""),
        ("/nobody.example/path", b"no exchange here answers for 'nobody.example'"),
        ("/_sim/nothing", b"there are /_sim/"),
    ],
)
def test_an_unknown_path_is_404_in_the_venues_form(
    connection: http.client.HTTPConnection, path: str, form: bytes
) -> None:
    status, _, body = get(connection, path)
    assert status == 404
    assert form in body


def test_a_name_that_is_not_ascii_travels_quoted_and_comes_as_it_is(connection: http.client.HTTPConnection) -> None:
    path = "/api.gateio.ws/api/v4/futures/usdt/contracts/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F_USDT"
    status, _, body = get(connection, path)
    assert status == 200
    assert '"name":"币安人生_USDT"' in body.decode()


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_truth_can_be_asked_for_and_is_the_markets(simulator: Simulator, exchange: str) -> None:
    market = Market(5, dict.fromkeys(EXCHANGES, 12), NOW)
    assert simulator.truth(exchange, NOW + 99) == [asdict(row) for row in market.truth(exchange, NOW + 99)]
    symbol = market.truth(exchange, NOW)[0].symbol
    known = [asdict(row) for row in market.settled(exchange, symbol, NOW - 99_999, NOW)]
    assert simulator.settled(exchange, symbol, NOW - 99_999, NOW) == known


def test_the_truth_is_that_of_the_last_answer(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    simulator.control(clock={"now": NOW + 5_000})
    last = float(rate(connection)["fundingRate"])
    simulator.control(clock={"now": NOW + 50_000})
    truth = {row["symbol"]: row["funding_rate"] for row in simulator.truth("okx")}
    assert truth["BTC-USDT-SWAP"] == last


def test_a_settlement_happens_when_its_moment_comes(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    path = "/www.okx.com/api/v5/public/funding-rate-history?instId=BTC-USDT-SWAP&limit=1"
    due = int(rate(connection)["fundingTime"]) // 1000
    simulator.control(clock={"now": due - 1})
    assert int(json.loads(get(connection, path)[2])["data"][0]["fundingTime"]) < due * 1000
    simulator.control(clock={"now": due})
    settled = json.loads(get(connection, path)[2])["data"][0]
    after = rate(connection)
    assert int(settled["fundingTime"]) == due * 1000
    assert int(after["prevFundingTime"]) == due * 1000
    assert float(after["settFundingRate"]) == float(settled["realizedRate"])


def test_an_accelerated_clock_runs_ahead_of_the_real_one() -> None:
    with Simulator("--contracts", "1", "--exchanges", "kraken", "--speed", "1000000", "--start", str(NOW)) as fast:
        first = fast.state()["now"]
        assert fast.state()["now"] > first > NOW


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"exchange": "mtgox", "fault": "hang"}, "no exchange 'mtgox' is played"),
        ({"fault": "gremlins"}, "no fault is called 'gremlins'"),
        ({"clock": {"moon": 1}}, "a clock has now and speed"),
        ({"colour": "red"}, "nothing here is called colour"),
    ],
)
def test_a_control_request_nobody_understands_is_a_400_in_words(
    simulator: Simulator, words: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(HTTPError) as caught:
        simulator.control(**words)
    assert caught.value.code == 400
    assert complaint in json.load(caught.value)["error"]


def test_a_limit_on_the_wire_gives_429_and_is_counted(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    limit = {"kind": "sliding", "limit": 3, "seconds": 600, "retry_after": True}
    simulator.control(exchange="okx", limit=limit)
    answers = [get(connection, OKX + "ANY") for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 429, 429]
    assert 590 < int(answers[4][1]["Retry-After"]) <= 600
    assert json.loads(answers[4][2])["code"] == "50011"
    assert get(connection, "/api.gateio.ws/api/v4/futures/usdt/contracts")[0] == 200
    state = simulator.state()["exchanges"]
    assert [state["okx"][name] for name in ("requests", "passed", "refused")] == [5, 3, 2]
    assert state["gate"]["refused"] == 0


def test_a_limit_may_answer_in_the_venues_own_form_without_retry_after(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    simulator.control(exchange="okx", limit={"kind": "window", "limit": 1, "seconds": 1e9, "form": "slow_down"})
    get(connection, OKX + "ANY")
    status, headers, body = get(connection, OKX + "ANY")
    assert (status, json.loads(body)["code"]) == (200, "50011")
    assert "Retry-After" not in headers


def test_weights_are_the_venues(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    simulator.control(exchange="binance", limit={"kind": "sliding", "limit": 45, "seconds": 600, "weighted": True})
    paths = ["ticker/24hr", "premiumIndex", "openInterest?symbol=BTCUSDT", "premiumIndex?symbol=BTCUSDT"]
    assert [get(connection, f"/fapi.binance.com/fapi/v1/{path}")[0] for path in paths] == [200, 429, 200, 200]


def test_a_slow_door_keeps_a_new_connection_waiting(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    get(connection, OKX + "ANY")
    assert connection.sock
    simulator.control(connect_ms=1_500)
    late = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=0.2)
    late.request("GET", OKX + "ANY")
    with pytest.raises(TimeoutError):
        late.getresponse()
    late.close()
    assert get(connection, OKX + "ANY")[0] == 200  # it is in already


# TLS


def test_tls_is_real_and_a_client_that_does_not_trust_it_is_counted(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key, ca = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(key)
    for blob in issued.cert_chain_pems:
        blob.write_to_path(certificate, append=True)
    authority.cert_pem.write_to_path(ca)
    words = ("--contracts", "2", "--exchanges", "okx", "--tls", str(certificate), str(key))
    with Simulator(*words, cafile=ca) as simulator:
        assert simulator.url.startswith("https://127.0.0.1:")
        address = urlsplit(simulator.url).netloc
        trusting = http.client.HTTPSConnection(address, timeout=10, context=ssl.create_default_context(cafile=str(ca)))
        assert get(trusting, OKX + "ANY")[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            get(http.client.HTTPSConnection(address, timeout=10, context=ssl.create_default_context()), OKX + "ANY")
        simulator.control(exchange="okx", fault="reset")
        with pytest.raises(OSError, match=r"reset|closed|EOF"):
            get(trusting, OKX + "ANY")
        trusting.close()
        assert simulator.state()["connections"]["tls_failed"] == 1


# Recorded answers for venues that are not played


def test_recorded_answers_are_served_under_their_own_host(tmp_path: Path) -> None:
    for name in ("A", "B"):
        recording = {
            "exchange": "other",
            "request": {"method": "GET", "url": f"https://api.other.example/v1/rates?symbol={name}&x=1", "body": None},
            "response": {"status": 200, "body": {"rate": name}},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(recording))
    (tmp_path / "expected.json").write_text("[]")
    with Simulator("--exchanges", "okx", "--contracts", "1", "--recordings", str(tmp_path)) as simulator:
        made = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=10)
        assert json.loads(get(made, "/api.other.example/v1/rates?x=1&symbol=B")[2]) == {"rate": "B"}
        assert get(made, "/api.other.example/v1/nothing")[0] == 404
        simulator.control(exchange="other", fault="503")
        assert get(made, "/api.other.example/v1/rates?symbol=A")[0] == 503
        made.close()
        assert simulator.state()["exchanges"]["other"]["requests"] == 3


# The command line


def test_contracts_are_counted_for_all_or_for_each() -> None:
    assert counts("7", ("okx", "gate")) == {"okx": 7, "gate": 7}
    assert counts("okx=450,binance=800", ("okx", "gate")) == {"okx": 450, "gate": 300}
    with pytest.raises(ValueError, match="many"):
        counts("many", ("okx",))


def test_an_exchange_that_is_not_played_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--exchanges", "okx,mtgox"])
    assert "not played here: mtgox" in capsys.readouterr().err


def test_documented_limits_can_be_put_in_force() -> None:
    with Simulator("--contracts", "1", "--exchanges", "okx,gate", "--limits") as simulator:
        state = simulator.state()["exchanges"]
    okx, gate = (state[name]["limit"] for name in ("okx", "gate"))
    assert (okx["kind"], okx["limit"], okx["seconds"]) == ("window", 10, 2)
    assert (gate["limit"], gate["seconds"]) == (200, 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_even_while_it_hangs_for_somebody(number: signal.Signals) -> None:
    with Simulator("--contracts", "1", "--exchanges", "okx") as simulator:
        simulator.control(fault="hang")
        made = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=10)
        made.request("GET", OKX + "ANY")
        assert simulator.process
        simulator.process.send_signal(number)
        assert simulator.process.wait(timeout=10) == 0
        made.close()


def test_it_ends_by_itself_when_its_time_is_over() -> None:
    command = [sys.executable, "-m", "bench.simulator", "--port", "0", "--contracts", "1", "--seconds", "0.1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("simulator ready at http://127.0.0.1:")
    assert done.stdout.count("\n") == 1


def test_a_taken_port_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "bench.simulator", "--port", port, "--contracts", "1"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "simulator: " in done.stderr
    assert "already in use" in done.stderr


def test_one_that_does_not_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not start"), Simulator("--tls", "nothing.pem", "nothing.pem"):
        pass
