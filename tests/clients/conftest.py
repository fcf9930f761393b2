"""A running service over a small market, for programs that others wrote. A test is skipped where its program is missing."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.api.serve import serve
from tests.api.stored import NOW, Stored, rate


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """http://127.0.0.1:…, without a rate limit; its clock stands still."""
    path = tmp_path_factory.mktemp("clients") / "funding.db"
    with Stored(path) as stored:
        _fill(stored)
        clock = Clock(lambda: NOW)
        server = serve(make_app(Settings(database=path, limits={"free": 0, "paid": 0, "pro": 0}), clock), port=0)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield f"http://127.0.0.1:{server.addresses[0][1]}"
        server.stop()
        thread.join(10)


@pytest.fixture(autouse=True)
def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def _fill(stored: Stored) -> None:
    """Three exchanges, one of them failing; a symbol that spreadsheets would take for a formula."""
    deep: dict[str, Any] = {"mark_price": 80_000.0, "volume_24h_usd": 5e9, "open_interest_usd": 2e9}
    inverse: dict[str, Any] = {"kind": "inverse", "quote": "USD", "settle": "BTC", "funding_interval_hours": 1.0}
    stored.declare("bybit", "deribit", "okx")
    stored.good("okx", rate("BTC-USDT-SWAP", "BTC", 0.0001, **deep), rate("=PEPE", "PEPE", -0.0005))
    stored.good("bybit", rate("BTCUSDT", "BTC", 0.0005, **deep), rate("币安人生USDT", "币安人生", 0.0002))
    stored.good("deribit", rate("BTC-PERPETUAL", "BTC", 0.00005, **deep, **inverse, next_funding_time=NOW + 600))
    stored.failed("okx", "timeout", "no answer within 10 s", at=NOW - 2)
