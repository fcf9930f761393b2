"""Asks the application as a client would, in this process and without a socket: what a service knows of itself."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from funding.errors import FundingError

READY = "/readyz"  # outside the rate limit
WORKS = (200, 503)  # 503 is a proper answer: the data are missing or old, which serving them again later mends
CHECKED = (READY, "/livez", "/api/health", "/api/exchanges", "/api/funding/current?limit=1")


def answer(app: WSGIApplication, target: str) -> tuple[int, str]:
    """Status and body of a GET. `target`: path and query."""
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {"PATH_INFO": unquote(path), "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1"}
    setup_testing_defaults(environ)
    statuses: list[str] = []

    def start(status: str, _headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return BytesIO().write

    body = _joined(app({**environ, "wsgi.input": BytesIO()}, start))
    return int(statuses[-1].split()[0]), body.decode()


def _joined(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()


def standing(app: WSGIApplication) -> str:
    """How the service stands, in its own words: "ready", or "not ready" and why. Raises FundingError if it cannot say."""
    status, words = answer(app, READY)
    if status not in WORKS:
        raise FundingError(f"{READY} answers {status}: {words:.200}")
    return "; ".join(filter(None, words.split("\n")))
