"""Whether a contract's price is that of its asset: the test that keeps two assets of one name, or of two units, from pairing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

TOLERANCE = 0.10  # real contracts of one asset lie within it, and nothing comes next until 32 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One contract as it stands now. None means unknown.

    `mark_price` is in US dollars (or a dollar stablecoin) per priced unit of `multiplier` tokens: a caller gives None for a
    contract quoted in anything else, and for a stale one.
    """

    asset: str
    exchange: str
    symbol: str
    mark_price: float | None
    multiplier: float
    open_interest_usd: float | None

    @property
    def price(self) -> float | None:
        """Dollars per token."""
        return None if self.mark_price is None else self.mark_price / self.multiplier


def find_suspects(markets: Iterable[Market]) -> dict[tuple[str, str], str]:
    """(exchange, symbol) → why, for every contract whose price per token is not that of its asset.

    The asset's price is that of its deepest market by open interest. The median would not do: more venues may list the
    wrong asset. Where the deepest market cannot be told (no open interest is known, or several have the same) and the
    candidates disagree, no one's price is taken: all contracts of the asset are suspect. A contract without a price is not
    judged, nor is one that stands alone.
    """
    suspects: dict[tuple[str, str], str] = {}
    for asset, priced in _by_asset(markets).items():
        deepest = _deepest(priced)
        prices = [price for price, _ in deepest]
        if not _agree(max(prices), min(prices)):
            reason = _words_of_doubt(asset, deepest)
            suspects |= {(market.exchange, market.symbol): reason for _, market in priced}
            continue
        reference = deepest[0]
        for price, market in priced:
            if not _agree(price, reference[0]):
                suspects[market.exchange, market.symbol] = _words(asset, price, reference)
    return suspects


Priced = tuple[float, Market]  # dollars per token, the contract


def _by_asset(markets: Iterable[Market]) -> dict[str, list[Priced]]:
    """In the order of exchange and symbol, so that the answer does not depend on the order of the rows."""
    found: dict[str, list[Priced]] = defaultdict(list)
    for market in sorted(markets, key=lambda market: (market.exchange, market.symbol)):
        if market.price is not None:
            found[market.asset].append((market.price, market))
    return found


def _deepest(priced: list[Priced]) -> list[Priced]:
    """Those with the greatest open interest: one, several that tie, or all if none is known. 0 says as little as None."""
    depth = max(market.open_interest_usd or 0 for _, market in priced)
    return [(price, market) for price, market in priced if (market.open_interest_usd or 0) == depth]


def _agree(price: float, reference: float) -> bool:
    return abs(price - reference) <= TOLERANCE * reference


def _words(asset: str, price: float, reference: Priced) -> str:
    there, market = reference
    return (
        f"price per token {price:.6g} is {price / there:.4g} times that of {asset}'s deepest market, "
        f"{market.exchange}:{market.symbol} at {there:.6g}"
    )


def _words_of_doubt(asset: str, deepest: list[Priced]) -> str:
    cause = "its deepest markets are of one size" if deepest[0][1].open_interest_usd else "no open interest is known"
    prices = [price for price, _ in deepest]
    return f"prices per token of {asset} lie between {min(prices):.6g} and {max(prices):.6g}, and {cause}"
