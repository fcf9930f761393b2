"""Clients that keep asking while something is done to the service: half on connections that they keep, half on new ones."""

import http.client
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from types import TracebackType
from typing import Self

PAUSE_SECONDS = 0.004


class Load:
    """`with Load(address, context, name) as load: …`; afterwards load.answers, load.failures, load.slowest."""

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext | None,
        name: str,
        paths: tuple[str, ...] = ("/livez", "/api/funding/current?exchange=okx", "/api/health"),
        clients: int = 8,
    ) -> None:
        self.address, self.context, self.name, self.paths = address, context, name, paths
        self.answers: Counter[int] = Counter()  # by status
        self.failures: Counter[str] = Counter()
        self.slowest = 0.0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._clients = [threading.Thread(target=self._ask, args=(number % 2 == 0,)) for number in range(clients)]

    def __enter__(self) -> Self:
        for client in self._clients:
            client.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for client in self._clients:
            client.join(30)

    def __str__(self) -> str:
        total = sum(self.answers.values())
        return f"{total} requests {dict(self.answers)}, failed {dict(self.failures) or 0}, slowest {self.slowest * 1000:.0f} ms"

    @property
    def failed(self) -> int:
        return sum(self.failures.values()) + sum(count for status, count in self.answers.items() if status != 200)

    def _ask(self, keep: bool) -> None:
        connection: http.client.HTTPConnection | None = None
        turn = 0
        while not self._stop.is_set():
            turn += 1
            begun = time.monotonic()
            try:
                connection = connection or connect(self.address, self.context, self.name)
                connection.request("GET", self.paths[turn % len(self.paths)], headers={"Host": self.name})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.failures[f"{'kept' if keep else 'new'}: {error!r:.80}"] += 1
                connection = None
                continue
            with self._lock:
                self.answers[answer.status] += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
            if not keep or answer.will_close:
                connection.close()
                connection = None
            time.sleep(PAUSE_SECONDS)
        if connection:
            connection.close()


def once(
    address: tuple[str, int], context: ssl.SSLContext | None, name: str, path: str, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], str]:
    """One request: status, headers by lower-case name, body."""
    with closing(connect(address, context, name)) as connection:
        connection.request("GET", path, headers={"Host": name, **headers})
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read().decode()


def connect(address: tuple[str, int], context: ssl.SSLContext | None, name: str) -> http.client.HTTPConnection:
    made = http.client.HTTPConnection(*address, timeout=20)
    made.sock = socket.create_connection(address, timeout=20)
    if context:
        made.sock = context.wrap_socket(made.sock, server_hostname=name)
    return made
