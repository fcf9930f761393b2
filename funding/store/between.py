"""What happened between two observations of a contract: a settlement, a change of its interval. Pure; no SQL."""

from typing import NamedTuple

from funding.store.intervals import IntervalChange
from funding.store.settlements import MINUTE, Charged, to_minute

HOUR = 3600
EARLY_SECONDS = MINUTE  # an exchange's clock may be so much ahead of ours
IF_UNKNOWN = HOUR  # no exchange settles more often


class Quoted(NamedTuple):
    """An observation, as far as it matters here: columns of `latest`, fields of Rate."""

    observed_at: int
    funding_rate: float
    rate_kind: str
    funding_interval_hours: float | None
    next_funding_time: int | None
    mark_price: float | None
    last_settled_rate: float | None
    last_settled_at: int | None


def observed_settlement(contract_id: int, before: Quoted, after: Quoted) -> Charged | None:
    """The settlement that the older observation was quoted for, if it has passed: what was quoted last was charged.

    None if that was observed more than an interval before it, and for any that passed after it: unknown. A rate that
    was already settled is quoted for none.
    """
    if before.next_funding_time is None or before.rate_kind == "settled":
        return None
    due, hours = to_minute(before.next_funding_time), before.funding_interval_hours
    if not due - (IF_UNKNOWN if hours is None else hours * HOUR) <= before.observed_at < due:
        return None
    if after.observed_at < due and not _names_the_next(after, due):
        return None
    return Charged(contract_id, due, before.funding_rate, hours, before.mark_price, "observed")


def told_settlement(contract_id: int, before: Quoted | None, after: Quoted) -> Charged | None:
    """The last settlement, where the exchange gives its rate and its time, and did not give the same before."""
    told = _told(after)
    if told is None or (before is not None and told == _told(before)):
        return None
    funding_time, rate, interval_hours = told
    if funding_time - after.observed_at > EARLY_SECONDS:  # no time of the past
        return None
    return Charged(contract_id, funding_time, rate, interval_hours, None, "venue")


def interval_change(contract_id: int, before: Quoted, after: Quoted) -> IntervalChange | None:
    """From one known interval to another. Less than a minute is jitter of the times that it was derived from."""
    old, new = before.funding_interval_hours, after.funding_interval_hours
    if old is None or new is None or abs(new - old) * HOUR < MINUTE:
        return None
    return IntervalChange(contract_id, after.observed_at, old, new)


def _names_the_next(after: Quoted, due: int) -> bool:
    """Shortly before the settlement by our clock, and after it by theirs."""
    later = after.next_funding_time is not None and to_minute(after.next_funding_time) > due
    return later and due - after.observed_at <= EARLY_SECONDS


def _told(quoted: Quoted) -> tuple[int, float, float | None] | None:
    """Time, rate and interval of the settlement that the exchange tells: outright, or because its rate is the last one."""
    hours, is_last = quoted.funding_interval_hours, quoted.rate_kind == "settled"
    if quoted.last_settled_rate is not None and quoted.last_settled_at is not None:
        return to_minute(quoted.last_settled_at), quoted.last_settled_rate, hours if is_last else None
    next_time = quoted.next_funding_time
    if not is_last or next_time is None or hours is None or next_time <= quoted.observed_at:
        return None
    return to_minute(int(next_time - hours * HOUR)), quoted.funding_rate, hours
