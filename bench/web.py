"""`make bench-web`: how quick the dashboard is in Debian's Chromium on 7,020 contracts. Prints figures; asserts nothing.

Each figure is the median of several runs, the goals stand beside them.
"""

import statistics
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.web.browsing import CHROMIUM, DESK, PER_EXCHANGE, ROW, chromium, market

RUNS = 5
STEPS = 240
SCROLL = """async steps => {
    const scroller = document.getElementById("scroller");
    const high = scroller.scrollHeight - scroller.clientHeight;
    const frames = [];
    let before = performance.now();
    for (let step = 1; step <= steps; step += 1) {
        scroller.scrollTop = (high * step) / steps;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - before);
        before = now;
    }
    return frames;
}"""
SORT = """async column => {
    const before = performance.now();
    document.querySelector(`[data-column=${column}]`).click();
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - before;
}"""


def main() -> int:
    if not CHROMIUM.exists() or not find_spec("playwright"):
        print("bench-web: needs Chromium and playwright; make test-web says how to get them", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        market(Path(folder), PER_EXCHANGE, 900) as (program, _),
        chromium() as browser,
    ):
        for name, goal, value in figures(browser, program.url):
            print(f"{name:<48} {value:>7.0f} ms   goal < {goal} ms")
    return 0


def figures(browser: Any, url: str) -> list[tuple[str, int, float]]:
    first = [first_rows(browser, f"{url}/{view}") for view in ("", "#contracts") for _ in range(RUNS)]
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(f"{url}/#contracts")
    page.wait_for_selector(ROW)
    frames: list[float] = page.evaluate(SCROLL, STEPS)
    sorts = [page.evaluate(SORT, column) for column in ("volume", "symbol", "mark", "oi", "age")]
    context.close()
    return [
        ("first rows, spreads", 1000, statistics.median(first[:RUNS])),
        ("first rows, all 7,020 contracts", 1000, statistics.median(first[RUNS:])),
        (f"frame, 95th percentile of a {STEPS}-step scroll", 60, statistics.quantiles(frames, n=20)[-1]),
        ("sort of 7,020 rows", 150, statistics.median(sorts)),
    ]


def first_rows(browser: Any, url: str) -> float:
    """Milliseconds from asking for the page, with an empty cache, until rows stand in it."""
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(ROW)
    taken = (time.perf_counter() - begun) * 1000
    context.close()
    return taken


if __name__ == "__main__":
    sys.exit(main())
