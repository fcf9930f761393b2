"""From what a handler gives to what goes out: ETag and 304, gzip, caching headers, Content-Length."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.handlers import format_date_time

import bottle

from funding.api.context import Request
from funding.api.database import SECONDS_A_MINUTE, Snapshot
from funding.api.kept import Packed
from funding.api.negotiate import accepts_gzip

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
WORTH_COMPRESSING = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """`snapshot` is what the body was made from; None: it is of this very moment and must not be kept."""

    body: bytes | Packed
    status: int = 200
    media: str = JSON
    snapshot: Snapshot | None = None
    headers: tuple[tuple[str, str], ...] = ()


def tag(snapshot: Snapshot, request: Request, media: str) -> str:
    """The weak ETag: from the snapshot and the query as it was understood, so the same in every thread and process."""
    asked = repr((request.path, media, list(request.values.items())))
    digest = hashlib.blake2s(asked.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f'W/"{snapshot.run}-{snapshot.minute}-{digest}"'


def has_tag(environ: Mapping[str, Any], etag: str) -> bool:
    """Whether If-None-Match names the tag; weak and strong count alike, as RFC 9110 wants it."""
    given = environ.get("HTTP_IF_NONE_MATCH", "")
    return any(one.strip() in ("*", etag, etag[2:]) for one in given.split(","))


def unchanged(environ: Mapping[str, Any], etag: str) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(status=304, headers=dict([("ETag", etag), *_caching(environ)]))


def response(answer: Answer, request: Request, environ: Mapping[str, Any]) -> bottle.HTTPResponse:
    headers = dict([("Content-Type", answer.media), *answer.headers])
    if answer.snapshot is None:
        headers["Cache-Control"] = "no-store"
    else:
        etag = tag(answer.snapshot, request, answer.media)
        if has_tag(environ, etag):
            return unchanged(environ, etag)
        headers |= dict([("ETag", etag), ("Last-Modified", _modified(answer.snapshot)), *_caching(environ)])
    body, more = _encoded(answer.body, accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))
    return bottle.HTTPResponse(body, answer.status, headers | more)


def _caching(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    with_key = "HTTP_AUTHORIZATION" in environ or "HTTP_X_API_KEY" in environ
    scope = "private" if with_key else "public"
    return [
        ("Cache-Control", f"{scope}, max-age=15, stale-while-revalidate=60"),
        ("Vary", "Accept, Accept-Encoding"),
    ]


def _modified(snapshot: Snapshot) -> str:
    """The minute's beginning: known from the snapshot alone, and never in the future."""
    return format_date_time(snapshot.minute * SECONDS_A_MINUTE)


def _encoded(body: bytes | Packed, compressed: bool) -> tuple[Iterable[bytes] | bytes, dict[str, str]]:
    if isinstance(body, Packed):
        if compressed:
            return body.gzip, {"Content-Encoding": "gzip", "Content-Length": str(len(body.gzip))}
        return body.plain(), {"Content-Length": str(body.length)}
    if compressed and len(body) > WORTH_COMPRESSING:
        body = gzip.compress(body, 6, mtime=0)
        return body, {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
    return body, {"Content-Length": str(len(body))}
