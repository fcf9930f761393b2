"""Fills a limiter with clients and reports nanoseconds per hit and bytes per client. argv: ours or deque."""

import gc
import json
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from funding.api.limits import Limiter

QUOTA, WINDOW = 60, 60
TIMED = 100_000


class Deque:
    """The usual one: the times of an address's requests, the old ones dropped when it comes again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._times: dict[bytes, deque[float]] = {}

    def hit(self, key: bytes, quota: int, window: int) -> bool:
        with self._lock:
            now = self._monotonic()
            times = self._times.setdefault(key, deque())
            while times and times[0] <= now - window:
                times.popleft()
            if len(times) >= quota:
                return False
            times.append(now)
            return True


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def main() -> None:
    given = json.load(sys.stdin)
    now = [1000.0]
    limiter = {"ours": Limiter, "deque": Deque}[sys.argv[1]](lambda: now[0])
    keys = [number.to_bytes(4, "big") for number in range(given["clients"])]
    chosen = random.Random(1).choices(keys, k=TIMED)
    gc.collect()
    before = resident()
    for _ in range(given["hits"]):
        for key in keys:
            limiter.hit(key, QUOTA, WINDOW)
        now[0] += 1
    weighs = (resident() - before) / len(keys)
    begun = time.process_time_ns()
    for key in chosen:
        limiter.hit(key, QUOTA, WINDOW)
    print(json.dumps({"ns": (time.process_time_ns() - begun) / TIMED, "bytes": weighs}), flush=True)


if __name__ == "__main__":
    main()
