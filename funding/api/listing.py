"""Lists: sorted, cut, reduced to the fields asked for, and written in the envelope that all lists share."""

import heapq
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.database import Reading
from funding.api.kept import pack
from funding.api.params import pairs

Row = dict[str, Any]
T = TypeVar("T")

BATCH = 200
MANY = 1000  # a page of more is packed as it is written, so that it never stands in memory as a whole
encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def list_answer(
    request: Request,
    reading: Reading,
    rows: Iterable[Row],
    *,
    count: int,
    total: int,
    notices: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> Answer:
    """A page of `count` rows out of `total`; `more` stands in the envelope beside them."""
    pieces = envelope(reading.now, total, count, rows, notices, more)
    body = pack(pieces) if count > MANY else b"".join(pieces)
    return Answer(body, snapshot=reading.snapshot, headers=next_link(request, total, count))


class Counted(Generic[T]):
    """Rows to go through once; `number` then says how many there were."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self.number += 1
            yield row


def _field(row: Any, field: str) -> Any:
    return row[field]


def page_of(rows: Iterable[T], values: Mapping[str, Any], get: Callable[[T, str], Any] = _field) -> tuple[list[T], int]:
    """The rows that `sort`, `offset` and `limit` leave, and how many there were: the others pass by and none is kept.

    `get` gives a row's field.
    """
    passing, end = Counted(rows), values["offset"] + values["limit"]
    if values["sort"]:
        page = heapq.nsmallest(end, passing, key=_rank(values["sort"], get))[values["offset"] :]
    else:
        remaining = iter(passing)
        page = list(islice(remaining, values["offset"], end))
        deque(remaining, maxlen=0)  # they count
    return page, passing.number


def only(fields: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """The rows reduced to the fields; no fields means all."""
    return [{field: row[field] for field in fields} for row in rows] if fields else rows


def _rank(sort: Sequence[str], get: Callable[[T, str], Any]) -> Callable[[T], list[tuple[bool, Any]]]:
    """The sort key of several fields."""
    fields = [(key.removeprefix("-"), key.startswith("-")) for key in sort]
    return lambda row: [_place(get(row, field), down) for field, down in fields]


def _place(value: Any, down: bool) -> tuple[bool, Any]:
    """Unknown values come last, whichever way it is sorted."""
    if value is None:
        return True, 0
    return False, _Down(value) if down else value


@dataclass(frozen=True, slots=True)
class _Down:
    """A value that sorts the other way round."""

    value: Any

    def __lt__(self, other: "_Down") -> bool:
        return bool(other.value < self.value)


def envelope(
    now: int,
    total: int,
    count: int,
    rows: Iterable[Row],
    notices: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> Iterator[bytes]:
    """The body in pieces, so that the longest list is written without ever being whole."""
    head = encode({"fetched_at": now, "count": count, "total": total, **(more or {})})
    yield f'{head[:-1]},"rows":['.encode()
    remaining, comma = iter(rows), ""
    while batch := list(islice(remaining, BATCH)):
        yield (comma + encode(batch)[1:-1]).encode()
        comma = ","
    yield f'],"notices":{encode(notices)}}}'.encode()


def next_link(request: Request, total: int, count: int) -> tuple[tuple[str, str], ...]:
    """The header that leads to the next page, if there is one."""
    offset = request.values["offset"] + count
    if offset >= total or not count:
        return ()
    others = [(name, value) for name, value in pairs(request.query) if name != "offset"]
    return (("Link", f'<{quote(request.path)}?{urlencode([*others, ("offset", offset)])}>; rel="next"'),)
