"""Around the routes: refuses what is too much, too large or unreadable, names each request, gives every answer the common
headers.

Whatever is raised below becomes a problem here, and one line in the log.
"""

import logging
import re
import traceback
from collections.abc import Iterable
from random import getrandbits
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from funding.api.context import Settings
from funding.api.problems import MEDIA, TITLES, ProblemError, problem_body
from funding.api.quota import Quotas

log = logging.getLogger(__name__)

Headers = list[tuple[str, str]]

REFUSAL = "funding.refusal"  # in the environ: a ProblemError, where the server refuses before any path is looked at
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"  # control characters, and what breaks a line
BROKEN = re.compile(f"[{UNPRINTABLE}]")
SECURITY = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]
EXPOSED = (
    "ETag, Link, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset,"
    " RateLimit-Policy, RateLimit"
)
CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED)]


def guarded(app: WSGIApplication, settings: Settings, quotas: Quotas) -> WSGIApplication:
    """The application that is served: it never raises, and shows no error page that is not ours."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")  # bytes as Latin-1; bottle puts text in its place
        request_id = accepted_id(environ.get("HTTP_X_REQUEST_ID", ""))
        common = [*SECURITY, *(CORS if path.startswith("/api/") else ()), ("X-Request-Id", request_id)]

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            own = {name for name, _ in headers}  # the dashboard's policy lets in what it consists of
            return start_response(status, headers + [one for one in common if one[0] not in own], exc_info)

        def refuse(problem: ProblemError, cause: str = "") -> Iterable[bytes]:
            status, headers, body = _problem_response(problem, environ["REQUEST_METHOD"], path, request_id, cause)
            start(status, headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

        try:
            standing, too_many = quotas.count(environ, path)
            common.extend(standing)
            refusal = too_many or environ.get(REFUSAL)
            if refusal:
                return refuse(refusal)
            check(environ, path, settings)
            return app(environ, start)
        except ProblemError as problem:
            return refuse(problem)
        except Exception as error:  # a defect of ours; the log has it
            words = "Something went wrong on our side; the log has it under the request's id."
            return refuse(ProblemError(500, words), in_one_line(error))

    return serve


def check(environ: WSGIEnvironment, path: str, settings: Settings) -> None:
    """Raises ProblemError for what no path takes."""
    if len(path) + len(environ.get("QUERY_STRING", "")) > settings.longest_url:
        raise ProblemError(414, f"The URL is longer than {settings.longest_url} bytes.")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise ProblemError(400, "Content-Length is not a number.")
    if int(length[:18]) > settings.largest_body:
        raise ProblemError(413, f"The body is larger than {settings.largest_body} bytes.")
    try:
        readable = not BROKEN.search(path.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        readable = False
    if not readable:
        raise ProblemError(400, "The path is not printable UTF-8.")


def accepted_id(given: str) -> str:
    """The request's id as its sender wrote it, if that is harmless in a log; otherwise a new one."""
    return given if REQUEST_ID.fullmatch(given) else f"{getrandbits(64):016x}"


def _problem_response(
    problem: ProblemError, method: str, path: str, request_id: str, cause: str
) -> tuple[str, Headers, bytes]:
    """Status line, headers and body, once it is logged. `path` as WSGI has it."""
    instance = quote(path.encode("latin-1", "replace"))
    words = " ".join(filter(None, (problem.detail, cause)))
    log.log(
        _level(problem.status), "%d %s %s request_id=%s %r", problem.status, quote(method), instance, request_id, words
    )
    body = problem_body(problem, instance, request_id)
    headers = [
        ("Content-Type", MEDIA),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *problem.headers,
    ]
    return f"{problem.status} {TITLES[problem.status]}", headers, body


def _level(status: int) -> int:
    if status == 429:
        return logging.DEBUG  # by the thousand, from one client: no reason to fill a disk
    return logging.ERROR if status >= 500 else logging.INFO


def in_one_line(error: Exception) -> str:
    """The error and where it came from, for the log."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return f"{error!r} at {' < '.join(reversed(places))}"
