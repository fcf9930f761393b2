"""A contract's funding rate as it stands now: what every adapter gives and everything else reads. Never looks at a clock."""

import math
from dataclasses import dataclass

from funding.errors import BadRow

KINDS = ("linear", "inverse")
RATE_KINDS = ("predicted", "fixed", "settled")
INTERVAL_SOURCES = ("reported", "documented", "derived", "assumed")
TIME_SOURCES = ("reported", "derived")

LARGEST_RATE = 1.0  # 100 % of the notional in one interval: no venue's cap comes near, a wrong unit does
LONGEST_INTERVAL_HOURS = 168.0
EARLIEST, LATEST = 1_262_304_000, 4_102_444_800  # 2010 and 2100: outside it the unit of a time is wrong
LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row. Construction refuses the implausible with BadRow; nothing is clamped or filled in.

    Units: rates are fractions of notional per funding interval, positive = longs pay shorts; prices are in `quote` per
    unit of `base`; open interest is one-sided; volume and open interest are US dollars; times are Unix seconds, UTC.
    `funding_rate` falls due at `next_funding_time`. None means unknown.
    """

    # what parse must give
    symbol: str  # the venue's own
    base: str  # the venue's ticker, multiplier kept (1000PEPE)
    quote: str
    kind: str
    funding_rate: float
    # what parse gives where the answer has it
    settle: str | None = None
    funding_interval_hours: float | None = None
    interval_source: str | None = None  # "reported" where an interval is given and nothing else is said
    next_funding_time: int | None = None
    next_funding_source: str | None = None  # the same for the next time
    last_settled_rate: float | None = None
    last_settled_at: int | None = None
    funding_rate_cap: float | None = None
    funding_rate_floor: float | None = None
    mark_price: float | None = None
    index_price: float | None = None
    open_interest_usd: float | None = None
    volume_24h_usd: float | None = None
    exchange_at: int | None = None
    # what the engine adds; never the adapter's
    exchange: str = ""
    rate_kind: str = "predicted"
    asset: str = ""
    multiplier: float = 1.0
    asset_class: str | None = None
    observed_at: int | None = None

    def __post_init__(self) -> None:
        _text("symbol", self.symbol)
        _text("base", self.base)
        _text("quote", self.quote)
        if self.settle is not None:
            _text("settle", self.settle)
        if self.funding_rate is None:
            raise BadRow("no funding_rate")
        _check_numbers(self)
        _check_times(self)
        self._default("funding_interval_hours", "interval_source")
        self._default("next_funding_time", "next_funding_source")
        _check_words(self)

    def _default(self, value: str, source: str) -> None:
        """A figure that parse gave without a word on its source was in the answer; one it did not give has no source."""
        if getattr(self, value) is None:
            object.__setattr__(self, source, None)
        elif getattr(self, source) is None:
            object.__setattr__(self, source, "reported")


def _text(name: str, value: object) -> None:
    if value is None or value == "":
        raise BadRow(f"no {name}")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable() or " " in value:
        raise BadRow(f"{name} is not a name: {value!r:.60}")


def _check_numbers(rate: Rate) -> None:
    for name in ("funding_rate", "last_settled_rate", "funding_rate_cap", "funding_rate_floor"):
        _number(name, getattr(rate, name), -LARGEST_RATE, LARGEST_RATE)
    for name in ("open_interest_usd", "volume_24h_usd"):
        _number(name, getattr(rate, name), 0.0, math.inf)
    for name in ("mark_price", "index_price"):
        _positive(name, getattr(rate, name), math.inf)
    _positive("funding_interval_hours", rate.funding_interval_hours, LONGEST_INTERVAL_HOURS)
    cap, floor = rate.funding_rate_cap, rate.funding_rate_floor
    if cap is not None and floor is not None and cap < floor:
        raise BadRow(f"funding_rate_cap {cap:g} is below funding_rate_floor {floor:g}")


def _number(name: str, value: float | None, low: float, high: float) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, float | int) or not math.isfinite(value):
        raise BadRow(f"{name} is not a number: {value!r:.60}")
    if not low <= value <= high:
        raise BadRow(f"{name} is implausible: {value:g}")


def _positive(name: str, value: float | None, high: float) -> None:
    _number(name, value, 0.0, high)
    if value == 0:
        raise BadRow(f"{name} is implausible: 0")


def _check_times(rate: Rate) -> None:
    for name in ("next_funding_time", "last_settled_at", "exchange_at", "observed_at"):
        value = getattr(rate, name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadRow(f"{name} is not whole seconds: {value!r:.60}")
        if not EARLIEST <= value <= LATEST:
            raise BadRow(f"{name} is implausible: {value}")


def _check_words(rate: Rate) -> None:
    for name, value, allowed in (
        ("kind", rate.kind, KINDS),
        ("rate_kind", rate.rate_kind, RATE_KINDS),
        ("interval_source", rate.interval_source, (None, *INTERVAL_SOURCES)),
        ("next_funding_source", rate.next_funding_source, (None, *TIME_SOURCES)),
    ):
        if value not in allowed:
            raise BadRow(f"{name} is not one of {', '.join(filter(None, allowed))}: {value!r:.60}")
