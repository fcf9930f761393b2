"""What a Prometheus asks for, in its text format 0.0.4: the answers we gave, and how each exchange stands."""

import json
import platform
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from funding import __version__
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.counters import BOUNDS, Counters
from funding.api.exchanges import Exchange, age_of, exchanges_now, status_of
from funding.api.problems import ProblemError

ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})

Labels = dict[str, str]
Sample = tuple[Labels, float | None]  # None: not known, and left out


def get_metrics(request: Request) -> Answer:
    """/metrics: given without a database too, which is then said to be down."""
    context = request.context
    lines = [
        *_gauge("build_info", "What runs here.", [({"version": __version__, "python": platform.python_version()}, 1)]),
        *_http(context.counters),
        *_gauge("http_limiter_clients", "Clients whose requests are being counted.", [({}, context.clients())]),
    ]
    try:
        with context.database.reading() as reading:
            exchanges, now = exchanges_now(context, reading), reading.now
        lines += _gauge("database_up", "Whether the database can be read.", [({}, 1)])
        lines += _collector(exchanges, now, context.settings.stale_threshold_seconds)
    except ProblemError:
        lines += _gauge("database_up", "Whether the database can be read.", [({}, 0)])
    return Answer("".join(f"{line}\n" for line in lines).encode())


def _http(counters: Counters) -> Iterator[str]:
    name = "http_requests_total"
    yield from _head(name, "counter", "Answers by route, method and status.")
    for (route, method, status), number in counters.answers():
        yield _line(name, {"route": route, "method": method, "status": status}, number)
    name = "http_request_duration_seconds"
    yield from _head(name, "histogram", "How long it took until an answer began to be sent, by route.")
    for route, numbers, seconds in counters.durations():
        so_far = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), numbers, strict=True):
            so_far += number
            yield _line(f"{name}_bucket", {"route": route, "le": bound}, so_far)
        yield _line(f"{name}_sum", {"route": route}, round(seconds, 6))
        yield _line(f"{name}_count", {"route": route}, so_far)


def _collector(exchanges: Sequence[Exchange], now: int, threshold: int) -> Iterator[str]:
    """A figure of each exchange that is collected; one that is not known yet is left out."""

    def of_each(name: str, help_text: str, value: Any) -> Iterator[str]:
        return _gauge(f"exchange_{name}", help_text, [({"exchange": one["id"]}, value(one)) for one in exchanges])

    yield from of_each(
        "up",
        "1: its last run was good, is not too old, and brought fresh rows.",
        lambda one: status_of(one, now, threshold) == "ok",
    )
    yield from of_each("last_success_age_seconds", "Since its last good run.", lambda one: age_of(one, now))
    yield from of_each("rows", "Contracts in its last good run.", lambda one: one["contracts"])
    yield from of_each("consecutive_failures", "Runs that failed since.", lambda one: one["consecutive_failures"])
    yield from of_each("last_run_seconds", "How long its last run took.", lambda one: one["fetch_seconds"])
    yield from of_each("skipped_rows", "Rows of its last run that could not be read.", _skipped)
    ages = [age for one in exchanges if (age := age_of(one, now)) is not None]
    yield from _gauge("data_age_seconds", "Since the last good run of any exchange.", [({}, min(ages, default=None))])


def _skipped(exchange: Exchange) -> int | None:
    return None if exchange["skipped"] is None else sum(json.loads(exchange["skipped"]).values())


def _gauge(name: str, help_text: str, samples: Iterable[Sample]) -> Iterator[str]:
    known = [_line(name, labels, value) for labels, value in samples if value is not None]
    if known:
        yield from _head(name, "gauge", help_text)
        yield from known


def _head(name: str, kind: str, help_text: str) -> Iterator[str]:
    yield f"# HELP funding_{name} {help_text}"
    yield f"# TYPE funding_{name} {kind}"


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{label}="{text.translate(ESCAPES)}"' for label, text in labels.items())
    return f"funding_{name}{{{inside}}} {value:.17g}" if inside else f"funding_{name} {value:.17g}"
