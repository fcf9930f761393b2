"""From what a handler gives to what goes out: ETag and 304, gzip, caching headers, Content-Length."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from wsgiref.handlers import format_date_time

import bottle

from funding.api.context import Request
from funding.api.database import SECONDS_A_MINUTE, Snapshot
from funding.api.formats import CSV
from funding.api.kept import Packed, pack
from funding.api.negotiate import accepts_gzip

WORTH_COMPRESSING = 1024
IF_NONE_MATCH = "HTTP_IF_NONE_MATCH"
LARGE = 200_000  # bytes from which level 6 would take a good part of the answer's time, and level 3 half of that
FRESH = "max-age=15, stale-while-revalidate=60"
CLOSED = "max-age=86400"  # of a time that is over: nothing of it changes any more, but by a late correction
BESIDE_NAMES = re.compile(r"[^A-Za-z0-9._-]+")

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """`snapshot` is what the body was made from; None: it is of this very moment and must not be kept.

    `by_content`: it is of no moment; who has the same body already need not be sent it again.
    """

    body: bytes | list[bytes] | Packed
    status: int = 200
    snapshot: Snapshot | None = None
    headers: tuple[tuple[str, str], ...] = ()
    by_content: bool = False


def tag(snapshot: Snapshot, request: Request) -> str:
    """The weak ETag: from the snapshot and the query as it was understood, so the same in every thread and process."""
    asked = repr((request.path, request.format.media, list(request.values.items())))
    digest = hashlib.blake2s(asked.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f'W/"{snapshot.run}-{snapshot.minute}-{digest}"'


def has_tag(environ: Mapping[str, Any], etag: str) -> bool:
    """Whether If-None-Match names the tag; weak and strong count alike, as RFC 9110 wants it."""
    given = environ.get(IF_NONE_MATCH, "")
    return any(one.strip() in ("*", etag, etag[2:]) for one in given.split(","))


def unchanged(etag: str, request: Request, environ: Mapping[str, Any]) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(status=304, headers={"ETag": etag, **_caching(request, environ)})


def response(answer: Answer, request: Request, environ: Mapping[str, Any]) -> bottle.HTTPResponse:
    headers = {"Content-Type": request.format.content_type, **dict(answer.headers)}
    if answer.by_content:
        digest = hashlib.blake2s(plain(answer.body), digest_size=8).hexdigest()
        kept = {"ETag": f'W/"{digest}"', "Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding"}
        if has_tag(environ, kept["ETag"]):
            return bottle.HTTPResponse(status=304, headers=kept)
        headers |= kept
    elif answer.snapshot is None:
        headers["Cache-Control"] = "no-store"
    else:
        etag = tag(answer.snapshot, request)
        if has_tag(environ, etag):
            return unchanged(etag, request, environ)
        headers |= {"ETag": etag, "Last-Modified": _modified(answer.snapshot), **_caching(request, environ)}
    if request.format is CSV:
        headers["Content-Disposition"] = f'attachment; filename="{_file_name(request.path)}"'
    body, more = _encoded(answer.body, accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))
    return bottle.HTTPResponse(body, answer.status, headers | more)


def _caching(request: Request, environ: Mapping[str, Any]) -> Headers:
    with_key = "HTTP_AUTHORIZATION" in environ or "HTTP_X_API_KEY" in environ
    scope = "private" if with_key else "public"
    return {
        "Cache-Control": f"{scope}, {CLOSED if request.is_closed else FRESH}",
        "Vary": "Accept, Accept-Encoding",
    }


def _modified(snapshot: Snapshot) -> str:
    """The minute's beginning: known from the snapshot alone, and never in the future."""
    return format_date_time(snapshot.minute * SECONDS_A_MINUTE)


def _file_name(path: str) -> str:
    """/api/funding/symbol/BTC → funding-symbol-BTC.csv"""
    return BESIDE_NAMES.sub("-", path.removeprefix("/api/").removesuffix(".csv")) + ".csv"


def _encoded(body: bytes | list[bytes] | Packed, compressed: bool) -> tuple[Iterable[bytes] | bytes, Headers]:
    if isinstance(body, Packed):
        if compressed:
            return BytesIO(body.gzip), {"Content-Encoding": "gzip", "Content-Length": str(len(body.gzip))}
        return body.plain(), {"Content-Length": str(body.length)}
    pieces = [body] if isinstance(body, bytes) else body
    length = sum(map(len, pieces))
    if compressed and length > WORTH_COMPRESSING:
        squeezed = pack(pieces, 3 if length > LARGE else 6).gzip
        return squeezed, {"Content-Encoding": "gzip", "Content-Length": str(len(squeezed))}
    return iter(pieces), {"Content-Length": str(length)}  # of a list bottle would make one string


def plain(body: bytes | list[bytes] | Packed) -> bytes:
    """The whole body."""
    return body if isinstance(body, bytes) else b"".join(body.plain() if isinstance(body, Packed) else body)
