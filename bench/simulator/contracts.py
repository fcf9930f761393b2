"""Which contracts each exchange lists, in its own spelling: the static half of the market. Nothing here moves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from math import floor, log10
from random import Random
from time import gmtime, strftime

from bench.simulator.assets import BTC, COLLISION, ETH, STILL, Asset, assets, invented

HOUR = 3600
EXCHANGES = ("okx", "binance", "bybit", "hyperliquid", "kraken", "gate")
ON_GRID = ("hyperliquid", "kraken")  # no next time in their answers: paid at whole hours
MAJORS = (BTC, ETH)

# Drawn from, per contract; hours.
INTERVALS = {
    "okx": (8, 8, 4, 4, 4, 2, 1),
    "binance": (8, 8, 4, 4, 4, 1),
    "bybit": (8, 8, 8, 4, 4, 2, 1),
    "hyperliquid": (1,),
    "kraken": (1,),
    "gate": (8, 8, 8, 4, 4, 1),
}
# Tokens in one priced unit, where the venue scales.
SCALED: Mapping[str, Mapping[str, int]] = {
    "binance": {"PEPE": 1_000, "SHIB": 1_000, "BONK": 1_000, "FLOKI": 1_000, "MOG": 1_000_000},
    "bybit": {"PEPE": 1_000, "SHIB": 1_000, "BONK": 1_000, "FLOKI": 1_000, "MOG": 1_000_000},
    "hyperliquid": {"PEPE": 1_000, "SHIB": 1_000, "BONK": 1_000, "FLOKI": 1_000},
}
PRICE_DECIMALS = {"binance": 8}  # the most that the venue writes; elsewhere 10


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """`symbol`, `base` are what a correct reader gives. `group` is the venue's own list that it stands in."""

    exchange: str
    symbol: str
    base: str
    quote: str
    settle: str
    kind: str  # "linear", "inverse"
    group: str
    asset: Asset
    tokens: int = 1  # in one unit of base
    priced_in: Asset | None = None  # None: in dollars
    state: str = "live"  # "halted", "delisted", "dated", "test": a correct reader gives no row
    interval: int = HOUR  # seconds
    size: float = 1.0  # of one contract: in base units (linear), in dollars (inverse)
    expiry: int = 0  # Unix seconds; 0 = none
    rank: int = 0  # 0 is the venue's most traded

    @property
    def price(self) -> float:
        """Of one unit of base in quote, around which it walks."""
        return self.asset.price * self.tokens / (self.priced_in.price if self.priced_in else 1)

    @property
    def price_decimals(self) -> int:
        return min(PRICE_DECIMALS.get(self.exchange, 10), max(1, 6 - floor(log10(self.price))))

    @property
    def base_decimals(self) -> int:
        """Of an amount of base: as many as one contract has."""
        return max(0, round(-log10(self.size))) if self.kind == "linear" else 6

    @property
    def still(self) -> bool:
        """Its funding rate is 0, and not because it is unknown."""
        return self.asset.ticker == STILL


