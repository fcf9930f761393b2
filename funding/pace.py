"""When a request may be sent: each host's budget, shared by all threads, and what its refusals have taught us.

A turn is reserved under a lock and waited for outside it. A host that says "too many" (429) is left alone by every
thread; one that shuts us out opens its circuit: nothing is sent until one probe is due.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from funding.adapter import Budget
from funding.errors import FetchError
from funding.message import Get, Reply, Request

T = TypeVar("T")

MARGIN = 0.04  # seconds that a window is taken to be longer: requests do not arrive as evenly as they leave
JITTER = 0.15  # seconds of arrivals that may come in a bunch: so much a burst stays below the bucket's size
PATIENCE = 60.0
LONGEST_PUSH = 900.0
LONGEST_PROBE = 60.0  # a probe that has not been heard of for so long is lost, and the next one may go
CIRCUIT_SECONDS = {"banned": 600.0, "blocked": 3600.0}
FORBIDDEN_SECONDS = 600.0  # a 403 is a firewall or a rate limit more often than a country
BACKGROUND_STEP = 0.25  # how often the background looks whether there is room for it
MOST_WORKERS = 32
LATENCY_BEFORE_ANY = 0.3
SMOOTHING = 0.2
TRIES = {"refused": 2}
USUAL_TRIES = 3
BACKOFF = 0.5


class Bucket:
    """A budget that refills evenly (GCRA). All it keeps is when it will be full again."""

    def __init__(self, budget: Budget) -> None:
        self._unit = budget.seconds / budget.limit  # seconds that one unit of weight takes to come back
        self._burst = max(1.0, (budget.burst or budget.limit) - math.ceil(budget.per_second * JITTER))
        self._full_at = -math.inf

    def reserve(self, now: float, weight: float) -> float:
        """The moment at which the request may be sent. A weight above the burst needs a full bucket, and waits no longer."""
        self._full_at = max(self._full_at, now) + weight * self._unit
        return max(now, self._full_at - max(self._burst, weight) * self._unit)

    def push(self, until: float) -> None:
        """Nothing before `until`, and evenly from then on: a venue that says 429 does not count as a bucket does."""
        self._full_at = max(self._full_at, until)
        self._burst = 1.0

    def has_room(self, now: float, weight: float) -> bool:
        used = max(self._full_at - now, 0.0) / self._unit
        return not used or used + weight <= self._burst / 2


class Window:
    """Never more than the limit in any window: a log of what was sent, or will be."""

    def __init__(self, budget: Budget) -> None:
        self._limit = budget.limit
        self._seconds = budget.seconds + MARGIN
        self._log: deque[tuple[float, float]] = deque()  # when, weight
        self._used = 0.0
        self._not_before = -math.inf

    def reserve(self, now: float, weight: float) -> float:
        """The moment at which the request may be sent. A weight above the limit has a window to itself."""
        at = max(now, self._not_before)
        while self._log and self._used + weight > self._limit:
            at = max(at, self._forget() + self._seconds)
        self._log.append((at, weight))
        self._used += weight
        self._not_before = at
        return at

    def push(self, until: float) -> None:
        """Nothing before `until`. What was reserved still counts: some of it was sent."""
        self._not_before = max(self._not_before, until)

    def has_room(self, now: float, weight: float) -> bool:
        while self._log and self._log[0][0] + self._seconds <= now:
            self._forget()
        return not self._log or self._used + weight <= self._limit / 2

    def _forget(self) -> float:
        at, weight = self._log.popleft()
        self._used -= weight
        return at


@dataclass(slots=True)
class Circuit:
    """Open: nothing is sent before `until`. Then one request is: the probe."""

    kind: str
    words: str
    until: float
    probing: bool = False


class Host:
    """What is known of one host. Touched under Pace's lock alone."""

    __slots__ = ("budget", "circuit", "latency", "meter", "pushed_until", "strikes", "weight")

    def __init__(self, budget: Budget) -> None:
        self.restrict(budget)
        self.circuit: Circuit | None = None
        self.pushed_until = -math.inf
        self.strikes = 0  # 429s in a row, each after the pause that the one before had brought
        self.latency = LATENCY_BEFORE_ANY
        self.weight: float | None = None  # of the lightest request

    def restrict(self, budget: Budget) -> None:
        self.budget = budget
        self.meter = Bucket(budget) if budget.seconds == 1 or budget.burst else Window(budget)


