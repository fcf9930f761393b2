"""How the service ends, how it shows that it lives, and the sockets that it listens on. Over real sockets."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from funding.api.serve import Server, serve, unix_listener

HANG_SECONDS = 20


class Slow:
    """An application that holds a request to /slow until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.begun.set()
            assert self.go_on.wait(HANG_SECONDS)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]


class Running:
    """A server in a thread of its own."""

    def __init__(self, app: Any, beat: Callable[[], object] | None = None, **more: Any) -> None:
        self.server: Server = serve(app, port=0, **more)
        self.thread = threading.Thread(target=self.server.run, args=(beat, 0.01))
        self.thread.start()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.addresses[0][1], timeout=HANG_SECONDS)

    def ended(self) -> bool:
        self.thread.join(HANG_SECONDS)
        return not self.thread.is_alive()


@contextmanager
def running(app: Any, beat: Callable[[], object] | None = None, **more: Any) -> Iterator[Running]:
    one = Running(app, beat, **more)
    try:
        yield one
    finally:
        one.server.stop()
        assert one.ended()


def asked(connection: http.client.HTTPConnection, path: str) -> tuple[bytes, str | None]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.read(), answer.getheader("Connection")


def test_a_kept_connection_gets_one_more_answer_after_the_stop_and_is_told_that_it_is_the_last() -> None:
    with running(Slow()) as it, closing(it.connect()) as connection:
        assert asked(connection, "/") == (b"done", None)
        it.server.stop()
        assert asked(connection, "/") == (b"done", "close")


def test_an_answer_under_way_at_the_stop_is_finished_and_ends_its_connection() -> None:
    app = Slow()
    with running(app) as it, closing(it.connect()) as connection:
        connection.request("GET", "/slow")
        assert app.begun.wait(HANG_SECONDS)
        it.server.stop()
        app.go_on.set()
        answer = connection.getresponse()
        assert (answer.read(), answer.getheader("Connection")) == (b"done", "close")


def test_a_request_half_received_at_the_stop_is_answered() -> None:
    with running(Slow()) as it, closing(it.connect()) as connection:
        connection.connect()
        assert connection.sock is not None
        connection.sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with closing(it.connect()) as other:  # what was sent before is read by now
            assert asked(other, "/")[0] == b"done"
        it.server.stop()
        connection.sock.sendall(b"\r\n")
        received = b"".join(iter(lambda: connection.sock.recv(65_536), b""))
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")
        assert received.endswith(b"done")


def test_a_kept_connection_that_brings_nothing_is_closed_and_does_not_hold_up_the_end() -> None:
    with running(Slow()) as it, closing(it.connect()) as connection:
        asked(connection, "/")
        it.server.stop()
        assert it.ended()
        assert connection.sock is not None
        assert connection.sock.recv(1) == b""


def test_a_stop_closes_its_own_copy_of_a_shared_socket_and_others_go_on_with_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owned:

        def shared() -> socket.socket:
            return socket.socket(fileno=os.dup(owned.fileno()))

        with running(Slow(), sockets=[shared()]) as new:
            with running(Slow(), sockets=[shared()]) as old, closing(old.connect()) as connection:
                assert asked(connection, "/")[0] == b"done"
            for _ in range(20):
                with closing(new.connect()) as connection:
                    assert asked(connection, "/") == (b"done", None)


def test_the_beat_comes_from_the_threads_that_answer_and_stays_away_while_all_of_them_hang() -> None:
    app, beats = Slow(), threading.Semaphore(0)
    with running(app, beats.release, threads=1) as it, closing(it.connect()) as connection:
        assert beats.acquire(timeout=HANG_SECONDS)
        connection.request("GET", "/slow")
        assert app.begun.wait(HANG_SECONDS)
        while beats.acquire(blocking=False):
            pass
        assert not beats.acquire(timeout=0.3)
        app.go_on.set()
        assert connection.getresponse().read() == b"done"
        assert beats.acquire(timeout=HANG_SECONDS)


def test_a_beat_that_fails_is_tried_again() -> None:
    failed, done = threading.Event(), threading.Event()

    def beat() -> None:
        if failed.is_set():
            done.set()
        else:
            failed.set()
            raise ValueError("not this time")

    with running(Slow(), beat):
        assert done.wait(HANG_SECONDS)


def test_a_unix_socket_is_served_to_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    with running(Slow(), sockets=[unix_listener(path)]):
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))
            caller.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"".join(iter(lambda: caller.recv(65_536), b"")).endswith(b"\r\n\r\ndone")
        with pytest.raises(OSError, match="another process answers there"):
            unix_listener(path)


def test_a_unix_socket_that_was_left_behind_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    unix_listener(path).close()
    assert path.exists()
    unix_listener(path).close()
    (tmp_path / "notes").write_text("dear")
    with pytest.raises(OSError, match="which is no socket"):
        unix_listener(tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "dear"
