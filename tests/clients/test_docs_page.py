"""The docs page in a browser: it shows every path, under its policy, and asks nobody else."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.web.browsing import CHROMIUM, chromium

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
    pytest.mark.skipif(not find_spec("playwright"), reason="playwright is not installed: make test-web installs it"),
]


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with chromium() as browser:
        yield browser.new_page()


def test_it_shows_every_path_and_one_can_be_tried(page: Any, url: str) -> None:
    page.set_default_timeout(15_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/docs")
    page.wait_for_selector(".opblock")
    paths = page.locator(".opblock-summary-path").all_inner_texts()
    assert "/api/funding/current" in [path.replace("\u200b", "") for path in paths]
    page.locator("#operations-exchanges-exchanges .opblock-summary-control").click()
    page.locator("#operations-exchanges-exchanges .try-out__btn").click()
    page.locator("#operations-exchanges-exchanges .execute").click()
    answer = page.wait_for_selector("#operations-exchanges-exchanges .live-responses-table tbody .response-col_status")
    assert answer.inner_text().split()[0] == "200"
    assert page.locator(".opblock-summary").first.evaluate("one => getComputedStyle(one).display") == "flex"
    assert [one for one in asked if not one.startswith((f"{url}/", "data:"))] == []
    assert said == []
