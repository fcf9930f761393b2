"""Which rows may be ranked, averaged or paired, and how many were left out for what reason."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from funding.analysis.prices import Contract, Row
from funding.analysis.search import searcher

STALE, SUSPECT, NO_INTERVAL = "stale", "suspect", "of unknown interval"

NOTHING: Mapping[Contract, str] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of the rows that came in, or of figures made from them; and reason → how many of those that came in were left out."""

    rows: list[Any]
    left_out: Mapping[str, int]


def eligible(
    rows: Collection[Row],
    *,
    chosen: Callable[[Row], bool] | None = None,
    kept_out: Mapping[Contract, str] = NOTHING,
    yields: bool = True,
) -> Found:
    """The rows that are fresh, are what they say they are and, if `yields`, have an annualised rate.

    Whose price is not that of its asset has been marked `suspect` before: price_suspects() does so. `chosen` says which
    rows are meant, and only those are given or counted. `kept_out`: contract → why it may not take part, as a caller
    knows it ("being delisted", "not trading yet"): counted under these words.
    """
    good: list[Row] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        if chosen is not None and not chosen(row):
            continue
        reason = _reason(row, kept_out, yields)
        if reason is None:
            good.append(row)
        else:
            left_out[reason] += 1
    return Found(good, left_out)


def _reason(row: Row, kept_out: Mapping[Contract, str], yields: bool) -> str | None:
    if kept_out and (contract := (row["exchange"], row["symbol"])) in kept_out:
        return kept_out[contract]
    if row["stale"]:
        return STALE
    if row["suspect"] is not None:
        return SUSPECT
    return NO_INTERVAL if yields and row["annualized_pct"] is None else None


def among(
    exchanges: Collection[str] = (), *, min_volume_usd: float = 0, kind: str = "", search: str = ""
) -> Callable[[Row], bool]:
    """A `chosen` for the usual filters; empty: all. A minimum above 0 leaves out what is not known to reach it.

    `search` looks at the asset alone.
    """
    finds = searcher(search)

    def chosen(row: Row) -> bool:
        return (
            (not exchanges or row["exchange"] in exchanges)
            and (not min_volume_usd or (row["volume_24h_usd"] or 0) >= min_volume_usd)
            and (not kind or row["kind"] == kind)
            and (not search or finds([row["asset"]]))
        )

    return chosen


def notices(left_out: Mapping[str, int]) -> list[str]:
    """One sentence, or none: "8 rows left out: 5 stale, 3 suspect"."""
    total = sum(left_out.values())
    if not total:
        return []
    parts = [f"{number} {reason}" for reason, number in sorted(left_out.items(), key=lambda item: (-item[1], item[0]))]
    return [f"{total} row{'s' if total > 1 else ''} left out: {', '.join(parts)}"]
