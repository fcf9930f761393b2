"""From a reply to its rows: status, JSON, the venue's own refusals, the path to the rows. The same for live answers and recordings."""

import json
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from funding.adapter import Answer, Row, at
from funding.errors import SHAPE_ERRORS, FetchError
from funding.message import Reply

WORDS = (
    "msg", "message", "retMsg", "err_msg", "err-msg", "msgInfo",
    "error.message", "error.msg", "error", "reason", "detail",
)  # fmt: skip
LONGEST_WORDS = 200
LONGEST_WAIT = 900.0  # a Retry-After beyond it is in another unit (milliseconds), or no use to us
LONGEST_BAN = 3 * 86_400.0
STATUS_KINDS = {429: "rate_limited", 418: "banned", 405: "banned", 403: "blocked", 451: "blocked"}


def read(reply: Reply, answer: Answer) -> Any:
    """The body of a good answer. Raises FetchError: by the status first, then not_json, then the venue's own refusal."""
    if not 200 <= reply.status < 300:
        raise _status_error(reply)
    body = _decode(reply)
    _refuse(body, answer)
    return body


def rows_of(body: Any, rows: str | Callable[[Any], list[Row]]) -> list[Row]:
    """The rows at a path or from a function; one object is one row; nulls are passed over. Raises FetchError("shape")."""
    try:
        found = rows(body) if callable(rows) else _at_path(body, rows)
    except SHAPE_ERRORS as error:
        raise FetchError("shape", f"the answer has another shape: {_says(error)}") from error
    kept = [row for row in ([found] if isinstance(found, dict) else found) if row is not None]
    for row in kept:
        if not isinstance(row, dict):
            raise FetchError("shape", f"a row is not an object: {row!r:.60}")
    return kept


def text_at(body: Any, path: str) -> str | None:
    """What stands at a path, as text (true, 0); None where it is absent or null."""
    try:
        value = at(body, path)
    except SHAPE_ERRORS:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _at_path(body: Any, path: str) -> Any:
    path, star, rest = path.partition("*")
    found = at(body, path.rstrip("."))
    if star:
        found = list(found.values())
    if rest or not isinstance(found, list | dict):
        raise TypeError(f"rows at {path or 'the top'!r} are {type(found).__name__}")
    return found


def _says(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else f"{error}"[:LONGEST_WORDS]


def _decode(reply: Reply) -> Any:
    try:
        return json.loads(reply.body, parse_constant=_no_constant, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        start = reply.body[:LONGEST_WORDS].decode("utf-8", "replace")
        words = f"not JSON: {_one_line(start)!r}" if start else "an empty body"
        raise FetchError("not_json", words) from error


def _unambiguous(pairs: list[tuple[str, Any]]) -> Row:
    """A key that stands twice with different values says nothing: it is left out."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    torn = {key for key, value in pairs if found[key] != value}
    return {key: value for key, value in found.items() if key not in torn}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _refuse(body: Any, answer: Answer) -> None:
    value = text_at(body, answer.field) if answer.field else None
    if value is None or value in answer.good:
        return
    code = text_at(body, answer.code) if answer.code else value
    words = f"refused with code {code}: {_words(body)}"
    if code in answer.slow_down:
        raise FetchError("rate_limited", words)
    if code in answer.barred:
        raise FetchError("blocked", words, status=451)
    raise FetchError("refused", words)


def _status_error(reply: Reply) -> FetchError:
    kind = STATUS_KINDS.get(reply.status, "redirect" if reply.status < 400 else "http")
    return FetchError(
        kind,
        f"HTTP {reply.status}: {_status_words(reply)}",
        retryable=True if reply.status >= 500 else None,
        retry_after=retry_after(reply, LONGEST_BAN if kind == "banned" else LONGEST_WAIT),
        status=reply.status,
    )


def _status_words(reply: Reply) -> str:
    try:
        return _words(json.loads(reply.body))
    except (ValueError, RecursionError):
        return _one_line(reply.body[:LONGEST_WORDS].decode("utf-8", "replace")) or "an empty body"


def _words(body: Any) -> str:
    """The first of the usual places that holds text; else the body's own beginning."""
    found = next(_texts(body), None)
    return _one_line(found if found is not None else json.dumps(body))[:LONGEST_WORDS]


def _texts(body: Any) -> Iterator[str]:
    for path in WORDS:
        try:
            value = at(body, path)
        except SHAPE_ERRORS:
            continue
        if isinstance(value, str) and value:
            yield value


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def retry_after(reply: Reply, longest: float) -> float | None:
    """Seconds to wait by the Retry-After header: seconds, an HTTP date, or (over 1e9) a Unix time; None without one."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        wait = float(text)
        wait = wait - reply.at if wait > 1e9 else wait
    except ValueError:
        try:
            wait = parsedate_to_datetime(text).timestamp() - reply.at
        except ValueError:
            return None
    return min(max(wait, 0.0), longest) if wait == wait else None