def contracts(seed: int, exchange: str, live: int, start: int) -> tuple[Contract, ...]:
    """`live` tradable ones, and among them the rows that a correct reader passes over."""
    names = LISTS[exchange]
    found = list(islice(_listed(seed, exchange, names), live))
    old = islice(invented(seed, "OLD"), 1 + live // 20)
    states = ("delisted", "halted")
    for index, asset in enumerate(old):
        found.append(replace(next(iter(names(asset))), state=states[index % 2]))
    found += odd(exchange, start)
    found = [_finished(seed, replace(contract, rank=rank)) for rank, contract in enumerate(found)]
    Random(f"{seed}:{exchange}:order").shuffle(found)
    return tuple(found)


def _listed(seed: int, exchange: str, names: Callable[[Asset], Iterator[Contract]]) -> Iterator[Contract]:
    for asset in assets(seed):
        elsewhere = asset.ticker.startswith("SIM") and Random(f"{seed}:{exchange}:{asset.ticker}").random() < 0.15
        if not elsewhere:
            yield from names(asset)


def _finished(seed: int, contract: Contract) -> Contract:
    random = Random(f"{seed}:{contract.exchange}:{contract.symbol}:terms")
    interval = random.choice(INTERVALS[contract.exchange]) * HOUR
    if contract.kind == "linear":
        contract = replace(contract, size=10.0 ** -floor(log10(contract.price)))  # one to ten units of quote each
    return replace(contract, interval=interval)


def _okx(asset: Asset) -> Iterator[Contract]:
    if asset.ticker == COLLISION.ticker:
        asset = COLLISION
    name = asset.ticker
    yield Contract("okx", f"{name}-USDT-SWAP", name, "USDT", "USDT", "linear", "SWAP", asset)
    if asset in MAJORS:
        dollars = 100.0 if asset is BTC else 10.0
        yield Contract("okx", f"{name}-USD-SWAP", name, "USD", name, "inverse", "SWAP", asset, size=dollars)
        yield Contract("okx", f"{name}-USD_UM-SWAP", name, "USD", "USD", "linear", "SWAP", asset)
        yield Contract("okx", f"{name}-USD_UM_XPERP-310404", name, "USD", "USD", "linear", "XPERP", asset)


def _binance(asset: Asset) -> Iterator[Contract]:
    tokens = SCALED["binance"].get(asset.ticker, 1)
    base = asset.ticker if tokens == 1 else f"{tokens}{asset.ticker}"
    group = "TRADIFI_PERPETUAL" if asset.stock else "PERPETUAL"
    yield Contract("binance", f"{base}USDT", base, "USDT", "USDT", "linear", group, asset, tokens)
    if asset in MAJORS:
        yield Contract("binance", f"{base}USDC", base, "USDC", "USDC", "linear", group, asset)
    if asset is ETH:
        yield Contract("binance", "ETHBTC", "ETH", "BTC", "BTC", "linear", group, asset, priced_in=BTC)


def _bybit(asset: Asset) -> Iterator[Contract]:
    tokens = SCALED["bybit"].get(asset.ticker, 1)
    base = asset.ticker if tokens == 1 else f"{tokens}{asset.ticker}"
    if asset.ticker == "SHIB":
        base = "SHIB1000"  # the one with the number behind
    yield Contract("bybit", f"{base}USDT", base, "USDT", "USDT", "linear", "linear", asset, tokens)
    if asset in MAJORS:
        yield Contract("bybit", f"{base}PERP", base, "USDC", "USDC", "linear", "linear", asset)
        yield Contract("bybit", f"{base}USD", base, "USD", base, "inverse", "inverse", asset)


def _hyperliquid(asset: Asset) -> Iterator[Contract]:
    if asset.stock:
        yield Contract("hyperliquid", f"xyz:{asset.ticker}", asset.ticker, "USDC", "USDC", "linear", "xyz", asset)
        yield Contract("hyperliquid", f"km:{asset.ticker}", asset.ticker, "USDH", "USDH", "linear", "km", asset)
        return
    tokens = SCALED["hyperliquid"].get(asset.ticker, 1)
    base = f"k{asset.ticker}" if tokens == 1_000 else asset.ticker
    yield Contract("hyperliquid", base, base, "USDC", "USDC", "linear", "", asset, tokens)
    if asset in MAJORS:
        yield Contract("hyperliquid", f"hyna:{base}", base, "USDE", "USDE", "linear", "hyna", asset)


def _kraken(asset: Asset) -> Iterator[Contract]:
    name = {"BTC": "XBT", "DOGE": "XDG"}.get(asset.ticker, asset.ticker)
    if asset.stock:
        name = f"{asset.ticker}x"
    base = name if asset.stock else asset.ticker
    yield Contract("kraken", f"PF_{name}USD", base, "USD", "USD", "linear", "PF", asset)
    if asset in MAJORS:
        yield Contract("kraken", f"PI_{name}USD", base, "USD", base, "inverse", "PI", asset)


def _gate(asset: Asset) -> Iterator[Contract]:
    if asset.stock:
        return
    name = asset.ticker
    yield Contract("gate", f"{name}_USDT", name, "USDT", "USDT", "linear", "usdt", asset)
    if asset is BTC:
        yield Contract("gate", "BTC_USD", "BTC", "USD", "BTC", "inverse", "btc", asset)
        meme = Asset("币安人生", 0.12)
        yield Contract("gate", f"{meme.ticker}_USDT", meme.ticker, "USDT", "USDT", "linear", "usdt", meme)


LISTS: Mapping[str, Callable[[Asset], Iterator[Contract]]] = {
    "okx": _okx,
    "binance": _binance,
    "bybit": _bybit,
    "hyperliquid": _hyperliquid,
    "kraken": _kraken,
    "gate": _gate,
}


def _dated(exchange: str, form: str, quote: str, kind: str, group: str, start: int) -> Contract:
    """A future on BTC that expires two months from `start`; `form` is its name, with strftime's words for the day."""
    expiry = (start // 86_400 + 60) * 86_400 + 8 * HOUR
    symbol = strftime(form, gmtime(expiry)).upper()
    settle = "BTC" if kind == "inverse" else quote
    return Contract(exchange, symbol, "BTC", quote, settle, kind, group, BTC, state="dated", size=1.0, expiry=expiry)


def odd(exchange: str, start: int) -> list[Contract]:
    """Rows that stand among the perpetuals and are none: dated futures, a test contract, dead twins of a live name."""
    gold, test = Asset("GOLD", 4_300), Asset("TEST01", 1.0)
    rows = {
        "okx": [
            _dated("okx", "BTC-USD-%y%m%d", "USD", "inverse", "DATED", start),
            Contract("okx", "TEST01-USDT-SWAP", "TEST01", "USDT", "USDT", "linear", "SWAP", test, state="test"),
        ],
        "binance": [_dated("binance", "BTCUSDT_%y%m%d", "USDT", "linear", "CURRENT_QUARTER", start)],
        "bybit": [
            _dated("bybit", "BTCUSDT-%d%b%y", "USDT", "linear", "linear", start),
            _dated("bybit", "BTCUSD-%d%b%y", "USD", "inverse", "inverse", start),
        ],
        "hyperliquid": [
            Contract("hyperliquid", "xyz:GOLD", "GOLD", "USDC", "USDC", "linear", "xyz", gold, state="delisted"),
            Contract("hyperliquid", "km:GOLD", "GOLD", "USDH", "USDH", "linear", "km", gold, state="delisted"),
        ],
        "kraken": [_dated("kraken", "FI_XBTUSD_%y%m%d", "USD", "inverse", "FI", start)],
    }
    return rows.get(exchange, [])
