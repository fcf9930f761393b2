"""How the rows of a list are written: JSON, CSV, NDJSON. All take columns and rows of values in their order.

Knows nothing of what the rows are, nor of HTTP beyond the names of the formats.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

BATCH = 50  # rows that are written at once
APART = "\0"  # stands in no JSON text: control characters are always escaped
NESTED = {list, dict}
AS_IT_IS = {float, int, type(None)}  # the csv module writes None as nothing, and numbers as JSON does
RISKY = ("=", "+", "-", "@", "\t")  # a spreadsheet takes a cell that begins so for a formula
encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_apart = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(APART, ":")).encode

Cells = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is what format= and the suffix say; the first of `medias` is what we call it, all are what Accept may."""

    name: str
    medias: tuple[str, ...]
    content_type: str

    @property
    def media(self) -> str:
        return self.medias[0]


JSON = Format("json", ("application/json",), "application/json")
CSV = Format("csv", ("text/csv",), "text/csv; charset=utf-8")
NDJSON = Format("ndjson", ("application/x-ndjson", "application/ndjson", "application/jsonl"), "application/x-ndjson")
ICS = Format("ics", ("text/calendar",), "text/calendar; charset=utf-8")
CCXT = Format("ccxt", ("application/vnd.ccxt+json",), "application/json")
TEXT = Format("text", ("text/plain",), "text/plain; charset=utf-8")
HTML = Format("html", ("text/html",), "text/html; charset=utf-8")
SVG = Format("svg", ("image/svg+xml",), "image/svg+xml")
METRICS = Format("text", ("text/plain",), "text/plain; version=0.0.4; charset=utf-8")
LISTS = (JSON, CSV, NDJSON)  # what every list is given in; the first by default


def json_rows(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """Objects with commas between them: the inside of an array."""
    comma = ""
    for piece in _objects(columns, rows, ","):
        yield (comma + piece[:-1]).encode()
        comma = ","


def ndjson_rows(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """An object a line."""
    for piece in _objects(columns, rows, "\n"):
        yield piece.encode()


def csv_rows(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """RFC 4180 with a header row. Unknown is an empty cell, a value that is itself a list or an object is its JSON."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(columns)
    for batch in _batches(rows):
        writer.writerows([value if type(value) in AS_IT_IS else _cell(value) for value in row] for row in batch)
        yield page.getvalue().encode()
        page.seek(0)
        page.truncate()
    yield page.getvalue().encode()  # the header, where there was no row


WRITERS = {JSON: json_rows, CSV: csv_rows, NDJSON: ndjson_rows}


def _batches(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _objects(columns: Sequence[str], rows: Iterable[Cells], end: str) -> Iterator[str]:
    """Batches of objects, `end` after each. The names are written once, as a template: dicts took half as long again."""
    template = "{" + ",".join(f'"{column}":%s' for column in columns) + "}" + end
    for batch in _batches(rows):
        texts = _texts(batch)
        if texts is not None:
            yield (template * len(batch)) % tuple(texts)
        else:
            yield "".join([encode(dict(zip(columns, row, strict=True))) + end for row in batch])


def _texts(batch: list[Cells]) -> list[str] | None:
    """The JSON of each value; None where one is a list or an object, which APART would stand inside."""
    if not NESTED.isdisjoint(map(type, batch[0])):  # as mostly all rows are, so that the attempt is not made in vain
        return None
    values = list(chain.from_iterable(batch))
    texts = _encode_apart(values)[1:-1].split(APART)
    return texts if len(texts) == len(values) else None


def _cell(value: Any) -> Any:
    """What the csv module is given for a text, a truth value, a list or an object."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RISKY) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return encode(value)
