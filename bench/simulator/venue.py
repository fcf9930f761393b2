"""What a client meets at one exchange, changeable while it runs: delay, limit, faults; and the counts of what it did."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from bench.simulator.faults import Armed, Fault
from bench.simulator.limits import Limit, Limiter, Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


@dataclass(slots=True)
class Counts:
    """Of one exchange. `refused`: by the limit. `first_at`, `last_at`: of the requests that passed it, seconds since start."""

    requests: int = 0
    passed: int = 0
    refused: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    first_at: float | None = None
    last_at: float | None = None
    delayed_seconds: float = 0.0  # all delays together: the floor of a client that asks one after the other
    bytes_sent: int = 0
    last_now: int | None = None  # the simulated moment of the last answer


class Venue:
    """One exchange's present state. Its dice are its own, so that a seed gives the same delays again."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.random = Random(f"{seed}:{name}:network")
        self.latency_ms = 0.0
        self.jitter_ms = 0.0
        self.limiter: Limiter | None = None
        self.armed: list[Armed] = []
        self.counts = Counts()

    def delay(self) -> float:
        """Seconds, evenly spread over latency ± jitter, counted."""
        if not self.latency_ms and not self.jitter_ms:
            return 0.0
        seconds = max(0.0, self.latency_ms + self.random.uniform(-self.jitter_ms, self.jitter_ms)) / 1000
        self.counts.delayed_seconds += seconds
        return seconds

    def take(self, at: float, weight: float) -> Refused | None:
        """The limit's verdict on a request that arrives at `at`, counted."""
        counts = self.counts
        counts.requests += 1
        refused = self.limiter.take(at, weight) if self.limiter else None
        if refused:
            counts.refused += 1
            return refused
        counts.passed += 1
        counts.first_at = at if counts.first_at is None else counts.first_at
        counts.last_at = at
        return None

    def sent(self, status: int, size: int) -> None:
        self.counts.statuses[status] = self.counts.statuses.get(status, 0) + 1
        self.counts.bytes_sent += size

    def fault(self, words: str) -> Fault | None:
        """The first fault in force that strikes this request, counted."""
        for armed in self.armed:
            if armed.strikes(words):
                kind = armed.fault.kind
                self.counts.faults[kind] = self.counts.faults.get(kind, 0) + 1
                return armed.fault
        return None

    def change(self, settings: Mapping[str, Any]) -> None:
        """latency_ms, jitter_ms, limit, fault, faults; None clears. Raises ValueError, and then nothing has changed."""
        unknown = settings.keys() - {"latency_ms", "jitter_ms", "limit", "fault", "faults"}
        if unknown:
            raise ValueError(f"nothing here is called {', '.join(sorted(unknown))}")
        limit = settings.get("limit")
        wanted = settings.get("faults") or settings.get("fault") or []
        limiter = Limiter(built(Limit, limit)) if limit else None
        armed = [Armed(_fault(one)) for one in (wanted if isinstance(wanted, list) else [wanted])]
        latency_ms, jitter_ms = (float(settings.get(name, getattr(self, name))) for name in ("latency_ms", "jitter_ms"))
        self.latency_ms, self.jitter_ms = latency_ms, jitter_ms
        if "limit" in settings:
            self.limiter = limiter
        if "fault" in settings or "faults" in settings:
            self.armed = armed

    def describe(self) -> dict[str, Any]:
        return {
            **asdict(self.counts),
            "latency_ms": self.latency_ms,
            "jitter_ms": self.jitter_ms,
            "limit": asdict(self.limiter.limit) if self.limiter else None,
            "armed": [{"kind": armed.fault.kind, "matched": armed.matched, "hit": armed.hit} for armed in self.armed],
        }


def _fault(given: Any) -> Fault:
    if isinstance(given, str):
        return Fault(given)
    words = dict(given)
    words["only"] = tuple(words.get("only", ()))
    return built(Fault, words)


def built(kind: type[T], given: Mapping[str, Any]) -> T:
    """A dataclass from an object of a control request. Raises ValueError for a word it does not have or lacks."""
    known = {one.name for one in fields(kind)}
    if given.keys() - known:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(given.keys() - known))}")
    try:
        return kind(**given)
    except TypeError as problem:
        raise ValueError(f"{kind.__name__}: {problem}") from None
