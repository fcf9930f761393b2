"""Runs the collecting half on recordings instead of the network, with the clock standing still."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from funding.adapter import Exchange, History, Settlement
from funding.backfill import read_history, settlements
from funding.collect import Memory, collect
from funding.outcome import Outcome
from funding.record import Recording, Recordings, reply_of, words_of


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement and the contract it is of; None where the recorded request does not name it."""

    symbol: str | None
    settlement: Settlement


def replay(name: str, exchange: Exchange, source: Recordings) -> Outcome:
    """One run of the engine on recordings."""
    return collect(name, exchange, source, Memory(), clock=lambda: source.at, timer=lambda: 0.0)


def replay_history(exchange: Exchange, source: Recordings) -> Iterator[Settled]:
    """What the recorded history answers say, contract by contract. Raises FetchError for an answer that is an error."""
    history = exchange.history
    for recording in source.recordings if history else ():
        words = words_of(history, recording) if history else None
        if history is not None and words is not None:
            source.used.add(recording.path)
            yield from _settled(exchange, history, recording, words, source.at)


def _settled(
    exchange: Exchange, history: History, recording: Recording, words: dict[str, Any], at: float
) -> Iterator[Settled]:
    rows = read_history(history, exchange.answer, reply_of(recording, at), words)
    for settlement in settlements(history, rows, max(at, recording.until or at)):
        yield Settled(words.get("symbol"), settlement)
