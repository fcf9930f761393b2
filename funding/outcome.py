"""What one run of one exchange came to: the only thing that crosses from collecting to storing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from funding.rate import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run. `error_kind` is one of errors.KINDS where the run failed: it then has no rates, and the stored ones stay."""

    exchange: str
    started_at: int  # Unix seconds
    took_seconds: float
    calls: int = 0  # requests that were made
    rates: tuple[Rate, ...] = ()
    let_go: int = 0  # how many rates there were, where they are held no longer
    not_ours: int = 0  # rows that parse passed over: spot, dated, delisted
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason → rows that are ours but unreadable
    failures: Mapping[str, int] = field(default_factory=dict)  # kind → calls that failed while others gave rows
    notices: tuple[str, ...] = ()  # what the owner should know, in words
    error_kind: str | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error_kind is None

    @property
    def found(self) -> int:
        """How many rates there are, or were."""
        return len(self.rates) + self.let_go

    @property
    def asked(self) -> int:
        """How many rate answers or rows were hoped for, so that a log line can say "393 of 396"."""
        return self.found + sum(self.skipped.values()) + sum(self.failures.values())

    def without_rates(self) -> "Outcome":
        """How it went, once its rates are stored: a cycle need not hold those of all exchanges to its end."""
        return replace(self, rates=(), let_go=self.found)
