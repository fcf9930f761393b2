"""The official client of the Model Context Protocol finds our tools and calls them."""

import asyncio
import json
import warnings
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any

import pytest

pytestmark = [
    pytest.mark.skipif(not find_spec("mcp"), reason="mcp is not installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def with_client(url: str, use: Callable[[Any], Awaitable[None]], mode: str = "auto") -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mcp import Client

    async def run() -> None:
        async with Client(f"{url}/mcp", mode=mode) as client:
            await asyncio.wait_for(use(client), 20)

    asyncio.run(run())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_it_finds_the_tools_however_it_begins(mode: str, url: str) -> None:
    async def use(client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"current", "arb", "symbol", "history", "carry", "calendar", "exchanges", "health"} <= set(tools)
        assert tools["carry"].input_schema["required"] == ["long", "short"]
        assert tools["current"].annotations.read_only_hint

    with_client(url, use, mode)


def test_a_tools_answer_is_the_apis_as_text_and_as_an_object(url: str) -> None:
    async def use(client: Any) -> None:
        result = await client.call_tool("current", {"base": ["btc"], "sort": ["-annualized_pct"], "limit": 2})
        assert not result.is_error
        assert [row["exchange"] for row in result.structured_content["rows"]] == ["bybit", "deribit"]
        assert json.loads(result.content[0].text) == result.structured_content
        carry = await client.call_tool("carry", {"long": "okx:BTC-USDT-SWAP", "short": "bybit:BTCUSDT", "hours": 8})
        assert carry.structured_content["hours"] == 8.0

    with_client(url, use)


def test_a_mistake_is_told_in_words_that_lead_on(url: str) -> None:
    async def use(client: Any) -> None:
        wrong = await client.call_tool("symbol", {"base": "BCT"})
        assert wrong.is_error
        assert wrong.content[0].text == "No contract of BCT; did you mean BTC?"
        wrong = await client.call_tool("arb", {"min_yeild": 5})
        assert "did you mean min_yield?" in wrong.content[0].text

    with_client(url, use)
