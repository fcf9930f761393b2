"""Converters from what venues write to our units. Each says the venue's unit in its name; None travels, nothing is guessed.

They return Any (a number, or None): what comes in is JSON, and Rate's constructor is the check of what goes out.
"""

import math
from datetime import UTC, datetime
from typing import Any

ABSENT = (None, "")
NO_TIME = (None, "", 0, "0", 0.0)


def number(value: Any) -> Any:
    """A finite float; None and "" give None. Raises ValueError for anything that is not a plain decimal number."""
    if value in ABSENT:
        return None
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        raise ValueError(f"not a number: {value!r:.60}")
    result = float(value)
    if not math.isfinite(result):
        raise ValueError(f"not a finite number: {value!r:.60}")
    return result


def price(value: Any) -> Any:
    """A price. Venues write 0 where they have none yet: that gives None."""
    return number(value) or None


def percent(value: Any) -> Any:
    """Per cent → fraction."""
    return scaled(value, 100)


def scaled(value: Any, by: float) -> Any:
    """An integer that stands for value × `by` (1e9, 1e18) → the value."""
    result = number(value)
    return None if result is None else result / by


def times(*factors: Any) -> Any:
    """The product of the factors; None if any is None. Text is not taken: convert it first."""
    product = 1.0
    for factor in factors:
        if factor is None:
            return None
        if isinstance(factor, str | bool):
            raise ValueError(f"not a number: {factor!r:.60}")
        product *= factor
    return product


def _unix(value: Any, per_second: int) -> Any:
    if value in NO_TIME:
        return None
    if isinstance(value, bool):
        raise ValueError(f"not a time: {value!r}")
    try:
        whole = int(value)  # nanoseconds exceed a float's 53 bits
    except ValueError:
        whole = math.floor(float(value))
    return whole // per_second


def seconds(value: Any) -> Any:
    """Unix seconds, or None. The other three take what their name says and give the same."""
    return _unix(value, 1)


def ms(value: Any) -> Any:
    return _unix(value, 1_000)


def microseconds(value: Any) -> Any:
    return _unix(value, 1_000_000)


def nanoseconds(value: Any) -> Any:
    return _unix(value, 1_000_000_000)


def iso(value: Any) -> Any:
    """ISO 8601 text → Unix seconds; text without a zone is UTC."""
    if value in NO_TIME:
        return None
    moment = datetime.fromisoformat(value)
    return math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _hours(value: Any, per_hour: float) -> Any:
    result = number(value)
    return result / per_hour if result else None  # an interval of 0 says that there is none


def hours(value: Any) -> Any:
    """A funding interval in hours; None where the venue gives none or 0. The others take what their name says."""
    return _hours(value, 1)


def hours_minutes(value: Any) -> Any:
    return _hours(value, 60)


def hours_seconds(value: Any) -> Any:
    return _hours(value, 3_600)


def hours_ms(value: Any) -> Any:
    return _hours(value, 3_600_000)


def hours_nanoseconds(value: Any) -> Any:
    return _hours(value, 3_600_000_000_000)
