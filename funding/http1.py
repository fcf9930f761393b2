"""Reads one HTTP/1.1 answer from a stream: bytes in, an Answer or a FetchError out. No socket, no clock.

The standard library's reader sends the headers through its e-mail parser, which is half of a request's CPU, and takes a
connection that ends between two headers for a whole answer. This one knows less and is strict: what is odd is an error.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from funding.errors import FetchError

CHUNK = 65_536
LONGEST_LINE = 65_536
LONGEST_HEAD = 262_144
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?\r?\n")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
LENGTH = re.compile(r"[0-9]{1,15}")
EMPTY_LINE = (b"\r\n", b"\n")
BODILESS = (204, 304)


class Stream(Protocol):
    """As a buffered file: both wait for what they promise, and give less only at the end."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Head:
    """`headers`: lower-case names, repeated ones joined by a comma."""

    version: int  # of HTTP/1.x
    status: int
    headers: dict[str, str]

    @property
    def keeps(self) -> bool:
        """The connection can carry another request: the body ends by itself, and nothing says otherwise."""
        framed = self.status in BODILESS or "content-length" in self.headers or "transfer-encoding" in self.headers
        return framed and self.version == 1 and "close" not in self.headers.get("connection", "").lower()


@dataclass(frozen=True, slots=True)
class Answer:
    head: Head
    body: bytes


def read_answer(stream: Stream, host: str, limit: int) -> Answer:
    """The whole answer, its body decompressed and of at most `limit` bytes.

    `host` is for the words of an error. Raises FetchError, or zlib.error for a damaged gzip.
    """
    head = read_head(stream, host)
    while head.status < 200:  # "100 Continue", "103 Early Hints": the answer comes after it
        head = read_head(stream, host)
    return Answer(head, _unpack(_pieces(stream, head, host), head, host, limit))


def read_head(stream: Stream, host: str) -> Head:
    """Status line and headers."""
    first = _line(stream, host)
    status = STATUS_LINE.fullmatch(first)
    if not status:
        raise _not_http(host, first)
    headers: dict[str, str] = {}
    size = 0
    while (line := _line(stream, host)) not in EMPTY_LINE:
        name, colon, value = line.decode("latin-1").partition(":")
        size += len(line)
        if not colon or not name or name != name.strip() or size > LONGEST_HEAD:
            raise _not_http(host, line)
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(int(status[1]), int(status[2]), headers)


def _line(stream: Stream, host: str) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if line.endswith(b"\n"):
        return line
    raise _not_http(host, line) if len(line) == LONGEST_LINE else _cut_off(host)


def _pieces(stream: Stream, head: Head, host: str) -> Iterator[bytes]:
    """The body as it was sent."""
    coding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
    if head.status in BODILESS:
        return
    if coding is not None:
        if coding.lower() != "chunked":
            raise _not_http(host, coding)
        yield from _chunks(stream, host)
    elif length is not None:
        if not LENGTH.fullmatch(length):
            raise _not_http(host, length)
        yield from _exactly(stream, int(length), host)
    else:
        while piece := stream.read(CHUNK):
            yield piece


def _chunks(stream: Stream, host: str) -> Iterator[bytes]:
    while True:
        line = _line(stream, host)
        size = CHUNK_SIZE.fullmatch(line)
        if not size:
            raise _not_http(host, line)
        length = int(size[1], 16)
        if not length:
            break
        yield from _exactly(stream, length, host)
        if (line := _line(stream, host)) not in EMPTY_LINE:
            raise _not_http(host, line)
    while _line(stream, host) not in EMPTY_LINE:
        pass  # trailers


def _exactly(stream: Stream, length: int, host: str) -> Iterator[bytes]:
    while length:
        piece = stream.read(min(length, CHUNK))
        if not piece:
            raise _cut_off(host)
        yield piece
        length -= len(piece)


def _unpack(pieces: Iterator[bytes], head: Head, host: str, limit: int) -> bytes:
    """Decompresses piece by piece, so that a bomb is never held."""
    encoding = head.headers.get("content-encoding", "identity").lower()
    if encoding not in ("gzip", "x-gzip", "identity"):
        raise FetchError("shape", f"{host} answers in {encoding!r:.40}, which was not asked for")
    unzip = None if encoding == "identity" else zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    got: list[bytes] = []
    size = 0
    for piece in pieces:
        got.append(unzip.decompress(piece, limit + 1 - size) if unzip else piece)
        size += len(got[-1])
        if size > limit:
            raise FetchError("too_big", f"{host} answers with more than {limit} bytes")
    if unzip and got and not unzip.eof:
        raise FetchError("reset", f"{host} sent a gzip that stops in the middle")
    if unzip and unzip.unused_data:
        raise FetchError("not_json", f"{host} sent something after the end of its gzip")
    return b"".join(got)


def _cut_off(host: str) -> FetchError:
    return FetchError("reset", f"{host} closed the connection in the middle of the answer")


def _not_http(host: str, found: bytes | str) -> FetchError:
    return FetchError("http", f"{host} does not answer in HTTP: {found[:40]!r}")
