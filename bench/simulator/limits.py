"""Rate limits as venues have them: a bucket that refills, fixed windows, any window. Pure: the moment is an argument."""

from collections import deque
from dataclasses import dataclass
from math import ceil
from typing import Protocol

KINDS = ("bucket", "window", "sliding")
FORMS = ("429", "slow_down", "418", "403")  # slow_down: the venue's own answer, for some a 200 with a code


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit` requests (or weight, if `weighted`) in `seconds`.

    bucket: holds `burst` (0: `limit`) and refills evenly. window: no more than `limit` in each span that starts at a whole
    multiple of `seconds`. sliding: in no span at all. After `ban_after` refusals (0: never) every request meets a 418 for
    `ban_seconds`.
    """

    kind: str
    limit: float
    seconds: float
    burst: float = 0
    weighted: bool = False
    form: str = "429"
    retry_after: bool = False
    ban_after: int = 0
    ban_seconds: float = 120

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a limit's kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.form not in FORMS:
            raise ValueError(f"a limit's form is one of {', '.join(FORMS)}, not {self.form!r}")
        if self.limit <= 0 or self.seconds <= 0:
            raise ValueError(f"a limit needs numbers above 0: {self.limit:g} in {self.seconds:g} s")


@dataclass(frozen=True, slots=True)
class Refused:
    """`form` is one of FORMS; `wait` are the seconds until it would have passed."""

    form: str
    wait: float

    @property
    def retry_after(self) -> str:
        return str(max(1, ceil(self.wait)))


class Meter(Protocol):
    """Counts what has passed."""

    def take(self, now: float, weight: float) -> float:
        """0: passed and counted. Otherwise the seconds until it would pass; a refused request is not counted."""
        ...


class Bucket:
    def __init__(self, limit: Limit) -> None:
        self.capacity = limit.burst or limit.limit
        self.rate = limit.limit / limit.seconds
        self.left = self.capacity
        self.at = 0.0

    def take(self, now: float, weight: float) -> float:
        self.left = min(self.capacity, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < weight:
            return (weight - self.left) / self.rate
        self.left -= weight
        return 0.0


class Window:
    def __init__(self, limit: Limit) -> None:
        self.limit, self.seconds = limit.limit, limit.seconds
        self.number, self.used = -1, 0.0

    def take(self, now: float, weight: float) -> float:
        number = int(now // self.seconds)
        if number != self.number:
            self.number, self.used = number, 0.0
        if self.used + weight > self.limit:
            return (number + 1) * self.seconds - now
        self.used += weight
        return 0.0


class Sliding:
    def __init__(self, limit: Limit) -> None:
        self.limit, self.seconds = limit.limit, limit.seconds
        self.passed: deque[tuple[float, float]] = deque()
        self.used = 0.0

    def take(self, now: float, weight: float) -> float:
        while self.passed and self.passed[0][0] <= now - self.seconds:
            self.used -= self.passed.popleft()[1]
        if self.used + weight > self.limit:
            return self.passed[0][0] + self.seconds - now if self.passed else self.seconds
        self.passed.append((now, weight))
        self.used += weight
        return 0.0


def _meter(limit: Limit) -> Meter:
    if limit.kind == "bucket":
        return Bucket(limit)
    return Window(limit) if limit.kind == "window" else Sliding(limit)


class Limiter:
    """One venue's limit with its meter and its ban."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.refusals = 0
        self.banned_until = 0.0
        self._meter = _meter(limit)

    def take(self, now: float, weight: float) -> Refused | None:
        """None: passed. `now` are seconds of any clock that never goes back."""
        if now < self.banned_until:
            return Refused("418", self.banned_until - now)
        wait = self._meter.take(now, weight if self.limit.weighted else 1)
        if not wait:
            return None
        self.refusals += 1
        if self.limit.ban_after and self.refusals % self.limit.ban_after == 0:
            self.banned_until = now + self.limit.ban_seconds
        return Refused(self.limit.form, wait)
