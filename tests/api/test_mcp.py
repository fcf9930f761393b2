"""/mcp: what a message brings, and what is refused before any message is looked at."""

import json
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.api.mcp import MOST_ROWS, TOOLS, VERSIONS
from funding.api.routes import ROUTES
from tests.api.conftest import Ticks
from tests.api.market import fill
from tests.api.stored import NOW, Stored, rate


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def post(client: TestApp, body: str | bytes, status: int = 200, **headers: str) -> Any:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/mcp", body, headers=sent, status=status)


def call(client: TestApp, method: str, status: int = 200, **params: Any) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    found: dict[str, Any] = post(client, json.dumps(message), status).json
    assert (found["jsonrpc"], found["id"]) == ("2.0", 7)
    return found


def tool(client: TestApp, name: str, **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = call(client, "tools/call", name=name, arguments=arguments)["result"]
    return found


@pytest.mark.parametrize("asked", VERSIONS)
def test_it_speaks_the_version_that_is_asked_for(asked: str, client: TestApp) -> None:
    result = call(client, "initialize", protocolVersion=asked, capabilities={}, clientInfo={})["result"]
    assert result["protocolVersion"] == asked
    assert result["capabilities"] == {"tools": {"listChanged": False}}
    assert result["serverInfo"]["name"] == "funding-finder"


def test_of_another_version_it_offers_its_newest(client: TestApp) -> None:
    assert call(client, "initialize", protocolVersion="1999-01-01")["result"]["protocolVersion"] == VERSIONS[0]


def test_a_ping_is_answered_and_a_notification_is_taken(client: TestApp) -> None:
    assert call(client, "ping")["result"] == {}
    answer = post(client, '{"jsonrpc":"2.0","method":"notifications/initialized"}', 202)
    assert answer.body == b""


def test_every_query_is_a_tool_with_the_parameters_of_its_path(client: TestApp) -> None:
    tools = {one["name"]: one for one in call(client, "tools/list")["result"]["tools"]}
    assert list(tools) == [route.name for route in ROUTES if route.path.startswith("/api/")]
    arb = tools["arb"]["inputSchema"]["properties"]
    assert set(arb) == {param.name for param in TOOLS["arb"].params} - {"format"}
    assert arb["limit"] | {"description": ""} == {
        "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 50, "description": "",
    }  # fmt: skip
    assert tools["history"]["inputSchema"]["required"] == ["base"]
    assert tools["carry"]["inputSchema"]["required"] == ["long", "short"]
    assert all(one["annotations"]["readOnlyHint"] and one["description"].endswith(".") for one in tools.values())


def test_a_tool_gives_what_its_path_gives(client: TestApp) -> None:
    result = tool(client, "symbol", base="XBT", sort=["-funding_rate"], fields=["exchange", "funding_rate"], limit=2)
    assert (
        result["structuredContent"]
        == client.get("/api/funding/symbol/BTC?sort=-funding_rate&fields=exchange,funding_rate&limit=2").json
    )
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    assert tool(client, "symbol", base="XBT", limit=None, sort=None)["isError"] is False  # null: by default
    assert tool(client, "exchange", id="okx")["structuredContent"]["title"] == "Okx"
    assert tool(client, "health")["structuredContent"]["status"] == "degraded"


def test_a_tool_has_the_filters_of_its_path(client: TestApp) -> None:
    asked = tool(client, "heatmap", search="eth", unit="1d", kind="linear", exchange=["okx"])["structuredContent"]
    assert (asked["bases"], asked["cells"], asked["spreads"]) == (["ETH"], [[0.06]], [None])
    found = tool(client, "current", search="btc okx", min_annualized=10, suspect="exclude")["structuredContent"]
    assert [row["symbol"] for row in found["rows"]] == ["BTC-USDT-SWAP"]


def test_a_list_is_short_unless_more_is_asked_for(stored: Stored, client: TestApp) -> None:
    stored.good("acme", *(rate(f"S{number}", f"S{number}") for number in range(80)))
    answer = tool(client, "current", exchange="acme")["structuredContent"]
    assert (answer["count"], answer["total"]) == (50, 81)
    assert tool(client, "current", exchange="acme", limit=100)["structuredContent"]["count"] == 81


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("symbol", {"base": "BCT"}, "No contract of BCT; did you mean BTC?"),
        ("symbol", {}, "base: is missing, or is no text. An asset, as BTC; XBT and 1000PEPE are understood."),
        (
            "symbol",
            {"base": "a\nb"},
            "base: is missing, or is no text. An asset, as BTC; XBT and 1000PEPE are understood.",
        ),
        ("arb", {"min_yeild": 1}, "min_yeild: is not a parameter of this path; did you mean min_yield?"),
        ("arb", {"min_yeild": None}, "min_yeild: is not a parameter of this path; did you mean min_yield?"),
        ("arb", {"limit": 501}, "limit: is at most 500 here; offset or cursor lead on."),
        ("arb", {"limit": "many"}, "limit: is not a whole number from 1 to 1000"),
        ("arb", {"base": {"a": 1}}, "base: is a text, a number or a list of them."),
        ("arb", {"base": [True]}, "base: is a text, a number or a list of them."),
        ("arb", {"format": "csv"}, "format: is not a parameter of a tool, which answers in JSON."),
        ("exchange", {"id": "okex"}, "okex is not an exchange collected here; did you mean okx?"),
        ("exchange", {"id": "okx", "x": 1}, "x: is not a parameter of this path"),
        ("carry", {"long": "okx:BTC-USDT-SWAP"}, "short: is missing. The contract that is sold, as exchange:symbol."),
    ],
)
def test_a_mistake_of_the_caller_is_a_result_in_words(
    name: str, arguments: dict[str, Any], words: str, client: TestApp
) -> None:
    assert tool(client, name, **arguments) == {"content": [{"type": "text", "text": words}], "isError": True}


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ("{", 400, -32700, "The body is not JSON."),
        ("", 400, -32700, "The body is not JSON."),
        ("[" * 60_000, 400, -32700, "The body is not JSON."),
        ("9" * 10_000, 400, -32700, "The body is not JSON."),
        ("[]", 400, -32600, 'The body is not one message of JSON-RPC 2.0 with a "method".'),
        ('[{"jsonrpc":"2.0","id":7,"method":"ping"}]', 400, -32600, None),
        ('{"id":7,"method":"ping"}', 400, -32600, None),
        ('{"jsonrpc":"2.0","id":7,"method":5}', 400, -32600, None),
        ('{"jsonrpc":"2.0","id":true,"method":"ping"}', 400, -32600, "An id is a string or a whole number."),
        ('{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600, "An id is a string or a whole number."),
        ('{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', 200, -32602, "The params are not an object."),
        (
            '{"jsonrpc":"2.0","id":7,"method":"resources/list"}', 200, -32601,
            "There is no method resources/list; there are initialize, ping, tools/list, tools/call.",
        ),
        ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"order"}}', 200, -32602, None),
        ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":["arb"]}}', 200, -32602, None),
        (
            '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"arb","arguments":[1]}}', 200, -32602,
            "The arguments are not an object.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_message_of_ours_is_an_error_of_json_rpc(
    body: str, status: int, code: int, words: str | None, client: TestApp
) -> None:
    error = post(client, body, status).json["error"]
    assert error["code"] == code
    if words is not None:
        assert error["message"] == words


