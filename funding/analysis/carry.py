"""What holding a position for some hours pays, settlement by settlement: as charged up to now, from the current rate after it.

The notional stays what it was at the start: no price moves in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from funding.analysis.charges import HOUR, Charges, is_whole, unknown_times
from funding.analysis.coming import coming
from funding.analysis.current import HOURS_A_YEAR, NOISE
from funding.analysis.fees import Fees
from funding.analysis.prices import Row, currency

SUMS = ("funding_pct", "fees_pct", "net_pct", "funding_amount", "fees_amount", "net_amount")
FIELDS = (
    "start_at", "end_at", "hours", "notional", *SUMS, "net_annualized_pct", "fee_model", "legs", "ledger", "notices",
)  # fmt: skip
LEG_FIELDS = ("leg", "exchange", "symbol", "quote", "settlements", *SUMS)
LEDGER_FIELDS = (
    "paid_at",
    "leg",
    "exchange",
    "symbol",
    "what",
    "funding_rate",
    "rate_source",
    "pct",
    "amount",
    "quote",
)

LONGEST_HOURS = 8760
SIGNS = {"long": -1, "short": 1}  # a positive rate is paid by longs and received by shorts
FUNDING, FEE_IN, FEE_OUT = "funding", "fee in", "fee out"
SETTLED, CURRENT = "settled", "current"

NOTHING = Charges()

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A leg: "long" or "short", its row of `current`, and, where the start is past, what the contract charged.

    `charges` begin one settlement before the start or earlier, so that a time without any is seen to be one.
    """

    leg: str
    row: Row
    charges: Charges = NOTHING


@dataclass(frozen=True, slots=True)
class Terms:
    """`start`, `end`, `now`: Unix seconds. `notional`: of each leg, in its quote."""

    start: int
    end: int
    now: int
    notional: float
    fees: Fees


def carry(legs: Sequence[Held], start: int, hours: float, notional: float, now: int, fees: Fees) -> dict[str, Any]:
    """A dict with FIELDS; its legs have LEG_FIELDS, its ledger LEDGER_FIELDS, by time.

    A settlement counts if start < its time <= end: who enters at the very moment has not held yet, who leaves at it has.
    So two holdings one after the other count each settlement once. Up to `now` the settlements are those in `charges`;
    after it they fall at next_funding_time + k × interval, each at the current rate, as if that stayed.
    amount = sign × rate × notional, the sign -1 for the long leg: above 0 is received. Fees: taker, once in and once out.
    pct: per cent of one leg's notional. net_annualized_pct = net_pct × 8760 / hours.
    A sum of which a part is not known is None, and `notices` say why. Raises ValueError for terms without sense.
    Example: short 10 000 at 0.0001 every 8 h for 24 h from 00:00, taker 0.05 %: paid at 8, 16 and 24 h, 1 each: funding 3,
    fees -10, net -7, which is -0.07 %.
    """
    if not 0 < hours <= LONGEST_HOURS:
        raise ValueError(f"a position is held for more than 0 and at most {LONGEST_HOURS} hours, not {hours:g}")
    if not notional > 0:
        raise ValueError(f"a notional is above 0, not {notional:g}")
    terms = Terms(start, start + round(hours * HOUR), now, notional, fees)
    ledger: list[Entry] = []
    rows: list[dict[str, Any]] = []
    notices: list[str] = []
    for held in legs:
        entries, doubts = list(_entries(held, terms)), list(_doubts(held, terms))
        ledger += entries
        notices += doubts
        rows.append(_leg(held, entries, is_known=not doubts))
    sums = {name: _sum(row[name] for row in rows) for name in SUMS}
    if len({currency(held.row) for held in legs}) > 1:
        sums |= {name: None for name in SUMS if name.endswith("_amount")}
    net_pct = sums["net_pct"]
    return {
        "start_at": terms.start,
        "end_at": terms.end,
        "hours": hours,
        "notional": notional,
        **sums,
        "net_annualized_pct": None if net_pct is None else round(net_pct * HOURS_A_YEAR / hours, NOISE),
        "fee_model": fees.model,
        "legs": rows,
        "ledger": sorted(ledger, key=itemgetter("paid_at")),
        "notices": [*notices, *_warnings(legs, terms)],
    }


