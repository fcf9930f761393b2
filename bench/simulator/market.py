"""The synthetic market: what every contract stands at, at any moment, as a pure function of the seed. No clock, no text."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from random import Random

from bench.simulator.assets import Asset
from bench.simulator.contracts import HOUR, ON_GRID, Contract, contracts
from bench.simulator.walk import Walk, draw

DAY = 86_400
RATE_DECIMALS = {"okx": 10, "binance": 8, "bybit": 8, "hyperliquid": 10, "kraken": 12, "gate": 6}
FIXED = ("kraken",)  # the rate of the running hour is set at its start
GIVES_VALUE = ("okx", "bybit")  # open interest in dollars; elsewhere in base units, so that the reader multiplies
HEATS = (0.3, 0.6, 1.0, 1.0, 1.5, 2.5, 6.0)  # how wild a contract's rate is


@dataclass(frozen=True, slots=True)
class Truth:
    """What a correct reader gives for a live contract. None: nobody can know it from the venue's answers.

    Units as in the product: fraction per interval, Unix seconds, price in quote, dollars, one side.
    """

    symbol: str
    base: str
    quote: str
    settle: str
    kind: str
    funding_rate: float
    funding_interval_hours: float
    next_funding_time: int
    mark_price: float
    index_price: float
    open_interest_usd: float | None
    volume_24h_usd: float | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A rate that was charged at `time`, and the mark price then."""

    time: int
    rate: float
    interval_hours: float
    mark_price: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A contract at a moment. `interest` (one side) and `volume` (24 h) are whole contracts."""

    contract: Contract
    funding_rate: float
    last_rate: float
    last_time: int
    next_time: int
    index_price: float
    mark_price: float
    last_price: float
    interest: int
    volume: int

    @property
    def interest_base(self) -> float:
        return self._base(self.interest, self.mark_price)

    @property
    def volume_base(self) -> float:
        return self._base(self.volume, self.last_price)

    @property
    def interest_quote(self) -> float:
        """In quote (dollars, but for a contract priced in coin), to the cent."""
        if self.contract.kind == "inverse":
            return self.interest * self.contract.size
        return round(self.interest_base * self.mark_price, 2)

    @property
    def volume_quote(self) -> float:
        """In quote; in dollars whole ones."""
        if self.contract.kind == "inverse":
            return self.volume * self.contract.size
        return round(self.volume_base * self.last_price, 4 if self.contract.priced_in else 0)

    def _base(self, amount: int, price: float) -> float:
        contract = self.contract
        coins = amount * contract.size / (price if contract.kind == "inverse" else 1)
        return round(coins, contract.base_decimals)


@dataclass(frozen=True, slots=True)
class Life:
    """What moves one contract: levels (the rate's is per eight hours) and the walks around them."""

    level: float
    swing: float
    rate: Walk
    basis: Walk
    interest_usd: float
    volume_usd: float
    size: Walk


class Market:
    """Contracts of several exchanges. `exchanges`: id → how many live ones. All times are Unix seconds.

    `first_settlement`: seconds after `start`, rounded up to a whole minute, at which every contract of a venue that
    reports its next time is settled for the first time, then by its interval; None: at whole multiples of the interval.
    `past_days`: how far settled history reaches back from `start`.
    """

    def __init__(
        self,
        seed: int,
        exchanges: Mapping[str, int],
        start: int,
        *,
        first_settlement: int | None = None,
        past_days: float = 30,
        relative_rates: bool = False,
    ) -> None:
        self.seed = seed
        self.start = start
        self.since = start - int(past_days * DAY)
        self.relative_rates = relative_rates  # kraken's newer answers: the fraction beside the absolute rate
        self._phase = 0 if first_settlement is None else -(-(start + first_settlement) // 60) * 60
        self.contracts = {name: contracts(seed, name, live, start) for name, live in exchanges.items()}
        self._by_symbol = {name: {c.symbol: c for c in rows} for name, rows in self.contracts.items()}
        self._lives = {c: self._life(c) for rows in self.contracts.values() for c in rows}
        self._price_walks: dict[Asset, Walk] = {}
        self._rate_walks: dict[str, Walk] = {}
        self._quotes: dict[str, tuple[int, list[Quote]]] = {}  # of the last moment asked for

    def contract(self, exchange: str, symbol: str) -> Contract | None:
        return self._by_symbol[exchange].get(symbol)

    def quotes(self, exchange: str, now: int) -> list[Quote]:
        """Of every contract, also those that a correct reader passes over."""
        moment, quotes = self._quotes.get(exchange, (None, []))
        if moment != now:
            quotes = [self.quote(contract, now) for contract in self.contracts[exchange]]
            self._quotes[exchange] = (now, quotes)
        return quotes

    def quote(self, contract: Contract, now: int) -> Quote:
        life = self._lives[contract]
        index, mark, last = self._prices(contract, now)
        due, interest, volume = self._next(contract, now), life.interest_usd, life.volume_usd
        worth = contract.size * (self._dollars(contract, now) if contract.kind == "linear" else 1)
        busy = life.size.at(now)
        return Quote(
            contract=contract,
            funding_rate=self._rate(contract, now, due),
            last_rate=self._rate(contract, due - contract.interval, due - contract.interval),
            last_time=due - contract.interval,
            next_time=due,
            index_price=index,
            mark_price=mark,
            last_price=last,
            interest=round(interest * (1 + 0.4 * busy) / worth),
            volume=round(volume * (1 + 0.8 * busy) / worth),
        )

    def truth(self, exchange: str, now: int) -> list[Truth]:
        """Of every live contract, by symbol."""
        rows = [_truth(quote) for quote in self.quotes(exchange, now) if quote.contract.state == "live"]
        return sorted(rows, key=lambda row: row.symbol)

    def settled(self, exchange: str, symbol: str, since: int, until: int) -> list[Settled]:
        """What was charged from `since` to `until`, both included, oldest first. Raises KeyError for an unknown symbol."""
        contract = self._by_symbol[exchange][symbol]
        if contract.state == "dated":
            return []
        first = self._next(contract, max(since, self.since) - 1)
        return [self._settled(contract, time) for time in range(first, until + 1, contract.interval)]

    def _settled(self, contract: Contract, time: int) -> Settled:
        _, mark, _ = self._prices(contract, time)
        return Settled(time, self._rate(contract, time, time), contract.interval / HOUR, mark)

    def _next(self, contract: Contract, now: int) -> int:
        """The first settlement after `now`."""
        phase = 0 if contract.exchange in ON_GRID else self._phase
        return now + contract.interval - (now - phase) % contract.interval

    def _rate(self, contract: Contract, now: int, due: int) -> float:
        """As seen at `now`, of the payment at `due`."""
        if contract.still:
            return 0.0
        moment = due - contract.interval if contract.exchange in FIXED else now
        life, common = self._lives[contract], self._rate_walk(contract.asset.ticker)
        eight_hours = life.level + life.swing * (0.5 * common.at(moment) + 0.5 * life.rate.at(moment))
        return round(eight_hours * contract.interval / (8 * HOUR), RATE_DECIMALS[contract.exchange])

    def _prices(self, contract: Contract, now: int) -> tuple[float, float, float]:
        """Index, mark and last price in quote, as the venue writes them."""
        price = self._dollars(contract, now)
        if contract.priced_in:
            price /= contract.priced_in.price * self._swing(contract.priced_in, now)
        digits = contract.price_decimals
        mark = price * (1 + 0.001 * self._lives[contract].basis.at(now))
        return round(price, digits), round(mark, digits), round(mark * 1.0003, digits)

    def _dollars(self, contract: Contract, now: int) -> float:
        """The price of one unit of base in dollars."""
        return contract.asset.price * contract.tokens * self._swing(contract.asset, now)

    def _swing(self, asset: Asset, now: int) -> float:
        """The same on every exchange."""
        walk = self._price_walks.get(asset)
        if walk is None:
            walk = self._price_walks[asset] = draw(Random(f"{self.seed}:price:{asset.ticker}:{asset.stock}"))
        return exp(0.2 * walk.at(now))

    def _rate_walk(self, ticker: str) -> Walk:
        if ticker not in self._rate_walks:
            self._rate_walks[ticker] = draw(Random(f"{self.seed}:rate:{ticker}"))
        return self._rate_walks[ticker]

    def _life(self, contract: Contract) -> Life:
        random = Random(f"{self.seed}:{contract.exchange}:{contract.symbol}")
        dollars = 4e9 / (1 + contract.rank) ** 1.1 * random.uniform(0.5, 1.5)
        return Life(
            level=random.choice((0.0, 0.00005, 0.0001)),
            swing=0.0005 * random.choice(HEATS),
            rate=draw(random),
            basis=draw(random),
            interest_usd=dollars,
            volume_usd=dollars * random.uniform(0.5, 3),
            size=draw(random),
        )


def _truth(quote: Quote) -> Truth:
    contract = quote.contract
    in_coin = contract.priced_in is not None  # amounts of bitcoin are no dollars
    return Truth(
        symbol=contract.symbol,
        base=contract.base,
        quote=contract.quote,
        settle=contract.settle,
        kind=contract.kind,
        funding_rate=quote.funding_rate,
        funding_interval_hours=contract.interval / HOUR,
        next_funding_time=quote.next_time,
        mark_price=quote.mark_price,
        index_price=quote.index_price,
        open_interest_usd=None if in_coin else _interest_usd(quote),
        volume_24h_usd=None if in_coin else _volume_usd(quote),
    )


def _interest_usd(quote: Quote) -> float:
    if quote.contract.kind == "inverse" or quote.contract.exchange in GIVES_VALUE:
        return quote.interest_quote
    return quote.interest_base * quote.mark_price


def _volume_usd(quote: Quote) -> float:
    if quote.contract.exchange == "okx":  # it gives coins and the last price
        return quote.volume_base * quote.last_price
    return quote.volume_quote
