"""A small TLS server for tests, scripted by path. It does what real servers do, and what broken ones do."""

import datetime
import io
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Self

import trustme

HTTP_REASONS = {200: "OK", 302: "Found", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in, on the how-manieth connection. Header names are lower case; `at` is monotonic."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    connection: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with a request. Without `length`, Content-Length is that of the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0  # seconds before the first byte
    drip: float = 0  # seconds between single bytes, from the status line on
    raw: bytes | Iterable[bytes] | None = None  # sent instead of everything above, as it is; then the end
    chunks: Iterable[bytes] = ()  # a chunked body, instead of `body`
    length: int | None = None  # a Content-Length that may be a lie; the connection is then closed after the body
    close: bool = False  # "Connection: close", and close
    hang_up: bool = False  # close after the answer without having said so
    reset: bool = False  # no answer but a TCP reset


Script = Answer | Callable[[Seen], Answer]


def in_turn(*answers: Answer) -> Callable[[Seen], Answer]:
    """A script: the first request gets the first answer, and so on; the last one stays."""
    left = list(answers)
    return lambda seen: left.pop(0) if len(left) > 1 else left[0]


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def client_tls() -> ssl.SSLContext:
    """A client's context that knows the tests' authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority().configure_trust(context)
    return context


def server_tls(*names: str, ca: trustme.CA | None = None, expired: bool = False) -> ssl.SSLContext:
    """A server's context with a certificate for `names`."""
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    issuer = ca or authority()
    certificate = issuer.issue_cert(*names, not_after=yesterday) if expired else issuer.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed_tls() -> ssl.SSLContext:
    """A server's context whose certificate vouches for itself."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with ca.cert_pem.tempfile() as certificate, ca.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


class Server:
    """Serves on a free port of 127.0.0.1 while it is entered. `script` is by path, without the query; else 404.

    `tls` defaults to a certificate for localhost; None is plain HTTP. `connections` counts those whose TLS came about.
    """

    def __init__(
        self, script: Mapping[str, Script] | None = None, tls: ssl.SSLContext | str | None = "localhost"
    ) -> None:
        self.script = dict(script or {})
        self.tls = server_tls(tls) if isinstance(tls, str) else tls
        self.seen: list[Seen] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._tcp = _Listener(("127.0.0.1", 0), _Session)
        self._tcp.server = self
        self.port: int = self._tcp.server_address[1]
        self.host = f"localhost:{self.port}"
        self.url = f"{'https' if self.tls else 'http'}://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._tcp.serve_forever, args=(0.02,), name="test-server", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tcp.shutdown()
        self._tcp.server_close()

    def targets(self) -> list[str]:
        return [request.target for request in self.seen]

    def connected(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def answer(self, request: Seen) -> Answer:
        with self._lock:
            self.seen.append(request)
        script = self.script.get(request.target.partition("?")[0], Answer(404))
        return script if isinstance(script, Answer) else script(request)


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    server: Server


class _Session(socketserver.BaseRequestHandler):
    """One connection: requests and answers until one side has enough."""

    server: _Listener
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError):
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.server.server.tls:
                self.request = self.server.server.tls.wrap_socket(self.request, server_side=True)
            number = self.server.server.connected()
            with self.request.makefile("rb") as stream:
                while (request := _read_request(stream, number)) and self._send(self.server.server.answer(request)):
                    pass

    def finish(self) -> None:
        self.request.close()

    def _send(self, answer: Answer) -> bool:
        """False ends the connection."""
        time.sleep(answer.delay)
        if answer.reset:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        for piece in _pieces(answer):
            self.request.sendall(piece)
            time.sleep(answer.drip)
        return not (answer.close or answer.hang_up or answer.raw is not None or answer.length is not None)


def _read_request(stream: io.BufferedIOBase, number: int) -> Seen | None:
    lines = []
    for line in stream:
        if not line.strip():
            break
        lines.append(line.decode("latin-1").strip())
    if not lines:
        return None
    method, target, _ = lines[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = stream.read(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body, time.monotonic(), number)


def _pieces(answer: Answer) -> Iterable[bytes]:
    """Everything in one piece, or byte by byte, or by chunks as they are made."""
    if isinstance(answer.raw, bytes):
        whole = answer.raw
    elif answer.raw is not None:
        yield from answer.raw
        return
    elif answer.chunks:
        yield _head(answer, {"Transfer-Encoding": "chunked"})
        for chunk in answer.chunks:
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
        whole = b"0\r\n\r\n"
    else:
        length = len(answer.body) if answer.length is None else answer.length
        whole = _head(answer, {"Content-Length": str(length)}) + answer.body
    if answer.drip:
        yield from (whole[i : i + 1] for i in range(len(whole)))
    else:
        yield whole


def _head(answer: Answer, framing: Mapping[str, str]) -> bytes:
    headers = {"Content-Type": "application/json", **framing, **answer.headers}
    if answer.close:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {answer.status} {HTTP_REASONS.get(answer.status, 'Said')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
