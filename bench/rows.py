"""Cycles of rates as exchanges would give them, invented from a seed. The n-th cycle is five minutes after the one before."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from string import ascii_uppercase

from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.exchanges import Declaration

CONTRACTS, EXCHANGES = 6800, 59
BASE = 1_795_478_400  # midnight, so a multiple of every interval
CYCLE, HOUR = 300, 3600
FEW_HOURS = 4  # every fourth contract pays each hour, the others every eight


def moment(number: int, base: int = BASE) -> int:
    """When the n-th cycle was observed. By default cycles 0 to 10 lie between two full hours."""
    return base + CYCLE + number * CYCLE


def coins(random: Random, count: int) -> list[str]:
    """Tickers in no order, as exchanges list them; BTC is the second."""
    found = dict.fromkeys(["ETH", "BTC"])
    while len(found) < count:
        found["".join(random.choices(ascii_uppercase, k=random.randint(3, 6)))] = None
    return list(found)[:count]


class Market:
    """The rates of every contract, cycle after cycle. Half of them move a little each time, half stay until they are paid."""

    def __init__(self, seed: int, contracts: int = CONTRACTS, exchanges: int = EXCHANGES, base: int = BASE) -> None:
        self._random = Random(seed)
        self._base = base
        self._coins = coins(self._random, -(-contracts // exchanges))
        self._rates = [self._first(*divmod(place, exchanges), place) for place in range(contracts)]
        self.names = [f"exchange{number:02d}" for number in range(exchanges)]

    def declarations(self) -> list[Declaration]:
        return [Declaration(name, name.title(), "cex", 1, 4, "10 a second", 0.01) for name in self.names]

    def cycle(self, number: int) -> list[Outcome]:
        """One outcome per exchange."""
        at = moment(number, self._base)
        self._rates = [self._moved(place, rate, at) for place, rate in enumerate(self._rates)]
        by_exchange: dict[str, list[Rate]] = {name: [] for name in self.names}
        for rate in self._rates:
            by_exchange[rate.exchange].append(rate)
        return [_outcome(name, at, rates) for name, rates in by_exchange.items()]

    def _first(self, coin: int, exchange: int, place: int) -> Rate:
        base, hours = self._coins[coin], 1 if place % FEW_HOURS == 0 else 8
        return Rate(
            exchange=f"exchange{exchange:02d}",
            symbol=f"{base}-USDT-SWAP",
            base=base,
            asset=base,
            asset_class="crypto",
            quote="USDT",
            settle="USDT",
            kind="linear",
            funding_rate=self._drawn(),
            funding_interval_hours=hours,
            mark_price=round(self._random.lognormvariate(1, 3), 6),
            observed_at=self._base,
        )

    def _moved(self, place: int, rate: Rate, at: int) -> Rate:
        draw, hours = self._random, rate.funding_interval_hours or 8
        due = int((at // (hours * HOUR) + 1) * hours * HOUR)
        paid = rate.next_funding_time != due
        now = self._drawn() if paid else rate.funding_rate + (draw.gauss(0, 2e-6) if place % 2 else 0)
        price = (rate.mark_price or 1) * draw.uniform(0.999, 1.001)
        return replace(
            rate,
            funding_rate=round(now, 8),
            next_funding_time=due,
            mark_price=round(price, 6),
            index_price=round(price * 1.0002, 6),
            open_interest_usd=round(draw.uniform(1e4, 1e8), 2),
            volume_24h_usd=round(draw.uniform(1e4, 1e9), 2),
            exchange_at=at - 1,
            observed_at=at,
        )

    def _drawn(self) -> float:
        return round(self._random.gauss(1e-4, 2e-4), 8)


def together(outcomes: list[Outcome]) -> Outcome:
    """All rates as if one exchange had given them, under the first one's name."""
    rates = [
        replace(rate, exchange=outcomes[0].exchange, symbol=f"{rate.exchange}:{rate.symbol}")
        for rate in all_of(outcomes)
    ]
    return _outcome(outcomes[0].exchange, outcomes[0].started_at, rates)


def all_of(outcomes: list[Outcome]) -> Iterator[Rate]:
    for outcome in outcomes:
        yield from outcome.rates


def _outcome(name: str, at: int, rates: list[Rate]) -> Outcome:
    return Outcome(exchange=name, started_at=at - 2, took_seconds=1.5, calls=4, rates=tuple(rates))
