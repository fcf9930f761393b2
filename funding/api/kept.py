"""What is made once per snapshot and shared by all threads: the unfiltered list, packed, and the exchanges' state."""

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from funding.api.database import Reading, Snapshot

REBUILD_SECONDS = 2  # while a cycle lands there is a new run every few milliseconds
GZIP = zlib.MAX_WBITS | 16
CHUNK = 65_536

T = TypeVar("T")


class PerSnapshot(Generic[T]):
    """One value, made anew for each snapshot by whichever thread comes first; the others wait for it."""

    def __init__(self, make: Callable[[Reading], T]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._kept: tuple[Snapshot, T] | None = None

    def get(self, reading: Reading) -> T:
        kept = self._of(reading.snapshot)
        if kept is None:
            with self._making:
                kept = self._of(reading.snapshot)
                if kept is None:
                    self._kept = None  # what it held is free before the new one is made
                    kept = self._kept = (reading.snapshot, self._make(reading))
        return kept[1]

    def _of(self, snapshot: Snapshot) -> tuple[Snapshot, T] | None:
        kept = self._kept
        return kept if kept is not None and kept[0] == snapshot else None


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as gzip; `length` is that of the plain body."""

    gzip: bytes
    length: int

    def plain(self) -> Iterator[bytes]:
        unpack = zlib.decompressobj(GZIP)
        for start in range(0, len(self.gzip), CHUNK):
            yield unpack.decompress(self.gzip[start : start + CHUNK])
        yield unpack.flush()


def pack(pieces: Iterable[bytes], level: int = 6) -> Packed:
    squeeze = zlib.compressobj(level, zlib.DEFLATED, GZIP)
    packed = bytearray()
    length = 0
    for piece in pieces:
        length += len(piece)
        packed += squeeze.compress(piece)
    packed += squeeze.flush()
    return Packed(bytes(packed), length)


@dataclass(frozen=True, slots=True)
class _Kept:
    body: Packed
    snapshot: Snapshot
    built_at: float  # monotonic


class FullList:
    """Rebuilt on demand, by one thread at a time, when the snapshot is another.

    A new minute is waited for, so that no age is more than 60 s old. Within the minute the list may be two seconds
    behind, or as long as a rebuild takes.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._building = threading.Lock()
        self._kept: _Kept | None = None

    def get(self, reading: Reading, build: Callable[[], Packed]) -> tuple[Packed, Snapshot]:
        """The bytes and the snapshot that they are of; `build` makes them from the reading."""
        wanted, kept = reading.snapshot, self._kept
        if kept is not None and kept.snapshot.minute == wanted.minute and self._building.locked():
            return kept.body, kept.snapshot
        if kept is None or not self._will_do(kept, wanted):
            kept = self._rebuilt(wanted, build)
        return kept.body, kept.snapshot

    def _will_do(self, kept: _Kept, wanted: Snapshot) -> bool:
        if kept.snapshot == wanted:
            return True
        return kept.snapshot.minute == wanted.minute and self._monotonic() - kept.built_at < REBUILD_SECONDS

    def _rebuilt(self, wanted: Snapshot, build: Callable[[], Packed]) -> _Kept:
        with self._building:
            kept = self._kept  # another thread may have built it while this one waited
            if kept is None or not self._will_do(kept, wanted):
                kept = self._kept = _Kept(build(), wanted, self._monotonic())
            return kept
