"""Recordings cut down to a few rows, to be attached to a bug report. Pure.

Of every form some rows are kept, so that the odd one is among them; and in all other answers the rows that name those.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from funding.adapter import Exchange, Row
from funding.record import Recording, Recordings, call_of, newest
from funding.recorder import text_of
from funding.replay import replay

FIGURE = re.compile(r"[-+]?[\d.]+([eE][-+]?\d+)?")

Rows = list[tuple[str, Any]]  # (key, row); the key is "" in a list
Kept = dict[int, set[int]]  # length of a list → which rows of it are kept


def slim(recordings: list[Recording], name: str, exchange: Exchange, most: int) -> list[Recording]:
    """At most `most` rows of a form in a list, and `most` answers of a call that is asked item by item; the order stays.

    What was cut is not complete any more. Where the tables, cut too, would make a rate say something else, they are whole.
    """
    whole = _known(recordings, name, exchange)
    for tables_too in (True, False):
        few = _few(recordings, exchange, most, tables_too)
        left = _known(few, name, exchange)
        if all(symbol in whole and rate.items() <= whole[symbol].items() for symbol, rate in left.items()):
            return few
    return recordings


def _known(recordings: list[Recording], name: str, exchange: Exchange) -> dict[str, Row]:
    """What a replay gives: symbol → the figures that are known."""
    plain = [replace(one, answer=json.loads(text_of(one.answer))) for one in recordings]
    outcome = replay(name, exchange, Recordings(plain, newest(plain) or 0.0))
    return {rate.symbol: {k: v for k, v in asdict(rate).items() if v is not None} for rate in outcome.rates}


def _few(recordings: list[Recording], exchange: Exchange, most: int, tables_too: bool) -> list[Recording]:
    asked = {one.path: call_of(exchange, one) for one in recordings}
    answers: Counter[tuple[str, str]] = Counter()
    names: set[str] = set()  # by which the rates that are kept are known
    found = {}
    for recording in sorted(recordings, key=lambda one: asked[one.path][0].name != "rates"):
        call, item = asked[recording.path]
        if callable(call.each) and str(item) not in names:
            answers[call.name, recording.what] += 1
            if answers[call.name, recording.what] > most:
                continue
        lists = list(_lists(recording.answer, most)) if tables_too or call.name == "rates" else []
        kept = _kept(lists, most, names)
        if call.name == "rates":
            names |= {str(item)} | _names(lists, kept)
        complete = recording.complete and not kept
        found[recording.path] = replace(recording, answer=_cut(recording.answer, most, kept), complete=complete)
    partial = {name for (name, _), count in answers.items() if count > most}
    return [
        replace(found[path], complete=found[path].complete and asked[path][0].name not in partial)
        for path in asked
        if path in found
    ]


def _lists(value: Any, most: int) -> Iterator[Rows]:
    """Every list of rows that is too long."""
    rows = _rows(value)
    if len(rows) > most:
        yield rows
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _lists(part, most)


def _cut(value: Any, most: int, kept: Kept) -> Any:
    """The same with the rows that are kept, of the lists that _lists() gives."""
    rows = _rows(value)
    if len(rows) > most:
        few = [rows[index] for index in sorted(kept.get(len(rows), range(len(rows))))]
        return dict(few) if isinstance(value, dict) else [row for _, row in few]
    if isinstance(value, dict):
        return {key: _cut(part, most, kept) for key, part in value.items()}
    return [_cut(part, most, kept) for part in value] if isinstance(value, list) else value


def _rows(value: Any) -> Rows:
    """What a value lists: objects, arrays, or an object's alike objects. Empty where it is no list of rows."""
    if isinstance(value, list) and all(isinstance(row, dict | None) for row in value):
        return [("", row) for row in value]
    if isinstance(value, list) and all(isinstance(row, list) for row in value):
        return [("", row) for row in value]
    if isinstance(value, dict) and len(value) > 1 and all(isinstance(row, dict) for row in value.values()):
        return list(value.items()) if set.intersection(*map(set, value.values())) else []
    return []


def _kept(lists: Iterable[Rows], most: int, names: set[str]) -> Kept:
    """Lists of one length in one answer may be columns of one table: they keep the same rows."""
    kept: defaultdict[int, set[int]] = defaultdict(set)
    for rows in lists:
        forms: Counter[Hashable] = Counter()
        for index, (key, row) in enumerate(rows):
            forms[_form(row)] += 1
            if forms[_form(row)] <= most or not names.isdisjoint(_words(key, row)):
                kept[len(rows)].add(index)
    return {length: indexes for length, indexes in kept.items() if len(indexes) < length}


def _names(lists: Iterable[Rows], kept: Kept) -> set[str]:
    """The words that stand in a kept row and in no other row of its list."""
    found = set()
    for rows in lists:
        words = [_words(key, row) for key, row in rows]
        times = Counter(word for one in words for word in one)
        for index in kept.get(len(rows), range(len(rows))):
            found |= {word for word in words[index] if times[word] == 1}
    return found


def _words(key: str, row: Any) -> set[str]:
    """The texts of a row that are no figures."""
    values = row.values() if isinstance(row, dict) else row or ()
    return {value for value in (key, *values) if type(value) is str and _kind(value) == "text"}


def _form(row: Any) -> Hashable:
    if isinstance(row, dict):
        return frozenset((name, _kind(value)) for name, value in row.items())
    return tuple(map(_kind, row or ()))


def _kind(value: Any) -> str:
    """The type; a text, a figure in quotes and an empty text are three."""
    if type(value) is not str:
        return type(value).__name__
    return "figure" if FIGURE.fullmatch(value) else "text" if value else "nothing"
