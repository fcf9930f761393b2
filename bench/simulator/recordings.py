"""Answers for venues without a dialect here: recorded messages, as they stand. Reads them once, at start.

A request that nothing quite agrees with gets the nearest answer of its path, be it of another contract: enough to time a
cycle, no market to judge. `funding replay` is strict.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.simulator.reply import Query, Reply, page


@dataclass(frozen=True, slots=True)
class Recording:
    exchange: str
    method: str
    host: str
    path: str
    query: Query
    body: Any
    reply: Reply

    def agreement(self, query: Query, body: Any) -> int:
        """How well a request fits: parameters that agree, less those that do not."""
        asked = {*query.items(), *_items(body)}
        recorded = {*self.query.items(), *_items(self.body)}
        return len(asked & recorded) - len(asked ^ recorded)


def _items(body: Any) -> set[tuple[str, str]]:
    return {(name, str(value)) for name, value in body.items()} if isinstance(body, dict) else set()


class Recordings:
    """All that were read, found by host, method and path; of several the one that agrees best."""

    def __init__(self, recordings: Iterable[Recording] = ()) -> None:
        self._by_call: dict[tuple[str, str, str], list[Recording]] = {}
        self.exchanges: dict[str, str] = {}  # host → exchange
        for one in recordings:
            self._by_call.setdefault((one.host, one.method, one.path), []).append(one)
            self.exchanges[one.host] = one.exchange

    def answer(self, host: str, method: str, path: str, query: Query, body: Any) -> Reply:
        found = self._by_call.get((host, method, path))
        if not found:
            return page(404, "Not Found")
        return max(found, key=lambda one: one.agreement(query, body)).reply


def read(folders: Iterable[Path]) -> Recordings:
    """Every *.json below the folders that holds a request and a whole good answer; others are passed over."""
    files = sorted(file for folder in folders for file in folder.rglob("*.json"))
    contents = (json.loads(file.read_text("utf-8")) for file in files)
    return Recordings(_recording(one) for one in contents if _is_recording(one))


def _is_recording(content: Any) -> bool:
    """A whole answer that is no refusal."""
    if not isinstance(content, dict) or not {"exchange", "request", "response"} <= content.keys():
        return False
    refusal = content.get("what") == "error" or content["response"].get("status", 200) >= 400
    return not refusal and "fragment_of" not in content


def _recording(content: Mapping[str, Any]) -> Recording:
    request, response = content["request"], content["response"]
    url = urlsplit(request["url"])
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    reply = Reply(response.get("status", 200), response["body"])
    method = request.get("method", "GET")
    return Recording(content["exchange"], method, url.netloc, url.path, query, request.get("body"), reply)
