"""A browser, a market of 7,000 contracts and the program that serves it: what the tests of the dashboard stand on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.simulator import Simulator
from tests.programs import Program

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)
EXCHANGES = ("binance", "bybit", "gate", "hyperliquid", "kraken", "okx")
PER_EXCHANGE = 1170
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ROW = "#scroller tbody:not(.space) tr"


Page = Any  # Playwright's; it is installed for these tests alone


@contextmanager
def chromium() -> Iterator[Any]:
    from importlib import import_module  # not needed, and not there, where these tests are left out

    with import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def market(
    folder: Path, contracts: int, interval_seconds: int, **settings: object
) -> Iterator[tuple[Program, Simulator]]:
    """The program, once every exchange has answered, unless `FUNDING_…` settings say otherwise."""
    words = ("--contracts", str(contracts), "--past-days", "31", "--exchanges", ",".join(EXCHANGES))
    with (
        Simulator(*words) as simulator,
        Program(folder, "run", **_settings(simulator, interval_seconds, settings)) as program,
    ):
        program.line("cycle: ")
        yield program, simulator


def _settings(simulator: Simulator, interval_seconds: int, more: dict[str, object]) -> dict[str, Any]:
    return {
        "FUNDING_UPSTREAM": simulator.url,
        "FUNDING_EXCHANGES": ",".join(EXCHANGES),
        "FUNDING_INTERVAL_SECONDS": interval_seconds,
        "FUNDING_PORT": 0,
        "FUNDING_LIMIT_FREE": 0,
    } | more


def backfill(folder: Path, simulator: Simulator, exchange: str, days: int) -> None:
    """The settled history of the contracts that are stored."""
    words = ("backfill", exchange, "--days", str(days))
    with Program(folder, *words, FUNDING_UPSTREAM=simulator.url) as program:
        program.process.wait(120)


class Tab:
    """A page with a memory of what its console said. `close` fails on anything there but the refusals that were asked for."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": DESK, "base_url": url, "reduced_motion": "reduce"} | options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str = "/", *, rows: bool = True) -> Page:
        self.page.goto(address)
        if rows:
            self.page.wait_for_selector(ROW)
        return self.page

    def close(self, *, refused: bool = False) -> None:
        """`refused`: the browser itself notes each failed request; that is then no fault."""
        self.context.close()
        faults = [line for line in self.said if not (refused and "Failed to load resource" in line)]
        assert not faults, faults


def cells(page: Page, column: int) -> list[str]:
    """The texts of a column, of the rows that are in the document, from above."""
    script = "([row, at]) => [...document.querySelectorAll(row)].map(one => one.children[at].textContent)"
    found: list[str] = page.evaluate(script, [ROW, column])
    return found


def static(page: Page, name: str) -> str:
    """The address of one of the dashboard's files."""
    return f"{page.get_attribute('body', 'data-static')}/{name}"


def number(text: str) -> float:
    """Of a cell such as "−1,234.5%"."""
    return float(text.replace("−", "-").replace("±", "").replace(",", "").rstrip("%"))


def ask_again(page: Page) -> None:
    """Has the page ask at once, as it does when the network comes back."""
    page.evaluate("dispatchEvent(new Event('online'))")


def settle(page: Page) -> None:
    """Until two frames have been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
