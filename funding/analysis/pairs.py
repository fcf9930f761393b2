"""Which pairs there are: one asset, two exchanges, both contracts fresh, what they say they are, and as large as is wanted."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from funding.analysis.current import HOURS_A_YEAR
from funding.analysis.eligible import NOTHING, eligible, notices
from funding.analysis.fees import Fees
from funding.analysis.legs import Leg, Pair, all_pairs, any_pair, best_pairs
from funding.analysis.prices import Contract, Row, currency
from funding.analysis.search import searcher

FILLS = 2  # a leg is entered once and left once
MOST_PAIRS = 1000
NO_FEES_KNOWN = "without known fees"
UNKNOWN_VOLUME, UNKNOWN_OPEN_INTEREST = "of unknown volume", "of unknown open interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pairs. Minimums are for each leg; 0 asks for nothing. Empty collections ask for nothing.

    `exchanges`: both legs are on these; where it is one alone, one leg is there and the other on any. `assets` are
    canonical. `search` picks from the pairs that there would be without it. Raises ValueError for a holding time that is
    not above 0.
    """

    min_yield_pct: float = 0  # net, annualised
    min_volume_usd: float = 1_000_000
    min_open_interest_usd: float = 0
    exchanges: Collection[str] = ()
    exclude_exchanges: Collection[str] = ()
    assets: Collection[str] = ()
    quotes: Collection[str] = ()
    kind: str = ""
    search: str = ""
    holding_hours: float = 168
    every: bool = False  # every pair, not each asset's best alone

    def __post_init__(self) -> None:
        if not self.holding_hours > 0:
            raise ValueError(f"a position is held for more than 0 hours, not {self.holding_hours}")

    def takes(self, row: Row) -> bool:
        """Whether a contract may be a leg, as far as its names tell."""
        return (
            (len(self.exchanges) < 2 or row["exchange"] in self.exchanges)
            and row["exchange"] not in self.exclude_exchanges
            and (not self.assets or row["asset"] in self.assets)
            and (not self.quotes or row["quote"] in self.quotes)
            and (not self.kind or row["kind"] == self.kind)
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """The best first. `notices` says in words what was left out."""

    pairs: list[Pair]
    notices: list[str]


def find_pairs(rows: Collection[Row], fees: Fees, wanted: Wanted, kept_out: Mapping[Contract, str] = NOTHING) -> Pairs:
    """The pairs that are wanted, by net annualised yield. `rows`, `kept_out`: see eligible().

    Both legs are of one asset, on two exchanges, and quoted in dollars or in one other currency. "Best"
    is the highest net of an asset: where fees differ, that need not be the widest spread. At most MOST_PAIRS are given.
    """
    found = eligible(rows, chosen=wanted.takes, kept_out=kept_out)
    left_out = Counter(found.left_out)
    legs: list[Leg] = []
    without_fees: set[str] = set()
    for row in found.rows:
        reason = _unknown(row, wanted)
        taker_pct = fees.taker_pct(row["exchange"], row["symbol"])
        if reason is None and taker_pct is None:
            reason = NO_FEES_KNOWN
            without_fees.add(row["exchange"])
        if reason is not None:
            left_out[reason] += 1
        elif taker_pct is not None and _is_large(row, wanted):
            legs.append(_leg(row, taker_pct, wanted.holding_hours))
    pairs, more = _ranked(legs, wanted)
    words = [*notices(left_out), *_words_on_fees(without_fees)]
    return Pairs(pairs, [*words, f"only the {MOST_PAIRS} pairs of highest net yield are given"] if more else words)


def _ranked(legs: list[Leg], wanted: Wanted) -> tuple[list[Pair], bool]:
    through = next(iter(wanted.exchanges)) if len(wanted.exchanges) == 1 else None
    fits = _found_by(wanted.search) if wanted.search else any_pair
    if wanted.every:
        return all_pairs(legs, wanted.min_yield_pct, MOST_PAIRS, through, fits=fits)
    return list(filter(fits, best_pairs(legs, wanted.min_yield_pct, through))), False


def _found_by(search: str) -> Callable[[Pair], bool]:
    finds = searcher(search)
    return lambda pair: finds(
        [
            pair.short.row["asset"],
            *(leg.row[name] for leg in (pair.short, pair.long) for name in ("exchange", "symbol")),
        ]
    )


def _unknown(row: Row, wanted: Wanted) -> str | None:
    if wanted.min_volume_usd and row["volume_24h_usd"] is None:
        return UNKNOWN_VOLUME
    return UNKNOWN_OPEN_INTEREST if wanted.min_open_interest_usd and row["open_interest_usd"] is None else None


def _is_large(row: Row, wanted: Wanted) -> bool:
    return (row["volume_24h_usd"] or 0) >= wanted.min_volume_usd and (
        row["open_interest_usd"] or 0
    ) >= wanted.min_open_interest_usd


def _words_on_fees(exchanges: Collection[str]) -> list[str]:
    if not exchanges:
        return []
    return [f"the fees of {', '.join(sorted(exchanges))} are not known: give your own, or ask without fees"]


def _leg(row: Row, taker_pct: float, holding_hours: float) -> Leg:
    """Fees in and out of one leg, spread over the holding: annualised % = 2 × taker_pct × 8760 / holding_hours."""
    yearly, fees = row["annualized_pct"], FILLS * taker_pct * HOURS_A_YEAR / holding_hours
    group = (row["asset"], currency(row))
    return Leg(
        group=group,
        exchange=row["exchange"],
        taker_fee_pct=taker_pct,
        rate=yearly,
        earns=yearly - fees,
        costs=yearly + fees,
        depth=row["volume_24h_usd"] or 0.0,
        row=row,
    )
