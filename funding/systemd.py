"""What systemd and a service say to each other: ready, alive, stopping, how it stands; and the sockets it hands over.

Without systemd every call does nothing. It is given the environment and reads none itself.
"""

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)

FIRST_SOCKET = 3  # after stdin, stdout and stderr: where sd_listen_fds(3) says they begin
MICROSECONDS = 1_000_000


class Systemd:
    """The one that started this process, as its environment names it. What it cannot be told is logged, and no fault."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name  # @: in the abstract namespace, no file
        self.watchdog_seconds = _watchdog_seconds(environ)

    @property
    def beat_seconds(self) -> float | None:
        """How often to call alive(): twice in the time after which systemd takes us for hung. None: it does not watch."""
        return None if self.watchdog_seconds is None else self.watchdog_seconds / 2

    def ready(self, status: str) -> None:
        self._say("READY=1", _status(status))

    def alive(self, status: str) -> None:
        self._say("WATCHDOG=1", _status(status))

    def status(self, status: str) -> None:
        self._say(_status(status))

    def stopping(self) -> None:
        self._say("STOPPING=1", _status("stopping"))

    def watch(self, seconds: float) -> None:
        """Has itself taken for hung after so long without alive(), where the unit asks for a watchdog at all."""
        if self.watchdog_seconds is not None:
            self.watchdog_seconds = seconds
            self._say(f"WATCHDOG_USEC={int(seconds * MICROSECONDS)}")

    def _say(self, *assignments: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.connect(self._address)
                sender.sendall("\n".join(assignments).encode())
        except OSError as error:
            log.warning("systemd could not be told %s: %s", assignments[0], error)


def inherited(environ: Mapping[str, str]) -> list[socket.socket]:
    """The listening sockets that systemd opened for this very process; none, where it did not."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    found = []
    for number in range(FIRST_SOCKET, FIRST_SOCKET + int(environ.get("LISTEN_FDS", "0"))):
        os.set_inheritable(number, False)
        found.append(socket.socket(fileno=number))
    return found


def _watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = int(environ.get("WATCHDOG_USEC", "0"))
    return microseconds / MICROSECONDS if microseconds else None


def _status(words: str) -> str:
    return "STATUS=" + " ".join(words.split())  # a line break would begin another assignment
