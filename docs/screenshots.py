"""Every view of the dashboard as pictures, on an invented market: `make screenshots`."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.web.browsing import DESK, PHONE, ROW, backfill, chromium, market

FOLDER = Path(__file__).parent / "screenshots"
CONTRACTS = 200  # an exchange; the history of three takes a minute
WITH_HISTORY = ("bybit", "gate", "okx")
VIEWS = {
    "spreads": "/#spreads?exchange=bybit,gate,okx&volume=5000000",
    "heatmap": "/#heatmap",
    "contracts": "/#contracts?unit=8h&volume=1000000&fresh=1",
    "exchanges": "/#exchanges",
    "detail": "/#contracts?coin=BTC&days=30&tick=bybit:BTCUSDT,gate:BTC_USDT",
}


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as name,
        market(Path(name), CONTRACTS, 60) as (program, simulator),
        chromium() as browser,
    ):
        for exchange in WITH_HISTORY:
            backfill(Path(name), simulator, exchange, 30)
        for theme in ("light", "dark"):
            for size, viewport in (("desktop", DESK), ("phone", PHONE)):
                context = browser.new_context(viewport=viewport, color_scheme=theme, base_url=program.url)
                for view, address in VIEWS.items():
                    take(context.new_page(), address, FOLDER / f"{view}-{theme}-{size}.png")
                context.close()
    return 0


def take(page: Any, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_selector("#detail .chart canvas" if "coin=" in address else ROW)
    page.wait_for_selector("#live[data-state=live]")
    page.wait_for_timeout(1000)
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
