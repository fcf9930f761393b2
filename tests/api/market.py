"""A small market with one of everything: pairs, another interval, an inverse contract, and rows that must be left out."""

from typing import Any

from funding.rate import Rate
from funding.store.settlements import Charged, save_settlements
from tests.api.stored import NEXT, NOW, Stored, rate

HOUR = 3600
DAY = 86_400
EIGHT = NOW - 5  # 2027-01-15 08:00:00 UTC, when funding was paid


def fill(stored: Stored) -> None:
    """Annualised: BTC 43.8 on bybit, 17.52 on deribit, 10.95 on okx; ETH 65.7 on bybit, 21.9 on okx.

    Left out: xt is stale, okx's PEPE has another price than bybit's, okx's DOGE no interval, acme no known fees.
    """
    stored.declare("acme", "bybit", "deribit", "okx", "xt")
    stored.good("acme", contract("BTC", "BTC", 0.001, 80_000, 9e9, 9e9))
    stored.good(
        "bybit",
        contract("BTCUSDT", "BTC", 0.0004, 80_080, 4e9, 3e9),
        contract(
            "ETHUSDT", "ETH", 0.0003, 4_000, 1e9, None, funding_interval_hours=4.0, next_funding_time=EIGHT + 4 * HOUR
        ),
        contract("PEPEUSDT", "PEPE", 0.0001, 0.00001, 5e8, 5e8),
    )
    inverse = {"kind": "inverse", "quote": "USD", "settle": "BTC", "funding_interval_hours": 1.0}
    hourly = contract("BTC-PERPETUAL", "BTC", 0.00002, 80_040, 1e9, 1e9, **inverse, next_funding_time=EIGHT + HOUR)
    stored.good("deribit", hourly)
    stored.good(
        "okx",
        contract("BTC-USDT-SWAP", "BTC", 0.0001, 80_000, 5e9, 2e9, asset_class="crypto", rate_kind="fixed"),
        contract("DOGE-USDT-SWAP", "DOGE", 0.0001, 0.4, 1e8, 1e8, funding_interval_hours=None, next_funding_time=None),
        contract("ETH-USDT-SWAP", "ETH", 0.0002, 4_000, 2e9, 1e9),
        contract("PEPE-USDT-SWAP", "PEPE", 0.0009, 0.0001, 4e7, 4e7),
    )
    stored.good("xt", contract("btc_usdt", "BTC", 0.002, 80_000, 8e9, 8e9, observed_at=NOW - 1000), at=NOW - 1001)


def contract(
    symbol: str, asset: str, funding_rate: float, price: float, volume: float, interest: float | None, **more: Any
) -> Rate:
    usual: dict[str, Any] = {"mark_price": price, "volume_24h_usd": volume, "open_interest_usd": interest}
    return rate(symbol, asset, funding_rate, **({"next_funding_time": NEXT} | usual | more))


def number_of(stored: Stored, exchange: str, symbol: str) -> int:
    """The contract's id."""
    query = "SELECT id FROM contract WHERE exchange = ? AND symbol = ?"
    found: int = stored.connection.execute(query, (exchange, symbol)).fetchone()[0]
    return found


def charge(stored: Stored, exchange: str, symbol: str, funding_rate: float, days: int, hours: int = 8) -> None:
    """The same rate at every interval of so many days, up to 08:00 today; of a day the figures add up by hand."""
    number = number_of(stored, exchange, symbol)
    times = range(EIGHT - days * DAY, EIGHT + 1, hours * HOUR)
    rows = [Charged(number, time, funding_rate, float(hours), None, "venue") for time in times]
    save_settlements(stored.connection, rows)


STALE = "1 exchange stale: xt"
