"""What a cycle costs an exchange: calls, and the part of its budget. From the declaration alone, before any run."""

import math
from collections import defaultdict
from urllib.parse import urlsplit

from funding.adapter import PLACEHOLDER, Budget, Call, Exchange
from funding.store.exchanges import Declaration


def declaration(name: str, exchange: Exchange, interval_seconds: int) -> Declaration:
    """What the store keeps of an exchange."""
    return Declaration(
        id=name,
        title=exchange.title,
        kind=exchange.kind,
        hosts=len(exchange.hosts),
        calls_per_cycle=calls_per_cycle(exchange, interval_seconds),
        budget=budget_words(exchange),
        budget_share=budget_share(exchange, interval_seconds),
    )


def calls_per_cycle(exchange: Exchange, interval_seconds: int) -> int:
    """On the average, those whose answers stay good for several cycles included."""
    return math.ceil(sum(_calls(call, interval_seconds) for call in exchange.calls))


def budget_share(exchange: Exchange, interval_seconds: int) -> float:
    """The part of the busiest host's budget that the cycles use, 0 to 1."""
    weights: defaultdict[str, float] = defaultdict(float)
    for call in exchange.calls:
        hosts = _hosts(call)
        for host in hosts:
            weights[host] += _calls(call, interval_seconds) * call.weight / len(hosts)
    return round(max(weights.values()) / (exchange.budget.per_second * interval_seconds), 4)


def budget_words(exchange: Exchange) -> str:
    """ "10 in 2 s", "50 a second", "weight 1200 in 60 s"."""
    budget: Budget = exchange.budget
    what = "weight " if any(call.weight != 1 for call in exchange.calls) else ""
    return f"{what}{budget.limit:g} " + ("a second" if budget.seconds == 1 else f"in {budget.seconds:g} s")


def _calls(call: Call, interval_seconds: int) -> float:
    """In a cycle. `at_most` is for every cycle, since those that follow ask the items that are left."""
    if call.at_most:
        return call.at_most
    items = call.about or (1 if callable(call.each) else len(call.each) or 1)
    return items / max(1, math.ceil(call.good_for / interval_seconds))


def _hosts(call: Call) -> tuple[str, ...]:
    host = urlsplit(call.url).netloc
    return call.each if PLACEHOLDER.fullmatch(host) and isinstance(call.each, tuple) else (host,)
