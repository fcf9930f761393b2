"""The first history request for every contract of every exchange's payloads: named as the exchange names it, nothing left open."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from funding.adapter import Call, Exchange, Tables, load
from funding.backfill import Backfill, Contract, Got, Job
from funding.errors import FetchError
from funding.message import Reply, Request, T
from funding.outcome import Outcome
from funding.replay import replay
from funding.walk import Span
from tests.exchanges.test_payloads import folder, source, tables

NOW = 1_795_501_800  # 2026-11-24T06:30:00Z, when the payloads are from
WITH_HISTORY = [name for name, exchange in load().items() if exchange.history]


class Keeps:
    """A source that keeps every request and fails it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def items(self, call: Call, tables: Tables) -> list[Any]:
        return []

    def workers(self, host: str) -> int:
        return 1

    def get(self, request: Request, read: Callable[[Reply], T]) -> T:
        self.requests.append(request)
        raise FetchError("http", "kept")


def rates_of(name: str) -> list[tuple[Path, Outcome]]:
    paths = sorted(folder(name).glob("rates*.json"))
    return [(path, replay(name, load()[name], source(path, *tables(path)))) for path in paths]


def first_requests(name: str, path: Path, outcome: Outcome) -> tuple[list[Got], list[Request]]:
    span = Span(NOW - 86_400, NOW)
    jobs = [
        Job(Contract(number, one.symbol, one.base, one.quote, one.settle, one.kind, one.funding_interval_hours),
            span.since, (span,))
        for number, one in enumerate(outcome.rates)
    ]  # fmt: skip
    task = Backfill(name, load()[name], source(path, *tables(path)), lambda got: None, lambda: NOW)
    known, keeps = task.tables(jobs), Keeps()
    task.source = keeps
    return [task.ask(job, known) for job in jobs], keeps.requests


@pytest.mark.parametrize("name", WITH_HISTORY)
def test_the_first_history_request_is_well_formed(name: str) -> None:
    exchange = load()[name]
    seen = 0
    for path, outcome in rates_of(name):
        found, requests = first_requests(name, path, outcome)
        assert all(got.listed and got.error and got.error.words == "kept" for got in found), found
        assert len(requests) == len(outcome.rates)
        assert len({(request.url, request.body) for request in requests}) == len(requests), "two contracts, one request"
        for request in requests:
            check(exchange, request)
        seen += len(requests)
    assert seen


def check(exchange: Exchange, request: Request) -> None:
    assert request.url.startswith("https://")
    assert request.host in exchange.hosts, "it has no budget"
    assert not set("{} ") & set(request.url)
    assert "%7B" not in request.url
    assert "=&" not in request.url
    assert "None" not in request.url
    assert exchange.history
    assert (request.body is None) == (exchange.history.body is None)
    assert request.weight == exchange.history.weight
    if request.body is not None:
        body = json.loads(request.body)
        assert "{" not in json.dumps(list(texts(body)))


def texts(body: Any) -> list[str]:
    if isinstance(body, dict):
        return [text for value in body.values() for text in texts(value)]
    return [body] if isinstance(body, str) else []


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("hyperliquid", {"startTime": (NOW - 86_400) * 1000, "endTime": NOW * 1000}),
        ("grvt", {"start_time": f"{NOW - 86_400}000000000", "end_time": f"{NOW}000000000"}),
    ],
)
def test_times_in_a_body_are_numbers_and_nanoseconds_text(name: str, times: dict[str, object]) -> None:
    path, outcome = rates_of(name)[0]
    body = json.loads(first_requests(name, path, outcome)[1][0].body or b"")
    assert {key: body[key] for key in times} == times
