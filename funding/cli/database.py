"""The collector's hold on the database: one process at a time, by a lock that the system takes back however that ends."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection

from funding.errors import LockedError, StoreError
from funding.store.open import writer
from funding.store.rescue import rescue

MODE = 0o640
LONGEST_NUMBER = 20
LOCKS = Path("/proc/locks")


@contextmanager
def opened(
    database: Path, prepare: Callable[[Connection], object], backups: Path | None = None
) -> Iterator[Connection]:
    """The one connection that writes, after `prepare` has seen to the schema, and nobody else's. Raises FundingError.

    With the folder of `backups`, a file that is found damaged is replaced first.
    """
    with held(database):
        if backups is not None:
            rescue(database, backups, int(time.time()))
        with closing(writer(database)) as conn:
            prepare(conn)
            yield conn


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Holds `<database>.lock`. The file stays behind: were it removed, two processes could each hold one of that name.

    Raises LockedError that names the holder, or StoreError where there can be no lock.
    """
    path = Path(f"{database}.lock")
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    except OSError as error:
        raise StoreError(f"{path}: the lock file cannot be opened: {error.strerror}") from error
    try:
        _take(file, path, database)
        yield
    finally:
        os.close(file)


def holder(database: Path) -> str | None:
    """The process that holds the lock, by the system's list of locks: looking must not keep a collector from starting."""
    path = Path(f"{database}.lock")
    try:
        file, locks = path.stat().st_ino, LOCKS.read_text("ascii").splitlines()
        held_files = {
            int(line.split()[-3].rpartition(":")[2]) for line in locks if "FLOCK" in line and "->" not in line
        }
        return path.read_text("ascii").strip() or "not known" if file in held_files else None
    except (OSError, ValueError, IndexError):
        return None


def _take(file: int, path: Path, database: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)
    except BlockingIOError as error:
        holder = os.pread(file, LONGEST_NUMBER, 0).decode("ascii", "replace").strip() or "not known"
        raise LockedError(
            f"{database}: another collector holds it, process {holder} (by {path}); stop that one first"
        ) from error
    except OSError as error:
        raise StoreError(f"{path}: the lock cannot be held: {error.strerror}") from error