def _entries(held: Held, terms: Terms) -> Iterator[Entry]:
    """The ledger of a leg, by time."""
    fee = terms.fees.taker_pct(held.row["exchange"], held.row["symbol"])
    fee_pct = None if fee is None else -fee
    yield _entry(held, terms, terms.start, FEE_IN, fee_pct)
    for moment, rate in zip(held.charges.times, held.charges.rates, strict=True):
        if terms.start < moment <= min(terms.end, terms.now):
            yield _entry(held, terms, moment, FUNDING, SIGNS[held.leg] * rate * 100, rate, SETTLED)
    for moment in coming(held.row, max(terms.start, terms.now), terms.end):
        rate = held.row["funding_rate"]
        yield _entry(held, terms, moment, FUNDING, SIGNS[held.leg] * rate * 100, rate, CURRENT)
    yield _entry(held, terms, terms.end, FEE_OUT, fee_pct)


def _entry(
    held: Held,
    terms: Terms,
    paid_at: int,
    what: str,
    pct: float | None,
    rate: float | None = None,
    source: str | None = None,
) -> Entry:
    return {
        "paid_at": paid_at,
        "leg": held.leg,
        "exchange": held.row["exchange"],
        "symbol": held.row["symbol"],
        "what": what,
        "funding_rate": rate,
        "rate_source": source,
        "pct": None if pct is None else round(pct, NOISE) + 0.0,  # no -0.0
        "amount": None if pct is None else round(pct / 100 * terms.notional, NOISE) + 0.0,
        "quote": held.row["quote"],
    }


def _doubts(held: Held, terms: Terms) -> Iterator[str]:
    """Why the funding of a leg is not known."""
    row, past = held.row, min(terms.end, terms.now)
    hours, due = row["funding_interval_hours"], row["next_funding_time"]
    if terms.start < past and not is_whole(unknown_times(held.charges, past, hours), terms.start, past):
        yield f"{_name(held)}: not every settlement of the time up to now is known"
    if terms.end > terms.now and (due is None or (hours is None and due < terms.end)):
        yield f"{_name(held)}: when it will settle is not known"


def _warnings(legs: Sequence[Held], terms: Terms) -> Iterator[str]:
    for held in legs:
        if held.row["stale"] and terms.end > terms.now:
            yield f"{_name(held)}: its current rate is stale"
        if held.row["suspect"] is not None:
            yield f"{_name(held)}: {held.row['suspect']}"
        if terms.fees.taker_pct(held.row["exchange"], held.row["symbol"]) is None:
            yield f"{_name(held)}: its fees are not known"
    for what, names in (("assets", {held.row["asset"] for held in legs}), ("currencies", set(map(_currency, legs)))):
        if len(names) > 1:
            yield f"the legs are of different {what}: {', '.join(sorted(names))}"


def _leg(held: Held, ledger: list[Entry], *, is_known: bool) -> dict[str, Any]:
    funding = [entry for entry in ledger if entry["what"] == FUNDING]
    fees = [entry for entry in ledger if entry["what"] != FUNDING]
    row: dict[str, Any] = {
        "leg": held.leg,
        "exchange": held.row["exchange"],
        "symbol": held.row["symbol"],
        "quote": held.row["quote"],
        "settlements": len(funding) if is_known else None,
    }
    for unit in ("pct", "amount"):
        row[f"funding_{unit}"] = _sum(entry[unit] for entry in funding) if is_known else None
        row[f"fees_{unit}"] = _sum(entry[unit] for entry in fees)
        row[f"net_{unit}"] = _sum((row[f"funding_{unit}"], row[f"fees_{unit}"]))
    return {name: row[name] for name in LEG_FIELDS}


def _sum(values: Iterable[float | None]) -> float | None:
    """None where one of them is."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return round(total, NOISE)


def _currency(held: Held) -> str:
    return currency(held.row)


def _name(held: Held) -> str:
    return f"{held.row['exchange']}:{held.row['symbol']}"
