"""Rates as a table, the same columns for stored, live and recorded ones; and what was wrong with a run, in words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from funding.analysis.current import Row
from funding.cli import console
from funding.cli.console import Column
from funding.outcome import Outcome


def columns(now: int) -> tuple[Column, ...]:
    """They fit 100 letters; `now` in Unix seconds, for what is said as a span."""
    return (
        Column("EXCHANGE", _text("exchange")),
        Column("SYMBOL", _text("symbol"), cut=True),
        Column("RATE", lambda row: console.percent(row["funding_rate_pct"], 4), number=True, signed=True),
        Column("EVERY", lambda row: console.hours(row["funding_interval_hours"]), number=True),
        Column("A YEAR", lambda row: console.percent(row["annualized_pct"], 2), number=True, signed=True),
        Column("DUE IN", lambda row: _until(row["next_funding_time"], now), number=True),
        Column("MARK", lambda row: console.price(row["mark_price"]), number=True),
        Column("OI $", lambda row: console.amount(row["open_interest_usd"]), number=True),
        Column("VOLUME $", lambda row: console.amount(row["volume_24h_usd"]), number=True),
        Column("AGE", _age, number=True),
    )


def print_rates(rows: Iterable[Row], now: int) -> None:
    console.print_table(columns(now), rows)


def _text(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: row[name]


def _until(moment: int | None, now: int) -> str:
    return console.UNKNOWN if moment is None else console.span(moment - now)


def _age(row: Mapping[str, Any]) -> str:
    return console.span(row["age_seconds"]) + ("!" if row["stale"] else "")


def say_faults(outcome: Outcome) -> None:
    for words in faults(outcome):
        console.say(words)
    if outcome.not_ours:
        console.say(f"rows of another kind, or not listed: {outcome.not_ours}")


def faults(outcome: Outcome) -> Iterator[str]:
    """Why a run failed, what it could not read, what it noticed."""
    if outcome.error_kind is not None:
        yield f"failed, {outcome.error_kind}: {outcome.error}"
    for kind, count in outcome.failures.items():
        yield f"calls that failed: {count} × {kind}"
    for reason, count in outcome.skipped.items():
        yield f"unreadable rows: {count} × {reason}"
    yield from outcome.notices
