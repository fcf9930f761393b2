"""Over real sockets: what waitress does with the application, and how it stops."""

import gzip
import http.client
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.api.serve import serve
from tests.api.conftest import Ticks
from tests.api.stored import Stored, rate

Port = int
UNLIMITED = {"free": 0, "paid": 0, "pro": 0}  # what is counted is tested by itself


@contextmanager
def running(app: Any, **more: Any) -> Iterator[Port]:
    server = serve(app, port=0, **more)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.addresses[0][1]
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def port(stored: Stored, path: Path, ticks: Ticks) -> Iterator[Port]:
    stored.three_exchanges()
    with running(make_app(Settings(database=path, limits=UNLIMITED), Clock(ticks.wall, ticks.monotonic))) as port:
        yield port


def ask(port: Port, method: str, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, url, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def say(port: Port, sent: bytes) -> tuple[bytes, dict[str, Any]]:
    """What comes back to these very bytes, until the server closes: the status line, and the problem."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"x-request-id: " in head.lower()
    assert b"\r\nserver:" not in head.lower()
    return head.partition(b"\r\n")[0], json.loads(body)


def test_the_list_comes_over_a_socket_packed_and_plain(port: Port) -> None:
    status, headers, body = ask(port, "GET", "/api/funding/current")
    assert (status, json.loads(body)["count"], headers["content-length"]) == (200, 5, str(len(body)))
    assert "server" not in headers
    status, headers, packed = ask(port, "GET", "/api/funding/current", **{"Accept-Encoding": "gzip"})
    assert (status, headers["content-encoding"], headers["content-length"]) == (200, "gzip", str(len(packed)))


def test_a_connection_is_kept_through_good_answers_problems_and_heads(port: Port) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.connect()
        kept = connection.sock
        for method, url, headers, status in [
            ("GET", "/api/funding/current?exchange=okx", {}, 200),
            ("HEAD", "/api/funding/current", {}, 200),
            ("GET", "/api/funding/current?limit=x", {}, 400),
            ("HEAD", "/nothing", {}, 404),
            ("OPTIONS", "/api/exchanges", {}, 204),
            ("GET", "/api/funding/current?exchange=okx", {"If-None-Match": "*"}, 304),
            ("POST", "/livez", {}, 405),
            ("FOO", "/livez", {}, 405),
            ("GET", "/livez", {}, 200),
        ]:
            connection.request(method, url, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, connection.sock) == (status, kept)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"HTTP/1.0 400 Bad Request", "Bad Request: Invalid header"),
        (b"garbage\r\n\r\n", b"HTTP/1.0 400 Bad Request", "Bad Request: Start line is invalid"),
        (b"get / HTTP/1.1\r\n\r\n", b"HTTP/1.0 400 Bad Request", 'Bad Request: Malformed HTTP method "get"'),
        (
            b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 400 Bad Request",
            "Bad Request: Content-Length is invalid",
        ),
        (
            b"GET / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n",
            b"HTTP/1.1 413 Content Too Large",
            "Request Entity Too Large: exceeds max_body of 65537",
        ),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 501 Not Implemented",
            "Not Implemented: Transfer-Encoding requested is not supported.",
        ),
        (b"GET /".ljust(32_768, b"x"), b"HTTP/1.0 414 URI Too Long", "The URL is too long."),
        (
            b"GET / HTTP/1.1\r\nX: ".ljust(32_768, b"x"),
            b"HTTP/1.0 431 Request Header Fields Too Large",
            "Request Header Fields Too Large: exceeds max_header of 32768",
        ),
    ],
)
def test_what_waitress_refuses_is_a_problem_too(sent: bytes, status: bytes, detail: str, port: Port) -> None:
    line, problem = say(port, sent)
    assert line == status
    assert (problem["detail"], problem["status"]) == (detail, int(status.split()[1]))


def test_a_long_url_is_refused_before_its_headers_are_too_long(port: Port) -> None:
    line, problem = say(port, b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert (line, problem["detail"]) == (b"HTTP/1.1 414 URI Too Long", "The URL is longer than 8192 bytes.")


@pytest.mark.parametrize("request_line", [b"OPTIONS /livez HTTP/1.0", b"OPTIONS /livez HTTP/1.1\r\nConnection: close"])
def test_an_answer_without_a_body_ends_the_connection_where_the_client_expects_it(
    request_line: bytes, port: Port
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_line + b"\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.split()[1] == b"204"
    assert b"\r\nConnection: close\r\n" in received


def test_a_long_list_comes_whole_whatever_the_format_and_however_it_is_packed(stored: Stored, port: Port) -> None:
    """Megabytes: more than waitress keeps in memory of an answer."""
    stored.good("okx", *(rate(f"C{number}-USDT-SWAP", f"C{number}", number / 1e6) for number in range(3000)))
    for query in ("", "?kind=linear", "?sort=-symbol&kind=linear"):
        _, headers, body = ask(port, "GET", f"/api/funding/current{query}")
        assert len(body) == int(headers["content-length"]) > 2_000_000
        assert json.loads(body)["count"] == len(json.loads(body)["rows"]) > 3000
        _, _, packed = ask(port, "GET", f"/api/funding/current{query}", **{"Accept-Encoding": "gzip"})
        assert json.loads(gzip.decompress(packed))["rows"] == json.loads(body)["rows"]
    _, headers, body = ask(port, "GET", "/api/funding/current.csv?kind=linear")
    assert body.count(b"\r\n") == 3001 + 4


def remaining(received: bytes) -> list[str]:
    return [line.split(": ")[1] for line in received.decode().split("\r\n") if line.startswith("X-Ratelimit-Remaining")]


def talk(connection: socket.socket, sent: bytes) -> bytes:
    with connection:
        connection.settimeout(10)
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_waitress_refuses_counts_too_and_says_where_the_client_stands(stored: Stored, path: Path) -> None:
    stored.three_exchanges()
    app = make_app(Settings(database=path, limits={"free": 2}))
    with running(app) as port:
        found = [
            talk(socket.create_connection(("127.0.0.1", port)), b"GET /x HTTP/1.1\r\nbad header\r\n\r\n")
            for _ in range(3)
        ]
    assert [remaining(one) for one in found] == [["1"], ["0"], ["0"]]
    assert [one.split()[1] for one in found] == [b"400", b"400", b"429"]
    assert b"\r\nRetry-After: " in found[2]


@pytest.mark.parametrize(
    ("trusted", "expected"), [("127.0.0.1/32", ["1", "1", "0"]), ("192.0.2.0/24", ["1", "0", "0"])]
)
def test_whose_forwarded_address_is_believed_is_ours_to_say(
    trusted: str, expected: list[str], stored: Stored, path: Path
) -> None:
    stored.three_exchanges()
    settings = Settings(database=path, limits={"free": 2}, trusted_proxies=(ip_network(trusted),))
    with running(make_app(settings)) as port:
        found = [
            ask(port, "GET", "/api/health", **{"X-Forwarded-For": one})[1]["x-ratelimit-remaining"]
            for one in ("198.51.100.7", "198.51.100.8", "1.2.3.4, 198.51.100.7")
        ]
    assert found == expected


def test_through_a_unix_socket_the_proxy_says_who_is_asking(stored: Stored, path: Path, tmp_path: Path) -> None:
    stored.three_exchanges()
    place = str(tmp_path / "api.sock")
    with socket.socket(socket.AF_UNIX) as owned:
        owned.bind(place)
        owned.listen()
        server = serve(make_app(Settings(database=path, limits={"free": 2})), sockets=[owned.dup()])
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            found = []
            for sender in ("198.51.100.7", "198.51.100.8", "198.51.100.7"):
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(place)
                head = f"GET /api/health HTTP/1.1\r\nX-Forwarded-For: {sender}\r\nConnection: close\r\n\r\n"
                found += remaining(talk(connection, head.encode()))
        finally:
            server.stop()
            thread.join(10)
    assert found == ["1", "1", "0"]


def test_many_clients_at_once_are_all_served_while_runs_land(stored: Stored, port: Port) -> None:
    found: list[tuple[int, int]] = []

    def client() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            for number in range(20):
                connection.request(
                    "GET", ("/api/funding/current", "/api/funding/symbol/BTC", "/api/health")[number % 3]
                )
                answer = connection.getresponse()
                found.append((answer.status, len(answer.read()) > 0))

    clients = [threading.Thread(target=client) for _ in range(6)]
    for one in clients:
        one.start()
    for number in range(30):
        stored.good("okx", rate("BTC-USDT-SWAP", "BTC", number / 1e6))
    for one in clients:
        one.join(30)
    assert found == [(200, True)] * 120


def test_an_answer_under_way_is_finished_before_the_stop() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun.set()
        assert go_on.wait(10)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    server = serve(slow, port=0)
    port = server.addresses[0][1]
    thread = threading.Thread(target=server.run)
    thread.start()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/")
        assert begun.wait(10)
        server.stop()
        go_on.set()
        assert connection.getresponse().read() == b"done"
    thread.join(10)
    assert not thread.is_alive()


def test_a_stop_leaves_no_thread_and_no_socket_behind(path: Path) -> None:
    before = threading.active_count()
    with running(make_app(Settings(database=path, limits=UNLIMITED))) as port:
        assert ask(port, "GET", "/livez")[0] == 200
        assert threading.active_count() > before
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


def test_it_may_be_stopped_twice_and_before_it_ran(path: Path) -> None:
    server = serve(make_app(Settings(database=path, limits=UNLIMITED)), port=0)
    server.stop()
    server.run()
    server.stop()


def test_a_socket_that_was_given_is_served_and_left_to_its_owner(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owned:
        app = make_app(Settings(database=path, limits=UNLIMITED))
        for _ in range(2):  # the next release goes on with the same socket
            with running(app, sockets=[socket.socket(fileno=owned.dup().detach())]) as port:
                assert ask(port, "GET", "/livez")[2] == b"ok\n"


def test_a_port_that_is_taken_is_said_to_be(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(make_app(Settings(database=path, limits=UNLIMITED)), port=taken.getsockname()[1])


def test_a_refusal_leaves_a_line_in_the_log_with_its_id(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _, problem = say(port, b"GET /x HTTP/1.1\r\nX-Request-Id: r-1\r\nContent-Length: 99999999\r\n\r\n")
    assert problem["request_id"] == "r-1"
    assert [record.getMessage() for record in caplog.records if record.name == "funding.api.guard"] == [
        "413 GET /x request_id=r-1 'Request Entity Too Large: exceeds max_body of 65537'"
    ]
