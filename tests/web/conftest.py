"""Tests that need a browser run in `make test-web`; elsewhere they are skipped, visibly."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bench.simulator import Simulator
from tests.programs import Program
from tests.web.browsing import CHROMIUM, PER_EXCHANGE, Tab, backfill, chromium, market


def why_not() -> str:
    if not os.environ.get("WEB_TESTS"):
        return "needs a browser: make test-web"
    if not CHROMIUM.exists():
        return f"there is no {CHROMIUM}: apt-get install chromium, or CHROMIUM=/another/path"
    return "" if find_spec("playwright") else "playwright is not installed: make test-web"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if reason := why_not():
        pytest.skip(reason)
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def demo(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """7,020 contracts on six exchanges, asked once: what stands still."""
    with market(tmp_path_factory.mktemp("demo"), PER_EXCHANGE, 900) as (program, _):
        yield program


@pytest.fixture(scope="session")
def small(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Simulator]]:
    """A few contracts on six exchanges, asked every few seconds, with a month of history on one: what is quick to change."""
    folder = tmp_path_factory.mktemp("small")
    with market(folder, 24, 4) as (program, simulator):
        backfill(folder, simulator, "bybit", 30)
        yield program, simulator


@pytest.fixture
def tab(browser: Any) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; each must have kept its console clean."""
    tabs: list[Tab] = []

    def new(program: Program, **options: Any) -> Tab:
        tabs.append(Tab(browser, program.url, **options))
        return tabs[-1]

    yield new
    for one in tabs:
        one.close()


@pytest.fixture
def refused_tab(browser: Any) -> Iterator[Callable[..., Tab]]:
    """The same, where requests are refused on purpose."""
    tabs: list[Tab] = []

    def new(program: Program, **options: Any) -> Tab:
        tabs.append(Tab(browser, program.url, **options))
        return tabs[-1]

    yield new
    for one in tabs:
        one.close(refused=True)


@pytest.fixture(scope="session")
def axe() -> str:
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
