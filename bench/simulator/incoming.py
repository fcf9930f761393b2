"""Reads requests from a stream: HTTP/1.1 as clients of this world send it, nothing more."""

import json
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

LARGEST_HEAD = 65_536
LARGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """`target` as it stood in the request line; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool

    @property
    def host(self) -> str:
        """The venue's: the first piece of the path."""
        return self.target.split("?", 1)[0].lstrip("/").partition("/")[0]

    @property
    def path(self) -> str:
        """The venue's own path."""
        return "/" + unquote(self.target.split("?", 1)[0].lstrip("/").partition("/")[2])

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def json(self) -> Any:
        """None for no body and for one that is not JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None

    @property
    def zipped(self) -> bool:
        return "gzip" in self.headers.get("accept-encoding", "")


async def read_request(reader: StreamReader) -> Request | None:
    """None when the client has closed, does not speak HTTP or sends too much."""
    try:
        top = await reader.readuntil(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
        }
        length = int(headers.get("content-length", "0"))
        if length > LARGEST_BODY:
            return None
        body = await reader.readexactly(length)
    except (IncompleteReadError, LimitOverrunError, ValueError, ConnectionError):
        return None
    asked = headers.get("connection", "").lower()
    keep = asked != "close" if version == "HTTP/1.1" else asked == "keep-alive"
    return Request(method, target, headers, body, keep)