class Stop(Protocol):
    """As threading.Event: how threads sleep here, and are woken to end."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float, /) -> bool: ...


class Pace:
    """All hosts' budgets. `clock` is monotonic, `wall` gives Unix seconds for words; every sleep is `stop.wait`."""

    def __init__(
        self,
        stop: Stop | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        patience: float = PATIENCE,
    ) -> None:
        self.clock = clock
        self._stop: Stop = stop or threading.Event()
        self._wall = wall
        self._patience = patience
        self._lock = threading.Lock()
        self._hosts: dict[str, Host] = {}

    def budget(self, host: str, budget: Budget) -> None:
        """Declares a host's budget. Where several exchanges share a host, the strictest holds for all of them."""
        with self._lock:
            known = self._hosts.get(host)
            if known is None:
                self._hosts[host] = Host(budget)
            elif budget.per_second < known.budget.per_second:
                known.restrict(budget)

    def check(self, host: str) -> None:
        """Raises FetchError if a request would be refused now: before a connection is opened for nothing."""
        with self._lock:
            self._check(host, self._hosts[host], self.clock())

    def wait(self, host: str, weight: float = 1, *, background: bool = False) -> None:
        """Returns when a request of that weight may be sent.

        The background waits as long as half of the budget or more is in use or spoken for, and reserves nothing ahead:
        the foreground never queues behind it.

        Raises FetchError: of the circuit's kind while that is open, "rate_limited" when a 429 leaves more than
        `patience` seconds to wait, "reset" when the program stops.
        """
        at: float | None = None  # our turn
        while True:
            with self._lock:
                state, now = self._hosts[host], self.clock()
                self._check(host, state, now)
                if at is not None and at < state.pushed_until:
                    at = None  # a 429 came meanwhile
                if at is None and (not background or state.meter.has_room(now, weight)):
                    at = state.meter.reserve(now, weight)
                if at is not None and at <= now:
                    self._begin_probe(state, now)
                    return
            self.pause(BACKGROUND_STEP if at is None else at - now)

    def pause(self, seconds: float) -> None:
        """Sleeps. Raises FetchError "reset" when the program stops."""
        if self._stop.wait(seconds):
            raise _stopping()

    def succeeded(self, host: str, seconds: float, weight: float) -> None:
        """A request was answered well, `seconds` after it went out."""
        with self._lock:
            state = self._hosts[host]
            state.latency += SMOOTHING * (seconds - state.latency)
            state.weight = min(state.weight or weight, weight)
            if self.clock() >= state.pushed_until:
                state.strikes = 0
            if state.circuit and state.circuit.probing:
                state.circuit = None

    def failed(self, host: str, error: FetchError) -> None:
        """A request was sent and refused. Only refusals that concern the whole host change anything."""
        with self._lock:
            state, now = self._hosts[host], self.clock()
            if error.kind == "rate_limited":
                self._push(state, now, error.retry_after)
            elif error.kind in CIRCUIT_SECONDS:
                usual = FORBIDDEN_SECONDS if error.status == 403 else CIRCUIT_SECONDS[error.kind]
                state.circuit = Circuit(error.kind, error.words, now + (error.retry_after or usual))

    def workers(self, host: str) -> int:
        """How many threads it takes to use the host's budget up: rate × latency, and one more.

        By the lightest request: those that fan out are, and a thread too many only waits.
        """
        with self._lock:
            state = self._hosts[host]
            rate = state.budget.per_second / (state.weight or 1)
            return min(math.ceil(rate * state.latency) + 1, MOST_WORKERS)

    def _check(self, host: str, state: Host, now: float) -> None:
        if self._stop.is_set():
            raise _stopping()
        if state.circuit and now < state.circuit.until:
            probe = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self._wall() + state.circuit.until - now))
            words = f"{host} is not asked before {probe}: {state.circuit.words}"
            raise FetchError(state.circuit.kind, words, retryable=False)
        left = state.pushed_until - now
        if left > self._patience:
            words = f"{host} asked for fewer requests: none for another {left:.0f} s"
            raise FetchError("rate_limited", words, retryable=False)

    def _begin_probe(self, state: Host, now: float) -> None:
        if state.circuit:
            state.circuit.probing = True
            state.circuit.until = now + LONGEST_PROBE

    def _push(self, state: Host, now: float, retry_after: float | None) -> None:
        if now >= state.pushed_until:  # else it belongs to those that were under way when the first 429 came
            state.strikes += 1
        seconds = max(retry_after or state.budget.seconds, 1.0) * 2.0 ** min(state.strikes - 1, 10)
        state.pushed_until = max(state.pushed_until, now + min(seconds, LONGEST_PUSH))
        state.meter.push(state.pushed_until)


def _stopping() -> FetchError:
    return FetchError("reset", "given up, this program is stopping", retryable=False)


class Fetches(Protocol):
    def fetch(self, request: Request, ready: Callable[[], None], /) -> Reply: ...


def polite(fetcher: Fetches, pace: Pace, *, background: bool = False) -> Get:
    """A Get that keeps to the budgets, learns from refusals, and tries again where that can help."""

    def get(request: Request, read: Callable[[Reply], T]) -> T:
        tries = 1
        while True:
            try:
                return _ask(fetcher, pace, request, read, background)
            except FetchError as error:
                if not error.retryable or tries >= TRIES.get(error.kind, USUAL_TRIES):
                    raise
                pace.pause(BACKOFF * tries)
            tries += 1

    return get


def _ask(fetcher: Fetches, pace: Pace, request: Request, read: Callable[[Reply], T], background: bool) -> T:
    """One try. Pace learns of it only if it was sent: its own refusals are no news to it."""
    sent_at = math.inf

    def ready() -> None:
        nonlocal sent_at
        sent_at = math.inf
        pace.wait(request.host, request.weight, background=background)
        sent_at = pace.clock()

    pace.check(request.host)
    try:
        reply = fetcher.fetch(request, ready)
        seconds = pace.clock() - sent_at
        result = read(reply)
    except FetchError as error:
        if sent_at < math.inf:
            pace.failed(request.host, error)
        raise
    pace.succeeded(request.host, seconds, request.weight)
    return result
