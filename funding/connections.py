"""Connections to hosts: opened under a deadline, kept for the next request, shut when overdue. Only fetch.py uses it.

No socket timeout is enough: a header dripped byte by byte outlives each of them. So every connection has one deadline,
for whatever it is doing, and one thread that shuts those past theirs.
"""

import io
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from funding.errors import FetchError
from funding.http1 import read_head

LOOKUPS = 64  # names being resolved at one time: a dead resolver holds each thread for half a minute

GetAddrInfo = Callable[..., list[Any]]


@dataclass(frozen=True, slots=True)
class Limits:
    connect_seconds: float = 10  # name, TCP, proxy and TLS together
    answer_seconds: float = 30  # from the first byte sent to the last byte read
    idle_seconds: float = 15  # venues drop idle connections, and do not always say so
    body_bytes: int = 32 * 1024 * 1024  # after decompression


@dataclass(frozen=True, slots=True)
class Route:
    """How a host is reached. Both addresses are host:port, the port left out where it is the usual one."""

    dial: str  # whose socket
    destination: str  # who answers: another than `dial` behind a proxy
    encrypted: bool = True
    proxy_authorization: str = ""

    @property
    def tunnelled(self) -> bool:
        return self.dial != self.destination


class Connection:
    """A socket that is opening, busy or idle. `deadline` is for what it is doing now."""

    __slots__ = ("certificate_ends", "deadline", "host", "sock", "stream", "used")

    def __init__(self, host: str, seconds: float) -> None:
        self.host = host
        self.sock = socket.socket()  # this and the stream are empty until Pool.open puts the real ones in
        self.stream: io.BufferedReader = io.BufferedReader(io.BytesIO())
        self.used = False  # has carried an answer
        self.certificate_ends: float | None = None  # Unix seconds
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def expired(self) -> bool:
        return self.left() <= 0

    def shut(self) -> None:
        """From any thread: wakes the one that reads or writes, which close() would not."""
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # SSLSocket's own drops the TLS under its reader

    def close(self) -> None:
        self.stream.close()  # it holds the file descriptor too
        self.sock.close()


