"""ccxt's fetch_funding_rates of the exchanges that the simulator plays, side by side in one event loop."""
# mypy: disable-error-code="import-not-found"

import asyncio
import json
import os
import sys
import time
from typing import Any

import ccxt.async_support as ccxt

from bench.clients.task import peak_mb

CLASSES: dict[str, tuple[str, dict[str, Any]]] = {  # what lets it load perpetuals alone
    "okx": ("okx", {"fetchMarkets": {"types": ["swap"]}}),
    "binance": ("binanceusdm", {}),
    "bybit": ("bybit", {"fetchMarkets": {"types": ["linear", "inverse"]}}),
    "hyperliquid": ("hyperliquid", {"fetchMarkets": {"types": ["swap"]}}),
    "kraken": ("krakenfutures", {}),
    "gate": ("gate", {"fetchMarkets": {"types": ["swap"]}, "defaultType": "swap"}),
}


async def rates_of(name: str, upstream: str) -> dict[str, Any]:
    kind, options = CLASSES[name]
    exchange = getattr(ccxt, kind)({"enableRateLimit": True, "options": options})
    exchange.cafile = os.environ["SSL_CERT_FILE"]
    exchange.has["fetchCurrencies"] = False  # it asks for spot coins otherwise
    fetch, begun = exchange.fetch, time.perf_counter()

    async def fetch_there(url: str, *rest: Any, **named: Any) -> Any:
        return await fetch(f"{upstream}/{url.removeprefix('https://')}", *rest, **named)

    exchange.fetch = fetch_there
    found, error = {}, None
    try:
        found = await exchange.fetch_funding_rates()
    except (ccxt.BaseError, LookupError, TypeError, ValueError) as problem:
        error = repr(problem)[:150]
    finally:
        await exchange.close()
    return {"exchange": name, "took": time.perf_counter() - begun, "rates": len(found), "error": error}


async def cycle(names: list[str], upstream: str) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*(rates_of(name, upstream) for name in names)))


def main() -> None:
    given = json.load(sys.stdin)
    begun, cpu = time.perf_counter(), time.process_time()
    exchanges = asyncio.run(cycle(given["exchanges"].split(","), given["upstream"]))
    first = {
        "wall": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak_mb(),
        "exchanges": exchanges,
    }
    print(json.dumps({"first": first}), flush=True)


if __name__ == "__main__":
    main()
