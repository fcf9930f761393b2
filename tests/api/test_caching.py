"""ETags, 304, and ages that stay true: what a client or a cache between may rely on."""

import gzip
import json
from pathlib import Path

import pytest
from webtest import TestApp

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.keys import digest, new_key
from funding.store.keys import insert_key
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored, rate

CURRENT = "/api/funding/current"
PATHS = [
    CURRENT,
    f"{CURRENT}?exchange=okx",
    "/api/funding/symbol/BTC",
    "/api/exchanges",
    "/api/exchanges/okx",
]


@pytest.mark.parametrize("url", PATHS)
def test_what_a_client_has_already_is_not_sent_again(url: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    first = client.get(url)
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Last-Modified"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert first.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"
    assert first.headers["Vary"] == "Accept, Accept-Encoding"
    second = client.get(url, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    assert second.body == b""
    for name in ("ETag", "Cache-Control", "Vary"):
        assert second.headers[name] == first.headers[name]


@pytest.mark.parametrize("url", PATHS)
def test_a_new_run_changes_the_tag(url: str, stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    first = client.get(url).headers["ETag"]
    stored.failed("okx", "timeout", "no answer")
    ticks.go_on(2)
    assert client.get(url, headers={"If-None-Match": first}).headers["ETag"] != first


@pytest.mark.parametrize("url", PATHS)
def test_a_new_minute_changes_the_tag_though_nothing_was_written(
    url: str, stored: Stored, client: TestApp, ticks: Ticks
) -> None:
    stored.three_exchanges()
    first = client.get(url).headers["ETag"]
    ticks.go_on(54)
    assert client.get(url, headers={"If-None-Match": first}, status=304).headers["ETag"] == first
    ticks.go_on(1)
    assert client.get(url, headers={"If-None-Match": first}).headers["ETag"] != first


def test_ages_grow_and_rows_turn_stale_when_nothing_is_written_any_more(
    stored: Stored, client: TestApp, ticks: Ticks
) -> None:
    stored.three_exchanges()
    seen = []
    for _ in range(4):
        rows = client.get(CURRENT).json["rows"]
        seen.append(({row["age_seconds"] for row in rows}, {row["stale"] for row in rows}))
        ticks.go_on(300)
    assert seen == [({5}, {False}), ({305}, {False}), ({605}, {False}), ({905}, {True})]


def test_a_next_funding_time_moves_on_by_itself(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    ticks.go_on(600)
    [row] = client.get(f"{CURRENT}?exchange=deribit").json["rows"]
    assert (row["next_funding_time"], row["next_funding_source"]) == (NOW + 4200, "derived")


def test_the_tag_is_the_same_from_another_process(stored: Stored, path: Path, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    other = TestApp(make_app(Settings(database=path), Clock(ticks.wall, ticks.monotonic)))
    for one in PATHS:
        assert client.get(one).headers["ETag"] == other.get(one).headers["ETag"]


def test_the_tag_follows_what_was_asked_and_not_how_it_was_written(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()

    def tag(query: str) -> str:
        found: str = client.get(f"{CURRENT}?{query}").headers["ETag"]
        return found

    assert tag("exchange=okx&limit=1") == tag("limit=1&exchange=%6Fkx&offset=0")
    assert tag("") == tag("stale=include")
    assert len({tag(""), tag("exchange=okx"), tag("exchange=bybit"), tag("limit=1"), tag("fields=symbol")}) == 5


@pytest.mark.parametrize("given", ["*", '"x", {tag}', "{strong}", ' {tag} ,W/"y"'])
def test_if_none_match_takes_lists_stars_and_strong_tags(given: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    tag = client.get(CURRENT).headers["ETag"]
    header = given.format(tag=tag, strong=tag.removeprefix("W/"))
    assert client.get(CURRENT, headers={"If-None-Match": header}, status=304).body == b""


def test_another_tag_brings_the_whole_answer(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    assert client.get(CURRENT, headers={"If-None-Match": 'W/"1-2-3"'}, status=200).json["count"] == 5


def test_an_answer_to_a_key_is_private(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    key = new_key()
    insert_key(stored.connection, "Ada", "paid", digest(key), NOW)
    for header in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        answer = client.get(CURRENT, headers=header)
        assert answer.headers["Cache-Control"] == "private, max-age=15, stale-while-revalidate=60"


def raw(client: TestApp, url: str, accept_encoding: str) -> tuple[dict[str, str], bytes]:
    """Headers and body as they are sent: TestApp.get unpacks what is compressed."""
    request = client.RequestClass.blank(url, headers={"Accept-Encoding": accept_encoding})
    _, headers, body = request.call_application(client.app)
    return {name.lower(): value for name, value in headers}, b"".join(body)


@pytest.mark.parametrize("query", ["", "?limit=5", "?kind=linear"])
def test_gzip_is_sent_when_it_is_asked_for_and_worth_it(query: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    plain_headers, plain = raw(client, CURRENT + query, "br")
    headers, packed = raw(client, CURRENT + query, "br, gzip")
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(packed) < len(plain)
    assert int(plain_headers["content-length"]) == len(plain)
    assert gzip.decompress(packed) == plain


def test_a_small_answer_is_sent_as_it_is(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    headers, body = raw(client, f"{CURRENT}?fields=symbol", "gzip")
    assert "content-encoding" not in headers
    assert json.loads(body)["count"] == 5


def test_the_list_is_not_rebuilt_for_two_seconds_while_runs_land(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    assert client.get(CURRENT).json["total"] == 5
    stored.good("okx", rate("A", "A"), rate("B", "B"), rate("C", "C"))
    ticks.go_on(1.9)
    assert client.get(CURRENT).json["total"] == 5
    assert client.get(f"{CURRENT}?limit=20").json["total"] == 8
    ticks.go_on(0.1)
    answer = client.get(CURRENT)
    assert answer.json["total"] == 8
    assert json.loads(answer.body)["fetched_at"] == NOW + 2
