"""One request in, an answer of any status or one FetchError out: the only way to the network.

It knows nothing of budgets (pace.py) nor of what an answer means; `ready` is where a caller waits for its turn.
"""

import errno
import re
import socket
import ssl
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit

from funding import __version__
from funding.connections import Connection, GetAddrInfo, Limits, Pool, Route
from funding.errors import FetchError, SettingError
from funding.http1 import Answer, read_answer
from funding.message import Reply, Request

USER_AGENT = f"funding-finder/{__version__} (+https://github.com/funding-finder/funding-finder)"
HEADERS = f"User-Agent: {USER_AGENT}\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n"
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 3
UNSAFE = re.compile(r"[^\x21-\x7e]")  # in a URL it would end the request line or begin a header
BY_HASH = re.compile(r"[0-9a-f]{8}\.\d+")  # how OpenSSL names an authority's file
STALE = (ConnectionError, ssl.SSLError)  # how a kept connection turns out to have been closed by the other side
FAILURES = (OSError, zlib.error, UnicodeError, CancelledError, FetchError)

DEFAULTS = Limits()


def at_once() -> None:
    pass


class Fetcher:
    """Sends requests, from any number of threads. One per process: it holds the one TLS context and all connections."""

    def __init__(
        self,
        upstream: str | None = None,
        *,
        plain: bool = False,
        limits: Limits = DEFAULTS,
        tls: ssl.SSLContext | None = None,
        getaddrinfo: GetAddrInfo = socket.getaddrinfo,
    ) -> None:
        """`upstream` is sent every request as <upstream>/<host><path>?<query>, and may be http. `tls`: default_tls().

        `plain`: addresses that the owner gave himself may be http too; an exchange's never is.
        """
        self._plain = plain
        self._upstream = upstream.rstrip("/") if upstream else None
        self._limits = limits
        self._pool = Pool(limits, tls or default_tls(), getaddrinfo)
        self._opener = urllib.request.OpenerDirector()
        self._opener.add_handler(KeepAlive(self._pool, limits))
        if not upstream:
            self._opener.add_handler(urllib.request.ProxyHandler(proxies()))

    def fetch(self, request: Request, ready: Callable[[], None] = at_once) -> Reply:
        """The answer of whatever status. `ready` is called when the connection is open, just before the request is sent.

        Raises FetchError, and what `ready` raises.
        """
        for _ in range(1 + MOST_REDIRECTS):
            reply = self._ask(request, ready)
            if reply.status not in REDIRECTS:
                return reply
            request = redirected(request, reply)
        raise FetchError("redirect", f"{request.host} redirected more than {MOST_REDIRECTS} times")

    def rest(self, hosts: Iterable[str]) -> None:
        """Nothing more is wanted of these hosts for a while: their idle connections are closed."""
        for host in hosts:
            self._pool.drop(host)

    def close(self) -> None:
        """Requests under way end at once with FetchError; later ones are refused."""
        self._pool.close()

    def _ask(self, request: Request, ready: Callable[[], None]) -> Reply:
        asked = Asked(self._address(request), request, ready)
        try:
            answer: Answer = self._opener.open(asked)
        except FAILURES as error:
            raise self._failure(error, asked) from error
        ends = asked.connection.certificate_ends if asked.connection else None
        return Reply(answer.head.status, answer.body, time.time(), answer.head.headers, certificate_ends=ends)

    def _address(self, request: Request) -> str:
        schemes = ("https://", "http://") if self._plain else "https://"
        if not request.url.startswith(schemes) or not request.host or UNSAFE.search(request.url):
            raise FetchError("connect", f"{request.host or 'no host'}: not an https address", retryable=False)
        return f"{self._upstream}/{request.url.removeprefix('https://')}" if self._upstream else request.url

    def _failure(self, error: Exception, asked: "Asked") -> FetchError:
        if self._pool.closed:
            return FetchError("reset", f"{asked.real_host}: given up, this program is stopping", retryable=False)
        if asked.late():
            error = TimeoutError(f"no whole answer within {self._limits.answer_seconds:g} s")
        through = "" if asked.host == asked.real_host else f" (through {asked.host})"
        return translate(error, asked.real_host + through)


class Asked(urllib.request.Request):
    """A request on its way through the opener. urllib hands a handler nothing else, so it carries what KeepAlive needs."""

    def __init__(self, url: str, request: Request, ready: Callable[[], None]) -> None:
        super().__init__(url, method=request.method)
        self.body = request.body or b""
        self.more = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
        self.real_host = request.host  # connections go by it: one upstream stands in for many hosts
        self.destination = self.host  # urllib's ProxyHandler puts the proxy in `host`
        self.ready = ready
        self.repeatable = request.repeatable
        self.connection: Connection | None = None
        self.sent = False

    def message(self) -> bytes:
        """All of the request, so that it goes out in one piece."""
        content = f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n" if self.body else ""
        target = self.selector if self.selector.startswith("/") else f"/{self.selector}"
        line = f"{self.method} {target} HTTP/1.1\r\nHost: {self.destination}\r\n"
        return f"{line}{HEADERS}{self.more}{content}\r\n".encode("ascii") + self.body

    def late(self) -> bool:
        return self.sent and self.connection is not None and self.connection.expired()