def test_an_id_comes_back_as_it_was(client: TestApp) -> None:
    for one in ("a", 0, -5, "\ud800", 10**30):
        body = json.dumps({"jsonrpc": "2.0", "id": one, "method": "ping"})
        assert post(client, body).json["id"] == one


def test_a_version_that_is_not_spoken_is_refused_with_those_that_are(client: TestApp) -> None:
    body = '{"jsonrpc":"2.0","id":7,"method":"server/discover"}'
    error = post(client, body, 400, MCP_Protocol_Version="2026-07-28").json["error"]
    assert error["code"] == -32022
    assert error["data"] == {"supported": list(VERSIONS), "requested": "2026-07-28"}
    post(client, '{"jsonrpc":"2.0","id":7,"method":"ping"}', MCP_Protocol_Version=VERSIONS[-1])


PING = '{"jsonrpc":"2.0","id":7,"method":"ping"}'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/json; charset=utf-8"}, 200),
        ({"Accept": "text/event-stream"}, 406),
        ({"Accept": "application/json, text/event-stream"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:80", "Host": "localhost:80"}, 200),
    ],
)
def test_what_comes_from_elsewhere_or_is_no_json_is_a_problem(
    headers: dict[str, str], status: int, client: TestApp
) -> None:
    answer = post(client, PING, status, **headers)
    assert answer.content_type == ("application/json" if status == 200 else "application/problem+json")


def test_nothing_is_streamed_and_there_is_no_session_to_end(client: TestApp) -> None:
    for method in ("GET", "DELETE", "HEAD"):
        answer = client.request("/mcp", method=method, status=405)
        assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert client.options("/mcp").headers["Allow"] == "POST, OPTIONS"


def test_it_counts_against_the_same_limit(stored: Stored, path: Path, ticks: Ticks) -> None:
    stored.three_exchanges()
    settings = Settings(database=path, limits={"free": 2, "paid": 3, "pro": 4})
    client = TestApp(make_app(settings, Clock(ticks.wall, ticks.monotonic)))
    post(client, PING)
    client.get("/api/exchanges")
    answer = post(client, PING, 429)
    assert answer.json["status"] == 429
    assert answer.headers["Retry-After"] == "65"


def test_without_data_a_tool_says_so(path: Path, ticks: Ticks) -> None:
    client = TestApp(make_app(Settings(database=path), Clock(ticks.wall, ticks.monotonic)))
    result = tool(client, "current")
    assert result["isError"]
    assert result["content"][0]["text"].startswith("The database cannot be read at the moment")
    assert tool(client, "health")["structuredContent"]["status"] == "down"
    assert ticks.now == NOW
