"""The database as the serving threads see it: a connection each, opened when first needed, and again when it is lost.

A missing, unreadable or replaced file is a 503 that is tried again after a second; it never ends the process.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from funding.api.problems import ProblemError
from funding.errors import FundingError
from funding.store.exchanges import newest_run
from funding.store.open import reader, snapshot

log = logging.getLogger(__name__)

RETRY_SECONDS = 1
LATE_SECONDS = 0.02
LOOK_SECONDS = 1  # between two looks at whether the file is still the same one
SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What answers and ETags hang on: the newest run, and the minute, because ages go on when nothing is written."""

    run: int
    minute: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment of the database: all that is read through it belongs together. `run` is None before the first run."""

    connection: sqlite3.Connection
    run: int | None
    now: int

    @property
    def snapshot(self) -> Snapshot:
        """Raises ProblemError (503) while there are no data at all."""
        if self.run is None:
            raise ProblemError(503, "Nothing has been collected yet.", headers=[("Retry-After", "5")])
        return Snapshot(self.run, self.now // SECONDS_A_MINUTE)


class _Own(threading.local):
    connection: sqlite3.Connection | None = None
    file: tuple[int, int] | None = None
    looked_at: float = float("-inf")
    retry_at: float = float("-inf")


class Database:
    """Each thread's own read-only connection: SQLite's are not for sharing.

    A thread keeps its connection for as long as it lives, so that a writer's close is never the last one and the WAL
    stays in place for readers that could not make it anew.
    """

    def __init__(self, path: Path, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._path = path
        self._wall = wall
        self._monotonic = monotonic
        self._own = _Own()
        self._seen: tuple[float, int] | None = None  # when, and the newest run then

    def hold(self) -> None:
        """Opens this thread's connection now, if it can be: the threads that serve go on trying."""
        with suppress(ProblemError), self.reading():
            pass

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Raises ProblemError (503) where the database cannot be read, at once within a second of the last failure."""
        with self._connected() as connection, snapshot(connection):
            yield self._read(connection)

    def snapshot(self) -> Snapshot:
        """What an answer of this moment would hang on, known to within LATE_SECONDS. Raises as reading().

        For clients that poll and have it already: a statement lets all other threads go on first, and so takes longer than
        the whole rest of their answer.
        """
        seen, now = self._seen, self._monotonic()
        if seen is None or now >= seen[0] + LATE_SECONDS:
            with self._connected() as connection:
                seen = self._seen = (now, self._read(connection).snapshot.run)
        return Snapshot(seen[1], int(self._wall()) // SECONDS_A_MINUTE)

    def _read(self, connection: sqlite3.Connection) -> Reading:
        return Reading(connection, newest_run(connection), int(self._wall()))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        if self._monotonic() < self._own.retry_at:
            raise _unreadable()
        try:
            yield self._connect()
        except ProblemError:
            raise
        except (FundingError, OSError) as error:
            log.error("the database cannot be read: %s", error)  # noqa: TRY400 - the words say it; a line, no traceback
            self._forget()
            self._own.retry_at = self._monotonic() + RETRY_SECONDS
            raise _unreadable() from error

    def _connect(self) -> sqlite3.Connection:
        """This thread's own. A restored backup is another file under the same name: looked for once a second."""
        own, now = self._own, self._monotonic()
        if own.connection is None or now >= own.looked_at + LOOK_SECONDS:
            file = self._file()
            if own.connection is None or own.file != file:
                self._forget()
                own.connection, own.file = reader(self._path), file
            own.looked_at = now
        return own.connection

    def _file(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _forget(self) -> None:
        if self._own.connection is not None:
            with suppress(sqlite3.Error):
                self._own.connection.close()
            self._own.connection = None


def _unreadable() -> ProblemError:
    words = "The database cannot be read at the moment; it is tried again every second."
    return ProblemError(503, words, headers=[("Retry-After", str(RETRY_SECONDS))])
