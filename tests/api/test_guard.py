"""What every answer carries, whatever it answers: problems, methods, sizes, ids and the common headers."""

import logging
from time import time
from typing import Any

import pytest
from webtest import TestApp

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.api.database import Database
from funding.api.guard import guarded
from funding.api.quota import Quotas
from funding.api.routes import ROUTES
from tests.api.stored import Stored

CURRENT = "/api/funding/current"
PATHS = [route.path.replace("<base>", "BTC").replace("<id>", "okx") for route in ROUTES]
# another with each request: where the client stands, and /metrics counts itself
STANDING = ("X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "Content-Length")


def lasting(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in STANDING}


def test_every_route_says_what_it_gives() -> None:
    assert all(route.sentence.endswith(".") for route in ROUTES)


def test_a_problem_says_all_that_the_rfc_and_we_promise(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}?limit=x&bass=BTC", headers={"X-Request-Id": "my-id.1"}, status=400)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "limit: is not a whole number from 1 to 20000;"
        " bass: is not a parameter of this path; did you mean base?",
        "instance": CURRENT,
        "request_id": "my-id.1",
        "errors": [
            {"parameter": "limit", "detail": "is not a whole number from 1 to 20000", "value": "x"},
            {"parameter": "bass", "detail": "is not a parameter of this path; did you mean base?", "value": "BTC"},
        ],
    }


@pytest.mark.parametrize(
    "url", ["/nothing", "/api", "/api/", "/api/funding/current/", "/livez/x", "/static/x", "/%2e%2e/x"]
)
def test_a_path_that_is_not_in_the_table_is_not_found(url: str, client: TestApp) -> None:
    answer = client.get(url, status=404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json["title"], answer.json["detail"]) == ("Not Found", "There is nothing under this path.")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("url", PATHS)
def test_another_method_is_refused_with_those_that_are_allowed(url: str, method: str, client: TestApp) -> None:
    answer = client.request(url, method=method, status=405)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json["title"] == "Method Not Allowed"


@pytest.mark.parametrize("url", PATHS)
def test_head_gives_the_headers_of_get_without_a_body(url: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    identified = {"X-Request-Id": "same"}
    expected = client.get(url, headers=identified, status="*")
    answer = client.head(url, headers=identified, status="*")
    assert answer.body == b""
    assert (answer.status_int, lasting(answer.headers)) == (expected.status_int, lasting(expected.headers))


def test_head_of_a_problem_has_no_body_either(client: TestApp) -> None:
    answer = client.head("/nothing", status=404)
    assert (answer.body, answer.headers["Content-Type"]) == (b"", "application/problem+json")


@pytest.mark.parametrize("url", PATHS)
def test_options_tells_the_methods_and_lets_browsers_ask(url: str, client: TestApp) -> None:
    answer = client.options(url)
    assert (answer.status_int, answer.body) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    asked = "Access-Control-Allow-Methods" in answer.headers
    assert asked == url.startswith("/api/")
    if asked:
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("url", [*PATHS, "/nothing", f"{CURRENT}?x=1", "/api/nothing"])
def test_every_answer_has_the_security_headers_and_no_server(url: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    headers = client.get(url, status="*").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Server" not in headers
    assert "Access-Control-Allow-Credentials" not in headers
    api = url.startswith("/api/")
    assert headers.get("Access-Control-Allow-Origin") == ("*" if api else None)
    assert ("X-RateLimit-Remaining" in headers.get("Access-Control-Expose-Headers", "")) == api


@pytest.mark.parametrize("given", ["abc", "0a1B.2-3_4", "x" * 64])
def test_a_request_id_is_given_back_as_it_came(given: str, client: TestApp) -> None:
    assert client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "<b>", 'a"b', "é"])
def test_a_request_id_that_could_do_harm_is_replaced(given: str, client: TestApp) -> None:
    found = [client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] for _ in range(2)]
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in found)
    assert found[0] != found[1]


def test_a_url_is_bounded(client: TestApp) -> None:
    room = 8_192 - len(CURRENT)
    assert client.get(f"{CURRENT}?base={'x' * (room - 5)}", status=400).json["title"] == "Bad Request"
    assert client.get(f"{CURRENT}?base={'x' * (room - 4)}", status=414).json["title"] == "URI Too Long"
    assert client.get("/" + "x" * 9_000, status=414).json["status"] == 414


def test_a_body_is_bounded(client: TestApp) -> None:
    assert client.request("/livez", method="GET", body=b"x" * 65_536).text == "ok\n"
    answer = client.request("/livez", method="GET", body=b"x" * 65_537, status=413)
    assert answer.json["detail"] == "The body is larger than 65536 bytes."


@pytest.mark.parametrize(
    "url", ["/api/funding/symbol/%00", "/livez%0a", "/api/funding/symbol/BTC%0d%0aX:1", "/livez%ff"]
)
def test_a_path_that_is_not_printable_text_is_refused(url: str, client: TestApp) -> None:
    answer = client.get(url, status=400)
    assert answer.json["detail"] == "The path is not printable UTF-8."
    assert answer.json["instance"].lower() == url.replace(":", "%3a").lower()


@pytest.mark.parametrize(
    ("url", "accept", "given"),
    [
        (CURRENT, "text/html", "application/json and text/csv and application/x-ndjson and application/vnd.ccxt+json"),
        ("/api/exchanges", "text/html", "application/json and text/csv and application/x-ndjson"),
        ("/livez", "application/json", "text/plain"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(url: str, accept: str, given: str, client: TestApp) -> None:
    answer = client.get(url, headers={"Accept": accept}, status=406)
    assert answer.json["detail"] == f"This path gives {given}, which the Accept header leaves out."


def test_a_defect_of_ours_is_a_problem_and_one_line_in_the_log(
    stored: Stored, path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("secret\nwords")

    settings = Settings(database=path)
    app = TestApp(guarded(broken, settings, Quotas(settings, Clock(), Database(path, time, time))))
    with caplog.at_level(logging.INFO):
        answer = app.get("/api/x?secret=1", headers={"X-Request-Id": "id-7"}, status=500)
    assert "secret" not in answer.text
    assert answer.json["detail"] == "Something went wrong on our side; the log has it under the request's id."
    [record] = caplog.records
    assert record.levelname == "ERROR"
    line = record.getMessage()
    assert line.startswith("500 GET /api/x request_id=id-7 ")
    assert "secret" in line
    assert "test_guard.py:" in line
    assert "\n" not in line


def test_a_defect_while_a_request_is_counted_is_a_problem_too(path: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(database=path, limits={})  # no tier: no installation has such
    app = TestApp(guarded(lambda *_: [], settings, Quotas(settings, Clock(), Database(path, time, time))))
    assert app.get("/api/x", status=500).json["title"] == "Internal Server Error"
    assert "KeyError" in caplog.text


def test_what_a_client_sent_cannot_forge_a_line_of_the_log(client: TestApp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/x%0a500%20GET%20/forged", headers={"X-Request-Id": "a b"}, status=400)
        client.get(f"{CURRENT}?exchange=%0aforged", status=400)
        client.get(f"{CURRENT}?%E2%80%A8=1", status=400)
    lines = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)


def test_the_limits_and_the_threshold_are_settings(stored: Stored, path: Any) -> None:
    settings = Settings(database=path, interval_seconds=60, longest_url=20)
    client = TestApp(make_app(settings))
    stored.three_exchanges()
    assert client.get("/api/health", status="*").json["stale_threshold_seconds"] == 180
    assert client.get("/" + "x" * 20, status=414).json["detail"] == "The URL is longer than 20 bytes."
