"""How many requests a client may send: counted in bounded memory, whatever is tried. Knows no address and no HTTP.

The limiter is two calls, hit() and forget(), so that several nodes can count together in a store that they share.
"""

import threading
from array import array
from collections.abc import Callable
from math import ceil
from typing import NamedTuple, TypeAlias

PARTS = 12  # that a window is counted in
COUNTED = PARTS + 1  # the part that has begun, too: so that any window, wherever it begins, lies within what is counted
MOST_CLIENTS = 50_000

Counts: TypeAlias = "array[int]"  # the part that was counted last, then COUNTED counters: part n is at 1 + n % COUNTED


class Standing(NamedTuple):
    """`remaining`: requests that are left now. `reset_seconds`: until used ones come back, or until one is allowed again."""

    allowed: bool
    remaining: int
    reset_seconds: int


class Limiter:
    """Never more than the quota in any window. Refused requests are not counted: whoever waits is served again."""

    def __init__(self, monotonic: Callable[[], float], most_clients: int = MOST_CLIENTS) -> None:
        self._monotonic = monotonic
        self._most_clients = most_clients
        self._lock = threading.Lock()
        self._recent: dict[bytes, Counts] = {}  # clients that were here since the last turn
        self._before: dict[bytes, Counts] = {}  # those of before it that were not: by the next turn they are idle
        self._shared = _no_counts()
        self._longest = 0.0  # seconds that a count may matter
        self._turn_at = 0.0

    def hit(self, key: bytes, quota: int, window: int) -> Standing:
        """Counts a request of the client, if it is allowed: `quota` in any `window` seconds."""
        with self._lock:
            now = self._monotonic()
            part_seconds = window / PARTS
            self._longest = max(self._longest, COUNTED * part_seconds)
            self._turn(now)
            return _hit(self._counts_of(key), quota, now, part_seconds)

    def forget(self) -> None:
        """Drops clients whose counts don't matter any more; hit() does it by itself."""
        with self._lock:
            self._turn(self._monotonic())

    def __len__(self) -> int:
        return len(self._recent) + len(self._before)

    def _counts_of(self, key: bytes) -> Counts:
        """Its own; while there are too many clients, the new ones share theirs."""
        found = self._recent.get(key)
        if found is None:
            found = self._before.pop(key, None)
            if found is None:
                if len(self) >= self._most_clients:
                    return self._shared
                found = _no_counts()
            self._recent[key] = found
        return found

    def _turn(self, now: float) -> None:
        if now >= self._turn_at:
            self._recent, self._before = {}, self._recent
            self._turn_at = now + self._longest


def _no_counts() -> Counts:
    return array("I", bytes(4 * (1 + COUNTED)))


def _hit(counts: Counts, quota: int, now: float, part_seconds: float) -> Standing:
    part = int(now // part_seconds)
    for passed in range(max(counts[0], part - COUNTED) + 1, part + 1):
        counts[1 + passed % COUNTED] = 0
    counts[0] = part
    used = sum(counts) - part
    allowed = used < quota
    if allowed:
        counts[1 + part % COUNTED] += 1
        used += 1
    oldest = part - PARTS
    while oldest < part and not counts[1 + oldest % COUNTED]:
        oldest += 1
    return Standing(allowed, max(0, quota - used), ceil((oldest + COUNTED) * part_seconds - now))
