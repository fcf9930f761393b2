"""Lists: sorted, cut, reduced to the fields asked for, and written in the format asked for, JSON in the envelope.

A row here is a tuple, its values in the order of the list's columns.
"""

import heapq
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from marshal import dumps, loads
from operator import itemgetter
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.database import Reading
from funding.api.formats import JSON, WRITERS, Cells, encode
from funding.api.query import pairs

Row = dict[str, Any]
T = TypeVar("T")
Line = TypeVar("Line", bound=Cells)

MANY = 1000  # of a sorted list, so many rows are picked as the others pass by; to pick more, all are sorted


class Counted(Generic[T]):
    """Rows to go through once; `number` then says how many there were."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self.number += 1
            yield row


class Page(Generic[Line]):
    """The rows that `sort`, `offset` and `limit` leave, to go through once.

    `count` and `total` say, then, how many they were and out of how many. What is not on the page passes by, and what is
    on it is not kept unless it has to be sorted.
    """

    def __init__(
        self, rows: Iterable[Line], values: Mapping[str, Any], getter: Callable[[str], Callable[[Line], Any]]
    ) -> None:
        """`getter`: from a field that is sorted by to what gets it from a row."""
        self._rows = Counted(rows)
        self._first, self._end = values["offset"], values["offset"] + values["limit"]
        self._key = _key(values["sort"], getter) if values["sort"] else None
        self._page = Counted(self._cut())

    @property
    def count(self) -> int:
        return self._page.number

    @property
    def total(self) -> int:
        return self._rows.number

    def __iter__(self) -> Iterator[Line]:
        return iter(self._page)

    def _cut(self) -> Iterator[Line]:
        if self._key is None:
            passing = iter(self._rows)
            yield from islice(passing, self._first, self._end)
            deque(passing, maxlen=0)  # they count
        elif self._end <= MANY:
            yield from heapq.nsmallest(self._end, self._rows, self._key)[self._first :]
        else:
            yield from _sorted(self._rows, self._key, slice(self._first, self._end))


def _sorted(rows: Iterable[Line], key: Callable[[Line], Any], part: slice) -> Iterator[Line]:
    """Rows that wait for their place as bytes: as objects, thousands of them leave gaps in Python's memory for good."""
    keys, starts, waiting = [], array("Q"), bytearray()
    for row in rows:
        keys.append(key(row))
        starts.append(len(waiting))
        waiting += dumps(row)
    view = memoryview(waiting)
    for place in sorted(range(len(keys)), key=keys.__getitem__)[part]:
        yield loads(view[starts[place] :])  # noqa: S302 - our own bytes


def _key(sort: Sequence[str], getter: Callable[[str], Callable[[T], Any]]) -> Callable[[T], Any]:
    """The sort key of several fields."""
    parts = [(getter(field.removeprefix("-")), field.startswith("-")) for field in sort]
    if len(parts) == 1:
        [(get, down)] = parts
        return lambda row: _rank(get(row), down)
    return lambda row: [_rank(get(row), down) for get, down in parts]


def _rank(value: Any, down: bool) -> tuple[bool, Any]:
    """Unknown values come last, whichever way it is sorted."""
    if value is None:
        return True, 0
    if down:
        return False, -value if isinstance(value, float | int) else _Down(value)
    return False, value


@dataclass(frozen=True, slots=True)
class _Down:
    """Text that sorts the other way round."""

    text: str

    def __lt__(self, other: "_Down") -> bool:
        return other.text < self.text


def in_place(columns: Sequence[str]) -> Callable[[str], Callable[[Cells], Any]]:
    """A page's getter for rows of these columns."""
    return lambda field: itemgetter(columns.index(field))


def tuples(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[Cells]:
    """Rows as mappings, made into rows as they are here."""
    return map(_picker(columns), rows)


def list_answer(
    request: Request,
    reading: Reading,
    columns: Sequence[str],
    rows: Iterable[Cells],
    page: Page[Any],
    notices: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> Answer:
    """The rows of a page; `more` stands in the envelope beside them.

    `rows` are the page's, shaped into `columns`. `notices` may grow while they are gone through.
    """
    pieces = written(request, columns, rows)
    if request.format is JSON:
        pieces = enveloped(reading.now, page.count, page.total, pieces, notices, more)
    return Answer(pieces, snapshot=reading.snapshot, headers=next_link(request, page.total, page.count))


def written(request: Request, columns: Sequence[str], rows: Iterable[Cells]) -> list[bytes]:
    """The rows, reduced to the fields asked for, in the format asked for."""
    fields = request.values["fields"]
    if fields:
        rows = map(_picker([columns.index(field) for field in fields]), rows)
    body = BytesIO()  # one block, given back at once; as many pieces it would leave gaps
    body.writelines(WRITERS[request.format](fields or columns, rows))
    return [body.getvalue()]


def enveloped(
    now: int,
    count: int,
    total: int | None,
    rows: list[bytes],
    notices: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> list[bytes]:
    """The rows, written as JSON, in what stands around every list."""
    head = encode({"fetched_at": now, "count": count, "total": total, **(more or {})})
    return [f'{head[:-1]},"rows":['.encode(), *rows, f'],"notices":{encode(notices)}}}'.encode()]


def next_link(request: Request, total: int, count: int) -> tuple[tuple[str, str], ...]:
    """The header that leads to the next page, if there is one."""
    offset = request.values["offset"] + count
    return link(request, offset=offset) if offset < total and count else ()


def link(request: Request, **changed: Any) -> tuple[tuple[str, str], ...]:
    """The same request with a parameter changed, as what comes next."""
    others = [(name, value) for name, value in pairs(request.query) if name not in changed]
    return (("Link", f'<{quote(request.path)}?{urlencode([*others, *changed.items()])}>; rel="next"'),)


def _picker(keys: Sequence[Any]) -> Callable[[Any], Cells]:
    """Of a mapping by names, of a tuple by places."""
    if len(keys) == 1:
        return lambda row: (row[keys[0]],)
    return itemgetter(*keys)
