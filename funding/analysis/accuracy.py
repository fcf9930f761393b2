"""How near what exchanges quote comes to what they charge: predicted against settled, exchange by exchange."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from funding.analysis.current import NOISE

LEADS = ("10m", "1h", "4h")  # before the settlement
FIELDS = (
    "exchange", "settlements", "not_confirmed",
    *(f"{what}_{lead}{unit}" for lead in LEADS
      for what, unit in (("mean_absolute_error", "_pct"), ("bias", "_pct"), ("settlements", ""))),
)  # fmt: skip


@dataclass(slots=True)
class Errors:
    """Of one exchange at one lead, as they are added up."""

    number: int = 0
    signed: float = 0.0
    absolute: float = 0.0


@dataclass(slots=True)
class Tally:
    """Of one exchange."""

    settlements: int = 0
    not_confirmed: int = 0
    errors: dict[str, Errors] = field(default_factory=lambda: {lead: Errors() for lead in LEADS})


def accuracy(sums: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with FIELDS, by exchange, from sums over settlements of one exchange and source each.

    A sum has exchange, source, settlements, and for each of LEADS settlements_*, of which a quote is known, error_*, the
    sum of predicted - settled, and absolute_error_*. Rates are fractions of notional per interval.
    mean_absolute_error_*_pct = mean(|error|) × 100; bias_*_pct = mean(error) × 100: above 0, more was quoted than was
    charged. Both in percentage points of one interval's rate, over settlements_*; None where there is none.
    Only what the exchange itself says it charged is counted (`settlements`). The others (`not_confirmed`) are our own last
    observation, which would be measured against itself.
    Example: quoted 0.0003 and 0.0001, charged 0.0002 both times: mean absolute error 0.01, bias 0.
    """
    tallies: dict[str, Tally] = defaultdict(Tally)
    for one in sums:
        tally = tallies[one["exchange"]]
        if one["source"] != "venue":
            tally.not_confirmed += one["settlements"]
            continue
        tally.settlements += one["settlements"]
        for lead, errors in tally.errors.items():
            errors.number += one[f"settlements_{lead}"]
            errors.signed += one[f"error_{lead}"]
            errors.absolute += one[f"absolute_error_{lead}"]
    return [_row(exchange, tally) for exchange, tally in sorted(tallies.items())]


def _row(exchange: str, tally: Tally) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "exchange": exchange,
        "settlements": tally.settlements,
        "not_confirmed": tally.not_confirmed,
    }
    for lead, errors in tally.errors.items():
        known = errors.number > 0
        figures[f"mean_absolute_error_{lead}_pct"] = _mean_pct(errors.absolute, errors.number) if known else None
        figures[f"bias_{lead}_pct"] = _mean_pct(errors.signed, errors.number) if known else None
        figures[f"settlements_{lead}"] = errors.number
    return figures


def _mean_pct(total: float, number: int) -> float:
    return round(total / number * 100, NOISE)
