"""API keys in requests: whose quota counts, what is refused and how, and that a revocation holds at once."""

import http.client
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from funding import keys
from funding.api.app import make_app
from funding.api.client import key_in
from funding.api.context import Clock, Settings
from funding.api.database import Database
from funding.api.limits import MOST_CLIENTS
from funding.api.quota import Quotas
from funding.api.serve import serve
from funding.store.keys import insert_key, revoke_key
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored

EXCHANGES = "/api/exchanges"
SECRET = "A" * 30
UNKNOWN = keys.PREFIX + SECRET + keys.checksum(SECRET)
LIMITS = {"free": 3, "paid": 5, "pro": 7}


def new_key(stored: Stored, tier: str) -> tuple[int, str]:
    key = keys.new_key()
    return insert_key(stored.connection, "a client", tier, keys.digest(key), NOW), key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def client(stored: Stored, path: Path, ticks: Ticks) -> TestApp:
    """Three requests a minute without a key, from one address."""
    stored.three_exchanges()
    app = make_app(Settings(database=path, limits=LIMITS), Clock(ticks.wall, ticks.monotonic))
    return TestApp(app, extra_environ={"REMOTE_ADDR": "192.0.2.1"})


def left(answer: Any) -> tuple[str, str]:
    return answer.headers["RateLimit-Policy"], answer.headers["X-RateLimit-Remaining"]


@pytest.mark.parametrize(("tier", "quota"), [("paid", 5), ("pro", 7)])
def test_a_key_has_its_tiers_quota_in_either_header(tier: str, quota: int, stored: Stored, client: TestApp) -> None:
    _, key = new_key(stored, tier)
    policy = f'"{tier}";q={quota};w=60'
    assert left(client.get(EXCHANGES, headers=bearer(key))) == (policy, str(quota - 1))
    assert left(client.get(EXCHANGES, headers={"X-API-Key": key})) == (policy, str(quota - 2))
    assert left(client.get(EXCHANGES, headers=bearer(key) | {"X-API-Key": key})) == (policy, str(quota - 3))
    assert left(client.get(EXCHANGES)) == ('"free";q=3;w=60', "2")


def test_over_its_quota_a_key_is_refused_and_the_address_is_not(stored: Stored, client: TestApp) -> None:
    _, key = new_key(stored, "paid")
    for _ in range(5):
        client.get(EXCHANGES, headers=bearer(key))
    problem = client.get(EXCHANGES, headers=bearer(key), status=429)
    assert problem.json["detail"].startswith("More than 5 requests within 60 seconds")
    client.get(EXCHANGES)


def test_a_key_is_served_though_its_address_has_used_up_its_own_quota(stored: Stored, client: TestApp) -> None:
    _, key = new_key(stored, "paid")
    for _ in range(3):
        client.get(EXCHANGES)
    client.get(EXCHANGES, status=429)
    assert left(client.get(EXCHANGES, headers=bearer(key)))[1] == "4"


def test_an_answer_to_a_key_is_private(stored: Stored, client: TestApp) -> None:
    _, key = new_key(stored, "paid")
    for header in (bearer(key), {"X-API-Key": key}):
        answer = client.get(EXCHANGES, headers=header)
        assert answer.headers["Cache-Control"] == "private, max-age=15, stale-while-revalidate=60"


WRONG = [
    UNKNOWN,
    UNKNOWN[:-1],
    UNKNOWN[:-1] + ("0" if UNKNOWN[-1] != "0" else "1"),
    UNKNOWN.removeprefix("ff_"),
    "",
    "ff_",
    "x" * 8000,
    "ключ".encode().decode("latin-1"),
]


@pytest.mark.parametrize("key", WRONG, ids=range(len(WRONG)))
def test_whatever_is_wrong_with_a_key_the_refusal_is_the_same(key: str, client: TestApp) -> None:
    for headers in (bearer(key), {"X-API-Key": key}):
        answer = client.get(EXCHANGES, headers=headers | {"X-Request-Id": "r"}, status=401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Funding Finder", error="invalid_token"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json == {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "This is no valid API key: it is mistyped, unknown or revoked. Without a key the free limit holds.",
            "instance": EXCHANGES,
            "request_id": "r",
            "errors": [],
        }


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "Bearer", "Digest x", ""])
def test_another_scheme_is_a_wrong_key(authorization: str, client: TestApp) -> None:
    client.get(EXCHANGES, headers={"Authorization": authorization}, status=401)


