"""Recordings instead of the network: what exchanges once sent, as a source for the engine. Opens files, never a connection."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from funding.adapter import DAY, PLACEHOLDER, Call, Exchange, History, Tables
from funding.errors import NotRecordedError, SettingError
from funding.message import Reply, Request, T

ANY = ("ANY", "ALL")  # values by which a venue names every instrument
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange of messages. `status` and `body` as sent; `at` Unix seconds, None where the time is not known."""

    path: str  # of the file
    what: str
    method: str
    url: str
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any
    at: float | None  # the first moment that "recorded" may mean,
    until: float | None  # and the last: a month is as much as many recordings know of their time
    complete: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """What must be the same for it to answer a request."""
        parts = urlsplit(self.url)
        return self.method, parts.netloc, parts.path

    @property
    def words(self) -> dict[str, Any]:
        """What its request says beside the place: the query's and the body's values."""
        return _words(self.url, self.body)


def load(paths: Iterable[Path]) -> list[Recording]:
    """Recordings from files and from the folders' *.json. Raises SettingError that names the file."""
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    return [_load(file) for file in files]


def _load(file: Path) -> Recording:
    try:
        found = json.loads(file.read_text("utf-8"))
        request, response = found["request"], found["response"]
        return Recording(
            path=str(file),
            what=found.get("what", ""),
            method=request.get("method", "GET"),
            url=request["url"],
            body=request.get("body"),
            status=response.get("status", 200),
            headers={name.lower(): value for name, value in (response.get("headers") or {}).items()},
            answer=_whole(response.get("body"), found.get("fragment_of")),
            at=(span := _span(found.get("recorded", "")))[0],
            until=span[1],
            complete=bool(found.get("complete")),
        )
    except OSError as error:
        raise SettingError(f"{file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SettingError(f"{file}: not a recording: {error!r}") from error


def _whole(body: Any, fragment_of: str | None) -> Any:
    """The body; one element of the list at "a.b[]" is put back in its place."""
    if not fragment_of:
        return body
    body = [body]
    for step in reversed([step for step in fragment_of.removesuffix("[]").split(".") if step]):
        body = {step: body}
    return body


def _span(recorded: str) -> tuple[float | None, float | None]:
    """A date or time, or "2026-04" or "2026" → its first and last moment, Unix seconds; None for "unknown"."""
    if re.match(r"\d{4}-\d\d-\d\d", recorded):
        moment = datetime.fromisoformat(recorded)
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return stamp, stamp + (DAY if len(recorded) == len("2026-04-01") else 0)
    found = re.match(r"(\d{4})(?:-(0[1-9]|1[0-2])\b)?", recorded)
    if not found:
        return None, None
    year, month = int(found[1]), int(found[2] or 1)
    end = (year + 1, 1) if not found[2] or month == 12 else (year, month + 1)
    return datetime(year, month, 1, tzinfo=UTC).timestamp(), datetime(*end, 1, tzinfo=UTC).timestamp()


def newest(recordings: Iterable[Recording]) -> float | None:
    """The time of the newest recording, Unix seconds; None where none says."""
    return max((recording.at for recording in recordings if recording.at is not None), default=None)


def _words(url: str, body: Any) -> dict[str, Any]:
    words = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return {**words, **body} if isinstance(body, dict) else words


@dataclass(slots=True)
class Recordings:
    """A source for collect(). The clock stands at `at`; what no request asked for is in `unused()`."""

    recordings: list[Recording]
    at: float
    used: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def workers(self, host: str) -> int:
        return 1

    def get(self, request: Request, read: Callable[[Reply], T]) -> T:
        """Raises NotRecordedError where no recording agrees."""
        recording = self.find(request)
        if recording is None:
            asked = f"{request.method} {request.url}" + (f" {request.body.decode()}" if request.body else "")
            self.missing.append(asked)
            raise NotRecordedError(f"not recorded: {asked}")
        self.used.add(recording.path)
        return read(reply_of(recording, self.at))

    def find(self, request: Request) -> Recording | None:
        """The one at the same place whose query and body agree best; on a tie one of rates, which says least more, the nearest."""
        parts = urlsplit(request.url)
        words = _words(request.url, json.loads(request.body) if request.body else None)
        best: tuple[tuple[int, bool, int, float], Recording] | None = None
        for recording in self.recordings:
            if recording.place != (request.method, parts.netloc, parts.path):
                continue
            score = _agreement(words, recording)
            distance = abs(self.at - recording.at) if recording.at is not None else float("inf")
            unasked = len(recording.words.keys() - words.keys())
            rank = (score or 0, recording.what == "rates", -unasked, -distance)
            if score is not None and (best is None or rank > best[0]):
                best = rank, recording
        return best[1] if best else None

    def items(self, call: Call, tables: Tables) -> list[Any]:
        """The items that the recordings name, instead of those that a whole list would name; "" where none does."""
        found = {item: None for recording in self.recordings for item in _items(call, recording)}
        return list(found) or [""]

    def unused(self) -> list[Recording]:
        return [recording for recording in self.recordings if recording.path not in self.used]


def _agreement(words: dict[str, Any], recording: Recording) -> int | None:
    """How many values are the same, less those that differ; None where a value is of another thing.

    Case does not count. Figures (limits, times) may differ, and a request for any instrument takes a recording that
    names one. A recorded error may have been made with bad parameters: it answers whatever is asked there.
    """
    score = 0
    for name, recorded in recording.words.items():
        if name not in words:
            continue
        asked, recorded = str(words[name]).upper(), str(recorded).upper()
        if asked == recorded:
            score += 1
        elif recording.what == "error" or asked in ANY or (NUMBER.fullmatch(asked) and NUMBER.fullmatch(recorded)):
            score -= 1
        else:
            return None
    return score


def _items(call: Call | History, recording: Recording) -> list[Any]:
    """The item of a call that a recording of it names: in the path, the query or the body; "" where it names none."""
    found = words_of(call, recording)
    word = call.word if isinstance(call, Call) else None
    return [] if found is None or word is None else [found.get(word, "")]


def words_of(call: Call | History, recording: Recording) -> dict[str, Any] | None:
    """The values of a call's placeholders in a recording of it; None if it is of another call."""
    asked, recorded = urlsplit(call.url), urlsplit(recording.url)
    path = _filled(asked.netloc + asked.path, recorded.netloc + recorded.path)
    if path is None or recording.method != ("GET" if call.body is None else "POST"):
        return None
    if call.body and not call.body.keys() & recording.words.keys():
        return None
    words = dict(path)
    for name, value in _words(call.url, call.body).items():
        if name in recording.words:
            found = _filled(value, recording.words[name])
            if found is None and call.body is not None:
                return None  # one path serves many calls: the body says which
            words |= found or {}
    return words


def call_of(exchange: Exchange, recording: Recording) -> tuple[Call, Any]:
    """The call that asks what was recorded, and the item that it names; None without one."""

    def agreement(call: Call) -> int:
        fixed = _words(call.url, call.body).items()
        return -1 if words_of(call, recording) is None else sum(recording.words.get(name) == one for name, one in fixed)

    call = max(exchange.calls, key=agreement)
    words = words_of(call, recording) or {}
    return call, words.get(call.word) if call.word else None


def _filled(pattern: Any, value: Any) -> dict[str, Any] | None:
    """What its placeholders hold where the value fits the pattern; a lone placeholder keeps the value's type."""
    if isinstance(pattern, dict):
        return _filled_object(pattern, value)
    if not isinstance(pattern, str):
        return {} if pattern == value else None
    if lone := PLACEHOLDER.fullmatch(pattern):
        return {lone[1]: value}
    parts = PLACEHOLDER.split(pattern)  # text, word, text, word, …, text
    expression = "".join(f"(?P<{part}>.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    found = re.fullmatch(expression, str(value))
    return found.groupdict() if found else None


def _filled_object(pattern: dict[str, Any], value: Any) -> dict[str, Any] | None:
    """The same for an object in a body: what the keys hold that both have."""
    words: dict[str, Any] = {}
    for name in pattern.keys() & value.keys() if isinstance(value, dict) else ():
        found = _filled(pattern[name], value[name])
        if found is None:
            return None
        words |= found
    return words if isinstance(value, dict) else None


def reply_of(recording: Recording, at: float) -> Reply:
    """The recorded answer as if it arrived at `at`."""
    body = recording.answer
    raw = b"" if body is None else json.dumps(body).encode()
    if isinstance(body, str):
        raw = body.encode("utf-8", "surrogateescape")  # a live answer that is no UTF-8 was recorded so
    return Reply(recording.status, raw, at, recording.headers, sample=not recording.complete)
