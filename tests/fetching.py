"""Fetching in tests: every name is this machine, and the tests' authority is the only one."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from funding.connections import Limits
from funding.errors import FetchError
from funding.fetch import Fetcher
from funding.message import Reply, Request
from tests.servers import client_tls

SHORT = Limits(connect_seconds=0.3, answer_seconds=0.3)  # for what is to be given up
SMALL = Limits(body_bytes=1_000_000)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    """For whoever imports it: the machine's own proxies are not meant."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def to_loopback(name: str, port: int, **rest: Any) -> Any:
    return socket.getaddrinfo("127.0.0.1", port, **rest)


@contextlib.contextmanager
def fetching(upstream: str | None = None, **options: Any) -> Iterator[Fetcher]:
    """A fetcher for which every name is this machine."""
    fetcher = Fetcher(upstream, **{"tls": client_tls(), "getaddrinfo": to_loopback, **options})
    try:
        yield fetcher
    finally:
        fetcher.close()


def get(url: str, **options: Any) -> Reply:
    with fetching(**options) as fetcher:
        return fetcher.fetch(Request("GET", url))


def failure(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **{"limits": SMALL, **options})
    return caught.value


def told(error: FetchError) -> tuple[str, str]:
    return error.kind, error.words
