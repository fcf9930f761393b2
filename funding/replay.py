"""Runs the collecting half on recordings instead of the network, with the clock standing still."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from funding.adapter import Exchange, History, Row, Settlement, Tables
from funding.collect import Memory, Run, collect
from funding.errors import SHAPE_ERRORS, FetchError
from funding.history import by_time, read_page
from funding.outcome import Outcome
from funding.record import Recordings, reply_of, words_of


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement and the contract it is of; None where the recorded request does not name it."""

    symbol: str | None
    settlement: Settlement


def replay(name: str, exchange: Exchange, source: Recordings) -> Outcome:
    """One run of the engine on recordings."""
    return collect(name, exchange, source, Memory(), clock=lambda: source.at, timer=lambda: 0.0)


def replay_history(exchange: Exchange, source: Recordings, skipped: Counter[str] | None = None) -> Iterator[Settled]:
    """What the recorded history answers say, contract by contract. Raises FetchError for an answer that is an error.

    `skipped` is given the reasons of rows that cannot be read, and how many they are.
    """
    history = exchange.history
    names = Names(exchange, source)
    for recording in source.recordings if history else ():
        words = words_of(history, recording) if history else None
        if history is None or words is None:
            continue
        source.used.add(recording.path)
        now = max(source.at, recording.until or source.at)
        page = read_page(exchange, history, reply_of(recording, source.at), words, now)
        if skipped is not None:
            skipped.update(page.skipped)
        symbol = names.symbol(history, words)
        yield from (Settled(symbol, one) for one in by_time(page.settled, exchange.interval_hours))


class Names:
    """From the words of a recorded history request back to the symbol of its contract.

    Every contract that the recordings know is put to the adapter's `asks`: the one that is asked for in these words is it.
    """

    def __init__(self, exchange: Exchange, source: Recordings) -> None:
        self.exchange, self.source = exchange, source
        self._known: tuple[Tables, list[Any]] | None = None

    def symbol(self, history: History, words: Row) -> str | None:
        if "symbol" in words or history.asks is None:
            return words.get("symbol")
        tables, contracts = self.known()
        asked = ((contract.symbol, _asked(history, contract, tables)) for contract in contracts)
        return next((str(symbol) for symbol, found in asked if _agree(found, words)), None)

    def known(self) -> tuple[Tables, list[Any]]:
        """The recorded tables; the contracts of recorded rates, then one for each text in the tables that may be its name."""
        if self._known is None:
            source = Recordings(
                self.source.recordings, self.source.at
            )  # its own: a table that is missing is no fault here
            run = Run("", self.exchange, source, Memory(), lambda: source.at)
            try:
                tables = run.tables()
            except FetchError:
                tables = {}
            rates = collect("", self.exchange, source, Memory(), lambda: source.at, lambda: 0.0).rates
            self._known = tables, [*rates, *map(_bare, _texts(tables))]
            self.source.used |= source.used
        return self._known


def _bare(symbol: str) -> Any:
    return SimpleNamespace(symbol=symbol, base="", quote="", settle="", kind="linear")


def _texts(tables: Tables) -> Iterator[str]:
    for table in tables.values():
        for key, row in table.items():
            yield from (value for value in (key, *row.values()) if isinstance(value, str))


def _asked(history: History, contract: Any, tables: Tables) -> Row | None:
    try:
        return history.asks(contract, tables) if history.asks else None
    except SHAPE_ERRORS:
        return None


def _agree(asked: Row | None, words: Row) -> bool:
    """Are the words that both have the same? As text: in a URL a number is one."""
    both = (asked or {}).keys() & words.keys()
    return bool(both) and all(str(asked[word]) == str(words[word]) for word in both if asked)
