"""The assets of the synthetic market: some real tickers at plausible prices, then made-up ones without end."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random


@dataclass(frozen=True, slots=True)
class Asset:
    """`price` is in US dollars per token; the market walks around it."""

    ticker: str
    price: float
    stock: bool = False


BTC = Asset("BTC", 90_000)
ETH = Asset("ETH", 3_000)

# Those with something special come first, so that even a small market has every special case.
REAL = (
    BTC,
    ETH,
    Asset("PEPE", 4.6e-6),
    Asset("SHIB", 8.5e-6),
    Asset("TSLA", 410, stock=True),
    Asset("BB", 0.0096),  # on okx the same ticker is a stock: COLLISION
    Asset("DOGE", 0.15),
    Asset("SOL", 140),
    Asset("XRP", 2.2),
    Asset("OPENAI", 1_550, stock=True),  # its rate is really 0
    Asset("BONK", 9.5e-6),
    Asset("FLOKI", 4.5e-5),
    Asset("MOG", 3.1e-7),
    Asset("BNB", 870),
    Asset("ADA", 0.42),
    Asset("LINK", 13),
    Asset("LTC", 85),
    Asset("AVAX", 14),
    Asset("DOT", 2.3),
    Asset("UNI", 6),
    Asset("AAVE", 175),
    Asset("ATOM", 2.5),
    Asset("NEAR", 1.9),
    Asset("ARB", 0.21),
    Asset("SUI", 1.5),
    Asset("INJ", 5.6),
    Asset("FIL", 1.6),
    Asset("NVDA", 180, stock=True),
)
COLLISION = Asset("BB", 7.72, stock=True)
STILL = "OPENAI"


def assets(seed: int) -> Iterator[Asset]:
    """All of them, in the same order for every exchange."""
    yield from REAL
    yield from invented(seed, "SIM")


def invented(seed: int, name: str) -> Iterator[Asset]:
    """SIM1, SIM2, … at prices from a tenth of a cent to a thousand dollars."""
    for number in count(1):
        ticker = f"{name}{number}"
        yield Asset(ticker, 10 ** Random(f"{seed}:{ticker}").uniform(-3, 3))