@pytest.mark.parametrize(
    ("authorization", "x_api_key", "found"),
    [
        (None, None, None),
        ("bearer  a ", None, "a"),
        (None, " a", "a"),
        ("BEARER a", "a", "a"),
    ],
)
def test_the_key_of_two_headers(authorization: str | None, x_api_key: str | None, found: str | None) -> None:
    assert key_in(authorization, x_api_key) == found


def test_two_different_keys_are_a_bad_request(stored: Stored, client: TestApp) -> None:
    _, key = new_key(stored, "paid")
    answer = client.get(EXCHANGES, headers=bearer(key) | {"X-API-Key": UNKNOWN}, status=400)
    assert answer.json["detail"] == "Authorization and X-API-Key hold different keys; one of them is enough."


def test_wrong_keys_count_against_the_address_so_that_trying_is_limited(client: TestApp, ticks: Ticks) -> None:
    assert left(client.get(EXCHANGES, headers=bearer(UNKNOWN), status=401)) == ('"free";q=3;w=60', "2")
    client.get(EXCHANGES, headers={"X-API-Key": "ff_mistyped"}, status=401)
    client.get(EXCHANGES, headers=bearer("other"), status=401)
    assert client.get(EXCHANGES, headers=bearer(UNKNOWN), status=429).headers["Retry-After"] == "65"
    client.get(EXCHANGES, status=429)
    client.get(EXCHANGES, extra_environ={"REMOTE_ADDR": "192.0.2.2"})
    ticks.go_on(65)
    client.get(EXCHANGES, headers=bearer(UNKNOWN), status=401)


def test_a_revocation_holds_at_the_next_request(stored: Stored, client: TestApp) -> None:
    key_id, key = new_key(stored, "pro")
    client.get(EXCHANGES, headers=bearer(key))
    revoke_key(stored.connection, key_id, NOW)
    client.get(EXCHANGES, headers=bearer(key), status=401)


def test_a_wrong_key_does_not_get_what_a_client_has_already(client: TestApp) -> None:
    tag = client.get(EXCHANGES).headers["ETag"]
    client.get(EXCHANGES, headers=bearer(UNKNOWN) | {"If-None-Match": tag}, status=401)


def test_a_key_that_cannot_be_looked_up_is_our_fault_and_one_that_cannot_be_any_is_not(tmp_path: Path) -> None:
    client = TestApp(make_app(Settings(database=tmp_path / "none.db")))
    client.get("/openapi.json", headers=bearer(UNKNOWN), status=503)
    client.get("/openapi.json", headers=bearer("ff_x"), status=401)


def test_supervisors_and_files_need_no_good_key(client: TestApp) -> None:
    for path in ("/livez", "/readyz"):
        client.get(path, headers=bearer("wrong"))


def test_a_flood_of_addresses_does_not_crowd_out_who_has_a_key(stored: Stored, path: Path, ticks: Ticks) -> None:
    _, key = new_key(stored, "paid")
    clock = Clock(ticks.wall, ticks.monotonic)
    quotas = Quotas(Settings(database=path, limits=LIMITS), clock, Database(path, ticks.wall, ticks.monotonic))
    for number in range(MOST_CLIENTS + 10):
        _, refused = quotas.count({"REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}, EXCHANGES)
    assert refused is not None
    headers, refused = quotas.count({"HTTP_AUTHORIZATION": f"Bearer {key}"}, EXCHANGES)
    assert (refused, dict(headers)["X-RateLimit-Remaining"], len(quotas)) == (None, "4", MOST_CLIENTS + 1)


def test_over_a_socket_a_key_is_good_until_it_is_revoked(stored: Stored, path: Path, ticks: Ticks) -> None:
    stored.three_exchanges()
    key_id, key = new_key(stored, "paid")
    server = serve(make_app(Settings(database=path), Clock(ticks.wall, ticks.monotonic)), port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", server.addresses[0][1], timeout=10)) as connection:

            def status() -> tuple[int, str | None]:
                connection.request("GET", EXCHANGES, headers=bearer(key))
                answer = connection.getresponse()
                answer.read()
                return answer.status, answer.getheader("X-RateLimit-Limit")

            assert status() == (200, "600")
            revoke_key(stored.connection, key_id, NOW)
            assert status() == (401, "60")
    finally:
        server.stop()
        thread.join(10)
