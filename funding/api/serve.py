"""Serves the application with waitress: its settings, its refusals in our words, and a stop that fails no request.

One thread runs the loop of sockets; waitress's own threads run the application, each with its own database connection.
"""

import errno
import logging
import socket
import stat
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask

from funding.api.guard import REFUSAL
from funding.api.problems import ProblemError

LARGEST_HEADER = 32_768  # the request line included: the application's own limit of the URL is well below
LARGEST_BODY = 65_537  # waitress refuses at the figure, the application above it
SEND_BYTES = 262_144  # headers and body leave in one piece; the default of 1 sends each write by itself
GRACE_SECONDS = (
    1  # after a stop a kept-alive connection may bring one more request; its answer says that it is the last
)
STOP_SECONDS = 10  # then whatever is still under way is cut off
UNIX_MODE = 0o660  # the owner and the group, to which a proxy in front belongs

log = logging.getLogger(__name__)
logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits for a thread


def serve(
    app: WSGIApplication,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    threads: int = 3,
    connections: int = 500,
    sockets: Sequence[socket.socket] = (),
) -> "Server":
    """Binds and listens; run() then serves. Port 0 takes a free one. `sockets`, already bound, replace host and port.

    Raises OSError where it cannot bind.
    """
    where: dict[str, Any] = {"sockets": list(sockets)} if sockets else {"host": host, "port": port}
    channels: dict[int, Any] = {}
    create_server(
        app,
        map=channels,
        threads=threads,
        connection_limit=connections,
        max_request_header_size=LARGEST_HEADER,
        max_request_body_size=LARGEST_BODY,
        channel_timeout=30,  # a kept-alive connection without a request
        cleanup_interval=10,
        ident=None,  # no Server header
        clear_untrusted_proxy_headers=False,  # whose are believed is the application's to know
        log_socket_errors=False,  # a client that went away is no event
        **where,
    )
    return Server(channels)


def unix_listener(path: Path) -> socket.socket:
    """A listening UNIX socket under `path`; what a process that is no more left there is replaced.

    Raises OSError: of another process that answers there, or of the folder.
    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        _clear(path)
        listener.bind(str(path))
        path.chmod(UNIX_MODE)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _clear(path: Path) -> None:
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise OSError(errno.EEXIST, "there is a file of that name, which is no socket", str(path))
    with socket.socket(socket.AF_UNIX) as caller:
        if caller.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "another process answers there", str(path))
    path.unlink()


class Server:
    """A listening server. run() blocks until stop(), which any thread may call, and leaves no thread or socket behind."""

    def __init__(self, channels: dict[int, Any]) -> None:
        self._channels = channels
        self._stopping = threading.Event()
        for listener in self._listeners():
            listener.channel_class = _Channel
            listener.is_draining = self._stopping.is_set
            listener.adj.send_bytes = SEND_BYTES  # as an argument it warns of being deprecated

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening TCP socket."""
        return [
            (one.effective_host, int(one.effective_port)) for one in self._listeners() if one.family != socket.AF_UNIX
        ]

    @property
    def paths(self) -> list[str]:
        """Of each listening UNIX socket."""
        return [str(one.effective_port) for one in self._listeners() if one.family == socket.AF_UNIX]

    def run(self, beat: Callable[[], object] | None = None, every: float = 1) -> None:
        """`beat` is called every so many seconds in one of the threads that answer requests: as long as they do answer."""
        pulse = _Pulse(beat or (lambda: None), every)
        while not self._stopping.is_set():
            pulse.hand_to(self._listeners()[0].task_dispatcher)
            wasyncore.loop(timeout=min(1.0, every), use_poll=True, map=self._channels, count=1)
        self._finish()

    def stop(self) -> None:
        """Ends run() once the answers that are under way are sent, or after ten seconds."""
        self._stopping.set()
        for listener in self._listeners():
            with suppress(OSError):  # closed meanwhile: run() is ending already
                listener.pull_trigger()

    def _finish(self) -> None:
        """waitress has no such thing, and resets connections. Leans on its channels' inside: the version is pinned."""
        listeners = self._listeners()
        for listener in listeners:
            wasyncore.dispatcher.close(
                listener
            )  # ours alone, never shutdown(): the next release serves the same socket
        begun = time.monotonic()
        while (channels := self._connections()) and (passed := time.monotonic() - begun) < STOP_SECONDS:
            for channel in channels:
                if passed > GRACE_SECONDS and _is_idle(channel):
                    channel.handle_close()
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._channels, count=1)
        if channels:
            log.warning("%d connections were cut off, %d s after the stop", len(channels), STOP_SECONDS)
        for listener in listeners:
            listener.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._channels)

    def _connections(self) -> list[Any]:
        return [one for one in self._channels.values() if isinstance(one, HTTPChannel)]

    def _listeners(self) -> list[Any]:
        return [one for one in list(self._channels.values()) if isinstance(one, BaseWSGIServer)]


def _is_idle(channel: Any) -> bool:
    """No request under way, none half received, nothing left to send."""
    return not channel.requests and channel.request is None and not channel.total_outbufs_len


class _Pulse:
    """A task for waitress's threads, handed to them when it is due and they have done the last one."""

    def __init__(self, beat: Callable[[], object], every: float) -> None:
        self._beat, self._every = beat, every
        self._due = time.monotonic()
        self._waits = False

    def hand_to(self, dispatcher: Any) -> None:
        now = time.monotonic()
        if now >= self._due and not self._waits:
            self._due, self._waits = now + self._every, True
            dispatcher.add_task(self)

    def service(self) -> None:
        try:
            self._beat()
        finally:
            self._waits = False

    def cancel(self) -> None:
        """waitress calls it for tasks that it drops."""


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses before any application sees it: ours counts and writes it all the same."""

    def execute(self) -> None:
        headers = self.request.headers
        environ = {
            "REQUEST_METHOD": getattr(self.request, "command", "-"),
            "PATH_INFO": getattr(self.request, "path", ""),
            "REMOTE_ADDR": self.channel.addr[0],
            "HTTP_X_FORWARDED_FOR": headers.get("X_FORWARDED_FOR", ""),
            "HTTP_X_REQUEST_ID": headers.get("X_REQUEST_ID", ""),
            REFUSAL: _problem(self.request),
        }
        body = b"".join(self.channel.server.application(environ, self._start))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)

    def _start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
        self.status = status
        self.response_headers.extend(headers)


class _Task(WSGITask):  # type: ignore[misc]
    """waitress would close the connection after every answer without a body: after each 304 of a client that polls."""

    def build_response_header(self) -> bytes:
        if self.channel.server.is_draining():
            super().set_close_on_finish()
        header: bytes = super().build_response_header()
        return header

    def set_close_on_finish(self) -> None:
        expected = self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or expected:
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    error_task_class = _Refusal


def _problem(request: Any) -> ProblemError:
    error = request.error
    if error.code == 431 and b"\r\n" not in request.header_plus:
        return ProblemError(414, "The URL is too long.")  # not even the first line came to an end
    return ProblemError(error.code, f"{error.reason}: {error.body}")
