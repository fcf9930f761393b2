"""Counts the answers that go out, by route, method and status, and how long they took. Labels are bounded, whatever is asked.

Lies around everything else, so that refusals are counted too. A time ends when the answer begins to be sent.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)  # seconds
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
NO_ROUTE, OTHER = "none", "other"


class Durations:
    """Of one route: how many answers took up to each of BOUNDS, and longer; and the sum of all, in seconds."""

    __slots__ = ("numbers", "seconds")

    def __init__(self) -> None:
        self.numbers = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0


class Counters:
    """What was counted since the start. Threads count at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str, str], int] = defaultdict(int)
        self._durations: dict[str, Durations] = defaultdict(Durations)

    def add(self, route: str, method: str, status: str, seconds: float) -> None:
        method = method if method in METHODS else OTHER
        with self._lock:
            self._answers[route, method, status] += 1
            found = self._durations[route]
            found.numbers[bisect_left(BOUNDS, seconds)] += 1
            found.seconds += seconds

    def answers(self) -> list[tuple[tuple[str, str, str], int]]:
        """((route, method, status), how many), sorted."""
        with self._lock:
            return sorted(self._answers.items())

    def durations(self) -> list[tuple[str, list[int], float]]:
        """(route, how many up to each bound and longer, seconds of all), sorted."""
        with self._lock:
            return sorted((route, list(one.numbers), one.seconds) for route, one in self._durations.items())


def counted(app: WSGIApplication, counters: Counters, monotonic: Callable[[], float]) -> WSGIApplication:
    """The application, its answers counted."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun, statuses = monotonic(), []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses.append(status[:3])
            return start_response(status, headers, exc_info)

        body = app(environ, start)
        route = environ.get("bottle.route")  # what bottle matched; a path that it does not know has none
        rule = NO_ROUTE if route is None else route.rule
        counters.add(rule, environ["REQUEST_METHOD"], statuses[-1], monotonic() - begun)
        return body

    return serve
