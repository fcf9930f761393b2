"""The rate limit over HTTP: who is counted, what every answer says, and what happens beyond it."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from funding.api.app import make_app
from funding.api.context import FREE, PAID, PRO, Clock, Settings
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored

CURRENT = "/api/funding/current"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit")


def limited(path: Path, ticks: Ticks, quota: int = 3, **more: Any) -> TestApp:
    limits = {FREE: quota, PAID: 600, PRO: 3000}
    return TestApp(make_app(Settings(database=path, limits=limits, **more), Clock(ticks.wall, ticks.monotonic)))


def ask(client: TestApp, peer: str, forwarded_for: str = "", url: str = "/api/health") -> Any:
    headers = {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    return client.get(url, headers=headers, extra_environ={"REMOTE_ADDR": peer}, status="*")


def test_every_answer_says_where_the_client_stands(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    first = client.get(CURRENT)
    assert {name: first.headers[name] for name in HEADERS} == {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "59",
        "X-RateLimit-Reset": str(NOW + 65),
        "RateLimit-Policy": '"free";q=60;w=60',
        "RateLimit": '"free";r=59;t=65',
    }
    ticks.go_on(10)
    answers = [
        client.get(CURRENT, headers={"If-None-Match": first.headers["ETag"]}, status=304),
        client.get(f"{CURRENT}.csv"),
        client.head(CURRENT),
        client.options(CURRENT),
        client.get(f"{CURRENT}?limit=x", status=400),
        client.get("/nothing", status=404),
        client.post(CURRENT, status=405),
        client.get("/" + "x" * 9000, status=414),
    ]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == [str(58 - n) for n in range(8)]
    assert {one.headers["RateLimit"].partition(";t=")[2] for one in answers} == {"55"}


def test_beyond_the_quota_there_is_a_problem_that_says_when_to_come_back(
    stored: Stored, path: Path, ticks: Ticks
) -> None:
    stored.three_exchanges()
    client = limited(path, ticks)
    for _ in range(3):
        client.get(CURRENT)
    ticks.go_on(20)
    answer = client.get(f"{CURRENT}.csv", status=429)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("45", "no-store")
    assert {name: answer.headers[name] for name in HEADERS} == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(NOW + 65),
        "RateLimit-Policy": '"free";q=3;w=60',
        "RateLimit": '"free";r=0;t=45',
    }
    assert (answer.json["title"], answer.json["detail"]) == (
        "Too Many Requests",
        "More than 3 requests within 60 seconds; the next one is answered in 45 seconds.",
    )
    assert "X-RateLimit-Remaining" in answer.headers["Access-Control-Expose-Headers"]
    assert client.head(CURRENT, status=429).body == b""
    ticks.go_on(45)
    assert client.get(CURRENT).headers["X-RateLimit-Remaining"] == "2"


def test_what_supervisors_ask_is_not_limited(stored: Stored, path: Path, ticks: Ticks) -> None:
    stored.three_exchanges()
    client = limited(path, ticks)
    for _ in range(10):
        for url in ("/livez", "/readyz", "/static/nothing"):
            answer = client.get(url, status="*")
            assert answer.status_int != 429
            assert not [name for name in HEADERS if name in answer.headers]
    assert client.get(CURRENT).headers["X-RateLimit-Remaining"] == "2"


def test_nought_is_no_limit_and_nothing_to_say(stored: Stored, path: Path, ticks: Ticks) -> None:
    stored.three_exchanges()
    client = limited(path, ticks, quota=0)
    for _ in range(100):
        headers = client.get("/api/exchanges").headers
    assert not [name for name in HEADERS if name in headers]


def test_an_address_that_is_forged_does_not_help(stored: Stored, path: Path, ticks: Ticks) -> None:
    client = limited(path, ticks)
    found = [ask(client, "203.0.113.9", f"198.51.100.{n}").status_int == 429 for n in range(10)]
    assert found == [False] * 3 + [True] * 7


def test_behind_a_trusted_proxy_each_client_has_its_own_quota(stored: Stored, path: Path, ticks: Ticks) -> None:
    client = limited(path, ticks, trusted_proxies=(ip_network("127.0.0.1/32"),))
    for n in range(10):
        assert ask(client, "127.0.0.1", f"1.1.1.{n}, 198.51.100.7").status_int == (429 if n >= 3 else 503)
    assert ask(client, "127.0.0.1", "198.51.100.8").headers["X-RateLimit-Remaining"] == "2"
    assert ask(client, "203.0.113.9", "198.51.100.8").headers["X-RateLimit-Remaining"] == "2"


def test_a_rotating_ipv6_network_is_one_client(stored: Stored, path: Path, ticks: Ticks) -> None:
    client = limited(path, ticks)
    found = [ask(client, f"2001:db8:0:1:{n:x}::1").status_int == 429 for n in range(50)]
    assert found == [False] * 3 + [True] * 47
    assert ask(client, "2001:db8:0:2::1").status_int != 429


def test_a_refused_request_reaches_no_database(path: Path, ticks: Ticks, caplog: pytest.LogCaptureFixture) -> None:
    client = limited(path, ticks, quota=1)
    assert client.get(CURRENT, status="*").status_int == 503
    caplog.clear()
    ticks.go_on(2)
    assert client.get(CURRENT, status="*").status_int == 429
    assert [record.levelname for record in caplog.records] == []
