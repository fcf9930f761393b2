"""Serves the application with waitress: its settings, its refusals in our words, and a clean stop.

One thread runs the loop of sockets; waitress's own threads run the application, each with its own database connection.
"""

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask

from funding.api.guard import accepted_id, common_headers, problem_response
from funding.api.problems import ProblemError

LARGEST_HEADER = 32_768  # the request line included: the application's own limit of the URL is well below
LARGEST_BODY = 65_537  # waitress refuses at the figure, the application above it
SEND_BYTES = 262_144  # headers and body leave in one piece; the default of 1 sends each write by itself
STOP_SECONDS = 5


def serve(
    app: WSGIApplication,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    threads: int = 4,
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
        log_socket_errors=False,  # a client that went away is no event
        **where,
    )
    return Server(channels)


class Server:
    """A listening server. run() blocks until stop(), which any thread may call, and leaves no thread or socket behind."""

    def __init__(self, channels: dict[int, Any]) -> None:
        self._channels = channels
        self._stopping = threading.Event()
        for listener in self._listeners():
            listener.channel_class = _Channel
            listener.adj.send_bytes = SEND_BYTES  # as an argument it warns of being deprecated

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening TCP socket."""
        return [
            (one.effective_host, int(one.effective_port)) for one in self._listeners() if one.family != socket.AF_UNIX
        ]

    def run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=self._channels, count=1)
        self._finish()

    def stop(self) -> None:
        """Ends run() once the answers that are under way are sent, or after five seconds."""
        self._stopping.set()
        for listener in self._listeners():
            with suppress(OSError):  # closed meanwhile: run() is ending already
                listener.pull_trigger()

    def _finish(self) -> None:
        listeners = self._listeners()
        for listener in listeners:
            wasyncore.dispatcher.close(listener)  # ours alone: an inherited socket stays open with its owner
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_busy() and time.monotonic() < deadline:
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._channels, count=1)
        for listener in listeners:
            listener.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._channels)

    def _is_busy(self) -> bool:
        channels = [one for one in self._channels.values() if isinstance(one, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)

    def _listeners(self) -> list[Any]:
        return [one for one in list(self._channels.values()) if isinstance(one, BaseWSGIServer)]


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses before the application sees it, written as the application would."""

    def execute(self) -> None:
        path = getattr(self.request, "path", "")
        method = getattr(self.request, "command", "-")
        request_id = accepted_id(self.request.headers.get("X_REQUEST_ID", ""))
        self.status, headers, body = problem_response(_problem(self.request), method, path, request_id)
        self.response_headers.extend([*headers, *common_headers(path, request_id)])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Task(WSGITask):  # type: ignore[misc]
    """waitress would close the connection after every answer without a body: after each 304 of a client that polls."""

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
