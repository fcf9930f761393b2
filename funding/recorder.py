"""A live run's answers as recordings: keeps what came, and writes the files that `funding replay` reads. Asks nothing itself.

A replay must read what the run read, to the last digit. So figures are written as they stood in the answer, and an
answer that is no JSON object or array, or none that can be said again exactly, is kept as text.
"""

import json
import math
import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from funding.adapter import Exchange
from funding.errors import SettingError
from funding.message import Get, Reply, Request, T
from funding.record import Recording, call_of

SOURCE = "recorded live by funding record"
HARMLESS = re.compile(r"date|content-type|retry-after|.*rate-?limit.*|.*used-weight.*|x-bapi-limit.*")
UNSAFE = re.compile(r"[^\w.=+-]+")  # in the name of a file
LONGEST_ITEM = 60


class Digits(str):
    """A number as it was written; the type tells it from a text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, and whether the engine took it for an error."""

    reply: Reply
    failed: bool


class Recorder:
    """Keeps the last answer to each request: of two tries the one that counted."""

    def __init__(self) -> None:
        self._answers: dict[Request, Answered] = {}

    def over(self, get: Get) -> Get:
        """The same Get, listened to."""

        def heard(request: Request, read: Callable[[Reply], T]) -> T:
            def kept(reply: Reply) -> T:
                self._answers[request] = Answered(reply, failed=True)
                found = read(reply)
                self._answers[request] = Answered(reply, failed=False)
                return found

            return get(request, kept)

        return heard

    def recordings(self, exchange: Exchange) -> list[Recording]:
        """In the order of the requests. `path` is a file's name: the call and the item; an error's begins with "error"."""
        found: dict[str, Recording] = {}
        for request, answered in list(self._answers.items()):
            recording = _recording(request, answered)
            call, item = call_of(exchange, recording)
            name = "_".join(["error"] * answered.failed + [call.name] + [_safe(item)] * (item is not None))
            path = f"{_free(name, found)}.json"
            found[path] = replace(recording, path=path, what="error" if answered.failed else call.name)
        return list(found.values())


def _recording(request: Request, answered: Answered) -> Recording:
    reply = answered.reply
    return Recording(
        path="",
        what="",
        method=request.method,
        url=request.url,
        body=None if request.body is None else json.loads(request.body),
        status=reply.status,
        headers={name: value for name, value in reply.headers.items() if HARMLESS.fullmatch(name)},
        answer=exact(reply.body),
        at=reply.at,
        until=reply.at,
        complete=not answered.failed,
    )


def _safe(item: Any) -> str:
    return UNSAFE.sub("_", str(item))[:LONGEST_ITEM]


def _free(name: str, taken: Container[str]) -> str:
    """The pages of one item differ by a number alone."""
    return next(one for one in chain([name], (f"{name}_{n}" for n in count(2))) if f"{one}.json" not in taken)


# Writing


def check_folder(folder: Path) -> None:
    """Raises SettingError where there are recordings already: a replay would mix them with others."""
    if any(folder.glob("*.json")):
        raise SettingError(f"{folder}: there are *.json in it already; give a new folder")


def save(folder: Path, exchange: str, recordings: Iterable[Recording]) -> None:
    """One file each, in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for recording in recordings:
        (folder / recording.path).write_text(text_of(_form(exchange, recording)) + "\n", "ascii")


def _form(exchange: str, recording: Recording) -> dict[str, Any]:
    moment = datetime.fromtimestamp(recording.at or 0.0, UTC).isoformat(timespec="milliseconds")
    return {
        "exchange": exchange,
        "what": recording.what,
        "source": SOURCE,
        "recorded": moment.replace("+00:00", "Z"),
        "request": {"method": recording.method, "url": recording.url, "body": recording.body},
        "response": {"status": recording.status, "headers": recording.headers, "body": recording.answer},
        "complete": recording.complete,
    }


def exact(body: bytes) -> Any:
    """The body as JSON whose numbers are Digits; as text where that would not give the same when it is read."""
    try:
        found = json.loads(
            body.decode("utf-8"),
            parse_float=_digits,
            parse_int=_digits,
            parse_constant=_refused,
            object_pairs_hook=_once,
        )
        text_of(found)  # nests too deep?
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict | list) else body.decode("utf-8", "surrogateescape")


def _digits(text: str) -> Digits:
    if not math.isfinite(float(text)):
        raise ValueError(f"{text:.20} is infinite to Python")
    return Digits(text)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def text_of(value: Any, margin: str = "\n") -> str:
    """JSON, with Digits as they are. What holds plain values alone is one line, so that a row is."""
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {text_of(part, margin + ' ')}" for key, part in value.items()]
        return _joined("{}", parts, value.values(), margin)
    if isinstance(value, list):
        return _joined("[]", [text_of(part, margin + " ") for part in value], value, margin)
    return value if isinstance(value, Digits) else json.dumps(value)


def _joined(brackets: str, parts: list[str], values: Iterable[Any], margin: str) -> str:
    if any(isinstance(value, dict | list) for value in values):
        inner = f"{margin} "
        return f"{brackets[0]}{inner}{f',{inner}'.join(parts)}{margin}{brackets[1]}"
    return f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