class KeepAlive(urllib.request.BaseHandler):
    """urllib's way to https over connections that are kept."""

    def __init__(self, pool: Pool, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits

    def https_open(self, asked: Asked) -> Answer:
        keep = False
        try:
            connection = self._start(asked)
            answer = read_answer(connection.stream, asked.real_host, self._limits.body_bytes)
            if connection.expired():  # what was cut off then may look whole
                raise TimeoutError
            keep = answer.head.keeps
        finally:
            if asked.connection:
                self._pool.put_back(asked.connection, keep=keep)
        return answer

    http_open = https_open  # only an upstream and the owner's own addresses: Fetcher lets nothing else through

    def _start(self, asked: Asked) -> Connection:
        """As far as the first byte of the answer."""
        kept = self._pool.take(asked.real_host) if asked.repeatable else None
        connection = asked.connection = kept or self._connect(asked)
        asked.ready()
        if connection.expired():  # it idled too long while it waited for its turn
            connection = self._reconnect(asked)
        try:
            self._send(connection, asked)
        except STALE:
            if not connection.used or connection.expired():
                raise
            connection = self._reconnect(asked)
            self._send(connection, asked)
        return connection

    def _send(self, connection: Connection, asked: Asked) -> None:
        connection.allow(self._limits.answer_seconds)
        asked.sent = True
        connection.sock.sendall(asked.message())
        if not connection.stream.peek(1):
            raise ConnectionResetError

    def _connect(self, asked: Asked) -> Connection:
        authorization = asked.headers.get("Proxy-authorization", "")
        return self._pool.open(
            asked.real_host, Route(asked.host, asked.destination, asked.type == "https", authorization)
        )

    def _reconnect(self, asked: Asked) -> Connection:
        if asked.connection:
            self._pool.put_back(asked.connection, keep=False)
        asked.connection = None  # should opening fail
        asked.connection = self._connect(asked)
        return asked.connection


def default_tls() -> ssl.SSLContext:
    """The system's authorities, or those of SSL_CERT_FILE. Loading them may take long: one context per process."""
    context = ssl.create_default_context(capath=authorities_as_needed(ssl.get_default_verify_paths()))
    context.set_alpn_protocols(["http/1.1"])
    return context


def authorities_as_needed(paths: ssl.DefaultVerifyPaths) -> str | None:
    """The folder from which OpenSSL reads an authority when it meets one, where the system's bundle is made of it.

    Read whole, Debian's bundle is 1.2 MB of memory and 17 ms of the start. None: somebody chose another bundle, or there is
    no such folder.
    """
    if not paths.cafile or not paths.capath or paths.cafile != paths.openssl_cafile:
        return None
    bundle, folder = Path(paths.cafile).resolve(), Path(paths.capath).resolve()
    if bundle.parent != folder or not any(BY_HASH.fullmatch(file.name) for file in folder.iterdir()):
        return None
    return paths.capath


def proxies() -> dict[str, str]:
    """HTTPS_PROXY, for urllib's handler, which looks at NO_PROXY itself."""
    proxy = urllib.request.getproxies().get("https")
    if proxy is None:
        return {}
    if "://" in proxy and not proxy.startswith("http://"):
        raise SettingError(f"HTTPS_PROXY: only an http:// proxy can be used, not {proxy.partition('://')[0]}://")
    return {"https": proxy}


def redirected(request: Request, reply: Reply) -> Request:
    """The request to make next. Only a GET is sent on, and only to the same host over https."""
    target = urljoin(request.url, reply.headers.get("location", ""))
    parts = urlsplit(target)
    if request.method != "GET" or target == request.url:
        raise FetchError("redirect", f"{request.host} answers {request.method} with {reply.status}: not followed")
    if parts.scheme != "https" or parts.netloc != request.host:
        raise FetchError("redirect", f"{request.host} redirects to {parts.scheme}://{parts.netloc}: not followed")
    return Request(request.method, target, weight=request.weight)


CERTIFICATE_FAULTS = {  # OpenSSL's verify codes
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: "signed by an unknown authority",
    20: "signed by an unknown authority",
    21: "signed by an unknown authority",
    23: "revoked",
    62: "made out for another host",
    64: "made out for another address",
}


def translate(error: Exception, place: str) -> FetchError:
    """Whatever urllib, socket, ssl and zlib raise, as our one error. `place` is the host, for the words."""
    match error:
        case FetchError():
            return error
        case URLError(reason=Exception() as reason):
            return translate(reason, place)
        case socket.gaierror():
            kind, words = "dns", f"the name does not resolve: {error.strerror}"
        case ssl.SSLCertVerificationError():
            fault = CERTIFICATE_FAULTS.get(error.verify_code, error.verify_message)
            kind, words = "tls", f"its certificate is not accepted: {fault}"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            kind, words = "reset", "closed the connection in the middle of TLS"
        case ssl.SSLError():
            kind, words = "tls", f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
        case TimeoutError():
            kind, words = "timeout", error.strerror or str(error)
        case ConnectionRefusedError():
            kind, words = "connect", "refused the connection"
        case ConnectionError():
            kind, words = "reset", "closed the connection without an answer"
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            kind, words = "connect", "no connection, this process is out of file descriptors"
        case OSError():
            kind, words = "connect", f"no connection: {error.strerror or error}"
        case zlib.error():
            kind, words = "not_json", f"the gzip is damaged: {error}"
        case UnicodeError():
            kind, words = "dns", f"not the name of a host: {error}"
        case _:
            raise AssertionError(f"not one of FAILURES: {error!r}")
    return FetchError(kind, f"{place}: {words}")