class Pool:
    """All connections of the process; the idle ones by host, the last used first."""

    def __init__(self, limits: Limits, tls: ssl.SSLContext, getaddrinfo: GetAddrInfo) -> None:
        self._limits = limits
        self._tls = tls
        self._names = Names(getaddrinfo)
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._idle: defaultdict[str, list[Connection]] = defaultdict(list)
        self._reaper: threading.Thread | None = None
        self.closed = False

    def take(self, host: str) -> Connection | None:
        """An idle connection, if there is one. Its deadline may pass before it is used."""
        with self._lock:
            idle = self._idle[host]
            return idle.pop() if idle else None

    def open(self, host: str, route: Route) -> Connection:
        """A new connection, ready to be written to. Raises FetchError, or what socket and ssl raise."""
        connection = Connection(host, self._limits.connect_seconds)
        self._watch(connection)
        try:
            self._connect(connection, route)
        except BaseException as error:
            self.put_back(connection, keep=False)
            if connection.expired() and isinstance(error, OSError):
                raise TimeoutError(f"no connection within {self._limits.connect_seconds:g} s") from error
            raise
        connection.allow(self._limits.idle_seconds)
        return connection

    def put_back(self, connection: Connection, *, keep: bool) -> None:
        """Keeps the connection for the next request, or closes it."""
        with self._lock:
            keep = keep and not self.closed
            if keep:
                connection.used = True
                connection.allow(self._limits.idle_seconds)
                self._idle[connection.host].append(connection)
            else:
                self._open.discard(connection)
        if not keep:
            connection.close()

    def drop(self, host: str) -> None:
        """Closes the idle connections to a host."""
        with self._lock:
            idle = self._idle.pop(host, [])
            self._open.difference_update(idle)
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Ends whatever is under way."""
        self.closed = True
        self._names.close()
        self._end_overdue()

    def _connect(self, connection: Connection, route: Route) -> None:
        name, port = _name_and_port(route.destination, 443 if route.encrypted else 80)
        _dial(connection, self._names, *(_name_and_port(route.dial, 80) if route.tunnelled else (name, port)))
        if route.tunnelled:
            _tunnel(connection.sock, route, f"{name}:{port}")
        if route.encrypted:
            wrapped = self._tls.wrap_socket(connection.sock, server_hostname=name, do_handshake_on_connect=False)
            connection.sock = wrapped  # from here on the pool can shut it, a handshake that drips too
            wrapped.do_handshake()
            connection.certificate_ends = _end_of(wrapped.getpeercert())
        connection.sock.settimeout(self._limits.answer_seconds)
        connection.stream = connection.sock.makefile("rb")

    def _watch(self, connection: Connection) -> None:
        with self._lock:
            if self.closed:
                raise FetchError("reset", f"{connection.host}: not asked, this program is stopping", retryable=False)
            self._open.add(connection)
            if self._reaper is None:
                reaper = threading.Thread(target=self._reap, name="fetch-deadlines", daemon=True)
                reaper.start()
                self._reaper = reaper

    def _reap(self) -> None:
        limits = self._limits
        tick = min(0.25, min(limits.connect_seconds, limits.answer_seconds, limits.idle_seconds) / 10)
        while self._open or not self.closed:
            time.sleep(tick)
            self._end_overdue()

    def _end_overdue(self) -> None:
        """Closes the idle ones among them; a busy one is shut, and closed by the thread that has it."""
        with self._lock:
            for connection in [one for one in self._open if self.closed or one.expired()]:
                connection.shut()
                if connection in self._idle[connection.host]:
                    self._idle[connection.host].remove(connection)
                    self._open.discard(connection)
                    connection.close()


class Names:
    """Host names to addresses. getaddrinfo takes as long as it likes, so a thread calls it that nobody has to wait for."""

    def __init__(self, getaddrinfo: GetAddrInfo) -> None:
        self._getaddrinfo = getaddrinfo
        self._lock = threading.Lock()
        self._pending: dict[tuple[str, int], Future[list[Any]]] = {}

    def addresses(self, name: str, port: int, seconds: float) -> list[Any]:
        """What getaddrinfo gives. Threads that ask for the same name share one look-up."""
        with self._lock:
            found = self._pending.get((name, port))
            if found is None:
                if len(self._pending) >= LOOKUPS:
                    raise FetchError("dns", f"{name}: not looked up, {LOOKUPS} other names are still waiting")
                found = Future()
                ask = threading.Thread(target=self._look_up, args=(name, port, found), name=f"dns-{name}", daemon=True)
                ask.start()
                self._pending[name, port] = found
        try:
            return found.result(seconds)
        except TimeoutError:
            raise FetchError("dns", f"{name}: the name was not resolved within {seconds:.3g} s") from None

    def close(self) -> None:
        with self._lock:
            for found in self._pending.values():
                found.cancel()

    def _look_up(self, name: str, port: int, found: "Future[list[Any]]") -> None:
        with suppress(InvalidStateError):  # cancelled meanwhile
            try:
                found.set_result(self._getaddrinfo(name, port, type=socket.SOCK_STREAM))
            except Exception as error:
                found.set_exception(error)
        with self._lock:
            self._pending.pop((name, port), None)


def _end_of(certificate: Any) -> float | None:
    """None where it was not asked for: a context that verifies nothing."""
    return ssl.cert_time_to_seconds(certificate["notAfter"]) if certificate else None


def _name_and_port(address: str, usual: int) -> tuple[str, int]:
    parts = urlsplit(f"//{address}")
    return parts.hostname or "", parts.port or usual


def _dial(connection: Connection, names: Names, name: str, port: int) -> None:
    """TCP to the first address that answers; each gets its share of the time, so that a dead one leaves some."""
    addresses = names.addresses(name, port, connection.left())
    for untried, (family, kind, protocol, _, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        connection.sock.close()
        connection.sock = socket.socket(family, kind, protocol)
        connection.sock.settimeout(max(connection.left() / untried, 0.001))
        try:
            connection.sock.connect(address)
        except OSError:
            if untried == 1:
                raise
        else:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return


def _tunnel(sock: socket.socket, route: Route, destination: str) -> None:
    """Through the proxy. Nothing of TLS is read ahead here: the client speaks first."""
    authorization = f"Proxy-Authorization: {route.proxy_authorization}\r\n" if route.proxy_authorization else ""
    sock.sendall(f"CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n{authorization}\r\n".encode())
    with sock.makefile("rb") as stream:
        status = read_head(stream, route.dial).status
    if status != 200:
        raise FetchError("connect", f"the proxy {route.dial} does not let us to {destination}: {status}")
