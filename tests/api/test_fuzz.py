"""Whatever a client sends, it is answered: never with a 500, never with HTML, always in one of the shapes of the contract."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.api.params import CURRENT
from funding.api.routes import ROUTES
from funding.api.serve import serve
from tests.api.conftest import Ticks
from tests.api.stored import Stored

quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
STATUSES = {200, 204, 304, 400, 401, 404, 405, 406, 413, 414}

names = st.sampled_from([param.name for param in CURRENT] + ["x", "", "exch%61nge", "LIMIT"])
scraps = st.sampled_from(
    ["okx", "BTC", "1", "0", "-1", "9" * 30, "1e5", "%00", "%ff", "%", "%2", "\xff", ",", "nan", "-exchange", "a:b:c",
     "linear", "include", "'; DROP TABLE run;--", "../..", "%e5%b8%81", "+", ";", "\x7f", "{{7*7}}", "<script>"]
)  # fmt: skip
latin1 = st.text(st.characters(max_codepoint=255), max_size=30)
texts = st.one_of(scraps, latin1, st.lists(scraps, max_size=4).map("".join))
queries = st.lists(st.tuples(names, texts).map("=".join) | texts, max_size=4).map("&".join)
paths = st.one_of(
    st.sampled_from([route.path for route in ROUTES]),
    st.tuples(st.sampled_from(["/api/funding/symbol/", "/api/exchanges/", "/api/", "/"]), latin1).map("".join),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_ACCEPT": latin1 | st.just("*/*"),
        "HTTP_ACCEPT_ENCODING": latin1 | st.just("gzip"),
        "HTTP_IF_NONE_MATCH": latin1 | st.just("*"),
        "HTTP_X_REQUEST_ID": latin1,
        "HTTP_AUTHORIZATION": latin1,
        "HTTP_HOST": latin1,
        "CONTENT_LENGTH": texts,
        "CONTENT_TYPE": latin1,
    },
)
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "BREW"])


@pytest.fixture
def app(stored: Stored, path: Path, ticks: Ticks) -> Any:
    stored.three_exchanges()
    return make_app(
        Settings(database=path, limits={"free": 0, "paid": 0, "pro": 0}), Clock(ticks.wall, ticks.monotonic)
    )


@quick
@given(method=methods, path_info=paths, query=queries, more=headers)
def test_any_request_has_an_answer_of_the_contract(
    app: Any, method: str, path_info: str, query: str, more: dict[str, str]
) -> None:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path_info, "QUERY_STRING": query, "SCRIPT_NAME": "", **more}
    body = b"".join(app(environ, lambda status, given, _=None: started.append((status, given))))
    [(line, given_headers)] = started
    found = {name.lower(): value for name, value in given_headers}
    status = int(line[:3])
    assert status in STATUSES
    assert all(value.isprintable() and value.isascii() for value in found.values())
    if method == "HEAD" or status in (204, 304):
        assert body == b""
    elif status >= 400:
        assert found["content-type"] == "application/problem+json"
        assert json.loads(body)["request_id"] == found["x-request-id"]
    elif "content-encoding" not in found:
        assert len(body) == int(found["content-length"])


@pytest.fixture
def address(app: Any) -> Iterator[tuple[str, int]]:
    server = serve(app, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.addresses[0]
    server.stop()
    thread.join(10)


@settings(quick, max_examples=60)
@given(
    line=st.binary(max_size=40)
    | st.sampled_from([b"GET /livez HTTP/1.1", b"GET //x/../%00?%ff HTTP/1.1", b"GET /\xff HTTP/9.9"]),
    rest=st.lists(
        st.binary(max_size=40) | st.sampled_from([b"Host: a", b"Content-Length: 5", b"Transfer-Encoding: x"])
    ),
)
def test_any_bytes_on_a_socket_bring_no_server_error(address: tuple[str, int], line: bytes, rest: list[bytes]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"\r\n".join([line, *rest, b"Connection: close", b"", b""]))
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert not received or received.split()[1] not in (b"500", b"502", b"503")
    assert b"<html" not in received.lower()
