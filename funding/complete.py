"""Adds to a parsed rate what the venue's row alone does not say: constants, the grid, what our own observation shows, the asset."""

from dataclasses import dataclass, field, replace

from funding import assets
from funding.adapter import HOUR, Exchange
from funding.rate import Rate

STEADY = HOUR  # two observations farther apart may have a settlement between them that nobody saw


@dataclass(slots=True)
class Observations:
    """The next funding time that each contract last showed, and the interval that its steps have shown."""

    seen: dict[str, tuple[int, int]] = field(default_factory=dict)  # symbol → (next_funding_time, observed_at)
    steps: dict[str, float] = field(default_factory=dict)  # symbol → hours

    def interval(self, symbol: str, next_time: int | None, at: int) -> float | None:
        """Hours between the settlement that was just crossed and the next one; None until one was crossed under watch."""
        if next_time is None:
            return None
        before, observed = self.seen.get(symbol, (next_time, at))
        self.seen[symbol] = (next_time, at)
        if before <= at < next_time and at - observed <= STEADY:
            self.steps[symbol] = (next_time - before) / HOUR
        return self.steps.get(symbol)


def complete(name: str, exchange: Exchange, rate: Rate, at: int, observations: Observations) -> Rate:
    """The rate with everything that the engine adds. `at` is the moment of the response, Unix seconds."""
    found = assets.resolve(name, rate.base, rate.symbol)
    interval, interval_source = _interval(exchange, rate, at, observations)
    next_time, next_source = _next_time(exchange, rate, interval, at)
    return replace(
        rate,
        exchange=name,
        base=assets.plain(name, rate.base),
        rate_kind=exchange.rate_kind,
        funding_interval_hours=interval,
        interval_source=interval_source,
        next_funding_time=next_time,
        next_funding_source=next_source,
        asset=found.asset,
        multiplier=found.multiplier,
        asset_class=found.asset_class,
        observed_at=at,
    )


def _interval(exchange: Exchange, rate: Rate, at: int, observations: Observations) -> tuple[float | None, str | None]:
    if rate.funding_interval_hours is not None:
        return rate.funding_interval_hours, rate.interval_source
    if exchange.interval_hours is not None:
        return exchange.interval_hours, "documented"
    observed = observations.interval(rate.symbol, rate.next_funding_time, at)
    return (None, None) if observed is None else (observed, "derived")


def _next_time(exchange: Exchange, rate: Rate, interval: float | None, at: int) -> tuple[int | None, str | None]:
    if rate.next_funding_time is not None or not exchange.on_grid or interval is None:
        return rate.next_funding_time, rate.next_funding_source
    step = int(interval * HOUR)
    return (at // step + 1) * step, "derived"
