"""Every fault, as a client meets it on a real socket."""

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.simulator import Simulator
from bench.simulator.contracts import EXCHANGES
from bench.simulator.faults import KINDS, RATES, STATUSES, Fault, bomb, emptied, spoil

SOON = 0.3  # seconds after which a client that gets nothing gives up
RATES_PATH = "/www.okx.com/api/v5/public/funding-rate?instId="
BULK = {
    "okx": RATES_PATH + "ANY",
    "binance": "/fapi.binance.com/fapi/v1/premiumIndex",
    "bybit": "/api.bybit.com/v5/market/tickers?category=linear",
    "kraken": "/futures.kraken.com/derivatives/api/v3/tickers",
    "gate": "/api.gateio.ws/api/v4/futures/usdt/contracts",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator("--contracts", "12", "--speed", "0", "--start", "1800004321") as started:
        yield started


@pytest.fixture(autouse=True)
def _calm(simulator: Simulator) -> None:
    simulator.control(faults=None, limit=None, latency_ms=0, jitter_ms=0, reset=True)


def connect(simulator: Simulator, timeout: float = 10) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=timeout)


def get(simulator: Simulator, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = connect(simulator)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def raw(simulator: Simulator, path: str, timeout: float = 10) -> socket.socket:
    address = urlsplit(simulator.url)
    assert address.hostname
    assert address.port
    connection = socket.create_connection((address.hostname, address.port), timeout)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def okx(simulator: Simulator, name: str = "ANY") -> Any:
    status, _, body = get(simulator, RATES_PATH + name)
    assert status == 200
    return json.loads(body)


def btc_rate(body: Any) -> Any:
    return next(row["fundingRate"] for row in body["data"] if row["instId"] == "BTC-USDT-SWAP")


# A whole answer of the wrong kind


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_fault_is_that_status(simulator: Simulator, status: str) -> None:
    simulator.control(exchange="okx", fault={"kind": status, "retry_after": "7"})
    found, headers, body = get(simulator, RATES_PATH + "ANY")
    assert found == int(status)
    assert headers["Retry-After"] == "7"
    assert body


def test_a_refusal_with_200_has_the_venues_own_code(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="refused")
    assert okx(simulator)["code"] == "50013"
    simulator.control(exchange="okx", fault="slow_down")
    assert okx(simulator)["code"] == "50011"
    simulator.control(exchange="bybit", fault="barred")
    status, _, body = get(simulator, BULK["bybit"])
    assert (status, json.loads(body)["retCode"]) == (200, 10009)


def test_garbage_is_html_with_200(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="garbage")
    status, headers, body = get(simulator, RATES_PATH + "ANY")
    assert (status, headers["Content-Type"], body[:9]) == (200, "text/html", b"<!DOCTYPE")


def test_an_empty_body_is_a_200_with_nothing(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="empty_body")
    assert get(simulator, RATES_PATH + "ANY")[::2] == (200, b"")


def test_redirects_lead_off_the_host_and_to_a_file(simulator: Simulator) -> None:
    wanted = [
        ("redirect", "https://elsewhere.example/"),
        ("redirect_file", "file:///etc/passwd"),
        ({"kind": "redirect", "to": "http://127.0.0.1:1/"}, "http://127.0.0.1:1/"),
    ]
    for fault, target in wanted:
        simulator.control(exchange="okx", fault=fault)
        status, headers, _ = get(simulator, RATES_PATH + "ANY")
        assert (status, headers["Location"]) == (302, target)


@pytest.mark.parametrize(
    ("exchange", "path"),
    [("okx", ["data"]), ("binance", []), ("bybit", ["result", "list"]), ("kraken", ["tickers"]), ("gate", [])],
)
def test_an_empty_list_keeps_the_envelope(simulator: Simulator, exchange: str, path: list[str]) -> None:
    simulator.control(exchange=exchange, fault="empty")
    body = json.loads(get(simulator, BULK[exchange])[2])
    for step in path:
        body = body[step]
    assert body == []


def test_emptied_parallel_arrays_stay_two() -> None:
    assert emptied([{"universe": [{"name": "BTC"}], "collateralToken": 0}, [{"funding": "0"}]]) == [
        {"universe": [], "collateralToken": 0},
        [],
    ]


# Rows that say something impossible


@pytest.mark.parametrize(
    ("kind", "found"),
    [("nan_text", "NaN"), ("huge_text", "1e999"), ("null", None), ("bad_rows", "n/a"), ("types", {"value": [True]})],
)
def test_a_spoilt_rate_is_sound_json(simulator: Simulator, kind: str, found: Any) -> None:
    simulator.control(exchange="okx", fault=kind)
    assert btc_rate(okx(simulator)) == found


def test_bare_nan_and_bare_infinity_come_through_a_careless_parser(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="nan")
    assert btc_rate(okx(simulator)) != btc_rate(okx(simulator))
    simulator.control(exchange="okx", fault="huge")
    assert btc_rate(okx(simulator)) == float("inf")


@pytest.mark.parametrize("exchange", BULK)
def test_an_absurd_rate_is_500_percent_or_more_in_the_venues_unit(simulator: Simulator, exchange: str) -> None:
    simulator.control(exchange=exchange, fault="absurd")
    body = json.loads(get(simulator, BULK[exchange])[2])
    if exchange == "kraken":
        ticker = next(row for row in body["tickers"] if row["symbol"] == "PF_XBTUSD")
        assert float(ticker["fundingRate"]) / ticker["indexPrice"] > 5
        return
    found = json.dumps(body)
    assert found.count('": "5.0"') > 8


def test_deep_nesting_is_deeper_than_the_standard_parser_goes(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="deep")
    body = get(simulator, RATES_PATH + "ANY")[2]
    assert b"[" * 100_000 in body
    with pytest.raises(RecursionError):
        json.loads(body)


def test_a_duplicate_key_has_another_value(simulator: Simulator) -> None:
    honest = btc_rate(okx(simulator))
    simulator.control(exchange="okx", fault="duplicate")
    body = get(simulator, RATES_PATH + "BTC-USDT-SWAP")[2].decode()
    assert f'"fundingRate":"{honest}","fundingRate":"0.5"' in body


def test_a_share_of_bad_rows_is_spread_evenly(simulator: Simulator) -> None:
    rows = len(okx(simulator)["data"])
    simulator.control(exchange="okx", fault={"kind": "bad_rows", "rows": 0.5})
    bad = [row["fundingRate"] == "n/a" for row in okx(simulator)["data"]]
    assert bad == [bool(index % 2) for index in range(rows)]


def test_spoiling_touches_nothing_but_rates() -> None:
    text = '{"fundingRate":"0.1","nextFundingRate":"","fundingTime":"1","realizedRate":-1.5e-05,"other":{"r":"0"}}'
    spoilt = '{"fundingRate":null,"nextFundingRate":"","fundingTime":"1","realizedRate":null,"other":{"r":null}}'
    assert spoil(text, Fault("null"), "5.0") == spoilt


# Answers that never arrive whole


def test_a_hang_takes_the_request_and_says_nothing(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="hang")
    with raw(simulator, RATES_PATH + "ANY", SOON) as connection, pytest.raises(TimeoutError):
        connection.recv(1)


def test_a_stall_stops_in_the_middle_of_the_body(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="stall")
    connection = connect(simulator)
    connection.request("GET", RATES_PATH + "ANY")
    answer = connection.getresponse()
    length = int(answer.headers["Content-Length"])
    assert len(answer.read(length // 2)) == length // 2
    assert connection.sock
    connection.sock.settimeout(SOON)
    with pytest.raises(TimeoutError):
        answer.read(1)
    connection.close()


def test_a_drip_comes_byte_by_byte(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault={"kind": "drip", "pause": 600})
    with raw(simulator, RATES_PATH + "ANY") as connection:
        assert connection.recv(100) == b"H"
        connection.settimeout(SOON)
        with pytest.raises(TimeoutError):
            connection.recv(100)


def test_a_drip_is_a_whole_answer_in_the_end(simulator: Simulator) -> None:
    honest = okx(simulator, "BTC-USDT-SWAP")
    simulator.control(exchange="okx", fault={"kind": "drip", "pause": 0})
    assert okx(simulator, "BTC-USDT-SWAP") == honest


def test_a_hangup_is_a_closed_connection_without_an_answer(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="hangup")
    with pytest.raises(http.client.RemoteDisconnected):
        get(simulator, RATES_PATH + "ANY")


def test_a_reset_is_a_reset(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="reset")
    with raw(simulator, RATES_PATH + "ANY") as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_short_body_ends_before_its_content_length(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="short")
    with pytest.raises(http.client.IncompleteRead):
        get(simulator, RATES_PATH + "ANY")


def test_cut_json_comes_in_sound_http(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="cut")
    status, headers, body = get(simulator, RATES_PATH + "ANY")
    assert (status, int(headers["Content-Length"])) == (200, len(body))
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_a_bomb_is_a_thousand_times_larger_unpacked(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault={"kind": "bomb", "megabytes": 4})
    _, headers, body = get(simulator, RATES_PATH + "ANY")
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 8_000
    assert len(gzip.decompress(body)) == 4 << 20
    assert bomb(4) == body


def test_an_endless_body_goes_on_until_the_client_leaves_and_others_are_served(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault="endless")
    connection = connect(simulator)
    connection.request("GET", RATES_PATH + "ANY")
    answer = connection.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert len(answer.read(3_000_000)) == 3_000_000
    assert get(simulator, BULK["bybit"])[0] == 200
    connection.close()
    simulator.control(exchange="okx", fault=None)
    assert okx(simulator)["code"] == "0"


# Which requests are hit


def test_only_the_named_requests_are_hit(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault={"kind": "503", "only": ["BTC-USDT", "mark-price"]})
    statuses = [get(simulator, RATES_PATH + name)[0] for name in ("BTC-USDT-SWAP", "ETH-USDT-SWAP", "ANY")]
    assert statuses == [503, 200, 200]
    assert get(simulator, "/www.okx.com/api/v5/public/mark-price?instType=SWAP")[0] == 503
    assert get(simulator, BULK["bybit"])[0] == 200


def test_a_word_in_the_body_of_a_post_names_a_request_too(simulator: Simulator) -> None:
    simulator.control(exchange="hyperliquid", fault={"kind": "500", "only": ['"xyz"']})
    connection, statuses = connect(simulator), []
    for dex in ("", "xyz"):
        body = json.dumps({"type": "metaAndAssetCtxs", "dex": dex})
        connection.request("POST", "/api.hyperliquid.xyz/info", body)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [200, 500]


def test_every_third_request_is_hit_and_only_so_many_times(simulator: Simulator) -> None:
    simulator.control(exchange="okx", fault={"kind": "502", "every": 3, "times": 2})
    statuses = [get(simulator, RATES_PATH + "ANY")[0] for _ in range(10)]
    assert statuses == [200, 200, 502, 200, 200, 502, 200, 200, 200, 200]
    state = simulator.state()["exchanges"]["okx"]
    assert state["faults"] == {"502": 2}
    assert state["statuses"] == {"200": 8, "502": 2}


def test_of_several_faults_the_first_that_fits_is_taken(simulator: Simulator) -> None:
    faults = [{"kind": "500", "only": ["ETH-"]}, {"kind": "503", "times": 1}]
    simulator.control(exchange="okx", faults=faults)
    assert [get(simulator, RATES_PATH + name)[0] for name in ("ETH-USDT-SWAP", "ANY", "ANY")] == [500, 503, 200]


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in RATES])
def test_every_exchange_has_rates_to_spoil(simulator: Simulator, exchange: str, kind: str) -> None:
    connection = connect(simulator)

    def body() -> bytes:
        if exchange == "hyperliquid":
            connection.request("POST", "/api.hyperliquid.xyz/info", '{"type":"metaAndAssetCtxs"}')
        else:
            connection.request("GET", BULK[exchange])
        return connection.getresponse().read()

    honest = body()
    simulator.control(exchange=exchange, fault=kind)
    spoilt = body()
    connection.close()
    assert spoilt != honest
