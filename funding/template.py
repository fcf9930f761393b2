"""Fills the placeholders of a call: its URL, its body."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from funding.adapter import PLACEHOLDER, Call, History
from funding.message import Request

EMPTY = ("", None)


def request_for(call: Call | History, words: Mapping[str, Any]) -> Request:
    """The request with {word} replaced. A parameter or body key whose placeholder is empty is left out."""
    body = None if call.body is None else json.dumps(fill_body(call.body, words), separators=(",", ":")).encode()
    return Request("GET" if body is None else "POST", fill_url(call.url, words), body, call.weight)


def fill_url(url: str, words: Mapping[str, Any]) -> str:
    path, mark, query = url.partition("?")
    path = _replace(path, words, safe="/:,")
    pairs = [_replace(pair, words, safe=":,") for pair in query.split("&") if not _is_empty(pair, words)]
    return path + mark + "&".join(pairs) if query and pairs else path


def fill_body(body: Any, words: Mapping[str, Any]) -> Any:
    """A value that is exactly "{word}" becomes the word's value with its type, at any depth."""
    if isinstance(body, dict):
        return {key: fill_body(value, words) for key, value in body.items() if not _is_empty(value, words)}
    if isinstance(body, list):
        return [fill_body(value, words) for value in body]
    found = PLACEHOLDER.fullmatch(body) if isinstance(body, str) else None
    return words[found[1]] if found else body


def _is_empty(text: Any, words: Mapping[str, Any]) -> bool:
    """Does it hold a placeholder that has nothing to put there?"""
    return isinstance(text, str) and any(words.get(word) in EMPTY for word in PLACEHOLDER.findall(text))


def _replace(text: str, words: Mapping[str, Any], safe: str) -> str:
    return PLACEHOLDER.sub(lambda found: quote(str(words[found[1]]), safe=safe), text)
