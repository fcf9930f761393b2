"""Two legs make a pair: short the one that earns most, long the one that costs least, on two exchanges. Knows no exchange."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

# figure, depth, exchange, symbol: the smallest comes first, and no two are the same
Rank = tuple[float, float, str, str]


@dataclass(frozen=True, slots=True)
class Leg:
    """One contract as either side of a pair, in annualised per cent. `group`: only legs of one group may pair.

    `earns` is what it brings as the short leg, `costs` what it takes as the long one, both with its own fees, so that a
    pair's net is short.earns - long.costs. `rate` is the same without fees.
    """

    group: tuple[str, str]
    exchange: str
    taker_fee_pct: float  # per fill
    rate: float
    earns: float
    costs: float
    depth: float  # of two that are equal, the deeper counts
    row: Mapping[str, Any]

    @property
    def as_short(self) -> Rank:
        return -self.earns, -self.depth, self.exchange, self.row["symbol"]

    @property
    def as_long(self) -> Rank:
        return self.costs, -self.depth, self.exchange, self.row["symbol"]


@dataclass(frozen=True, slots=True)
class Pair:
    short: Leg
    long: Leg

    @property
    def net(self) -> float:
        return self.short.earns - self.long.costs

    @property
    def place(self) -> tuple[float, tuple[str, str], Rank, Rank]:
        return -self.net, self.short.group, self.short.as_short, self.long.as_long


Fits = Callable[[Pair], bool]
Side = tuple[list[Leg], list[Leg]]  # those that may be short, the best first; those that may be long, likewise


def any_pair(_pair: Pair) -> bool:
    return True


def best_pairs(legs: Iterable[Leg], least: float, through: str | None = None) -> list[Pair]:
    """Each group's best pair, if its net is `least` or more; the best first. `through`: one leg is on that exchange."""
    found = [pair for group in _groups(legs) for pair in _top(_sides(group, through), least, 1)]
    return sorted(found, key=attrgetter("place"))


def all_pairs(
    legs: Iterable[Leg], least: float, most: int, through: str | None = None, *, fits: Fits = any_pair
) -> tuple[list[Pair], bool]:
    """The `most` best pairs of all groups that fit, the best first, and whether there are more.

    Never holds more than one too many.
    """
    sides = (side for group in _groups(legs) for side in _sides(group, through))
    found = sorted(_top(sides, least, most + 1, fits), key=attrgetter("place"))
    return found[:most], len(found) > most


def _groups(legs: Iterable[Leg]) -> list[list[Leg]]:
    """By name; without those in which there is nothing to earn because all rates are the same."""
    found: dict[tuple[str, str], list[Leg]] = defaultdict(list)
    for leg in legs:
        found[leg.group].append(leg)
    return [group for _, group in sorted(found.items()) if len({leg.rate for leg in group}) > 1]


def _sides(group: list[Leg], through: str | None) -> Iterator[Side]:
    shorts, longs = sorted(group, key=attrgetter("as_short")), sorted(group, key=attrgetter("as_long"))
    if through is None:
        yield shorts, longs
    else:
        yield [leg for leg in shorts if leg.exchange == through], [leg for leg in longs if leg.exchange != through]
        yield [leg for leg in shorts if leg.exchange != through], [leg for leg in longs if leg.exchange == through]


def _top(sides: Iterable[Side], least: float, most: int, fits: Fits = any_pair) -> list[Pair]:
    """The `most` pairs of greatest net, in no order; of two that are equal, the one met first."""
    heap: list[tuple[float, int, Pair]] = []

    def is_enough(net: float) -> bool:
        return net >= least and (len(heap) < most or net > heap[0][0])

    for number, pair in enumerate(filter(fits, _walk(sides, is_enough))):
        entry = (pair.net, -number, pair)
        if len(heap) < most:
            heapq.heappush(heap, entry)
        else:
            heapq.heapreplace(heap, entry)
    return [pair for _, _, pair in heap]


def _walk(sides: Iterable[Side], is_enough: Callable[[float], bool]) -> Iterator[Pair]:
    """The pairs whose net is enough. Longs are ranked, so the first that is not enough ends a short's list."""
    for shorts, longs in sides:
        for short in shorts:
            for long in longs:
                if not is_enough(short.earns - long.costs):
                    break
                if short.exchange != long.exchange and short.rate > long.rate:
                    yield Pair(short, long)
