"""What was quoted, packed: the observations of a cycle or of an hour as one blob. Bytes only; no SQL.

Format 1, little-endian. A blob begins with its version (B) and its number of blocks (H). Then, for each block of 32
contract ids (III): its number, which of its contracts it holds (bit i: contract id 32 · number + i), the length of its
pack. Then the packs, each compressed by zlib. A pack is five columns, by contract and time: observations per contract (H),
times (I), next funding times (I, 0: unknown), intervals in hours (d, NaN: unknown), rates (d).
"""

import math
import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from funding.errors import StoreError

VERSION = 1
WIDTH = 32  # contracts in a block: as many as a mask has bits; few, since whoever reads one inflates all
ALL = (1 << WIDTH) - 1
HEAD = struct.Struct("<BH")
ENTRY = struct.Struct("<III")
UNKNOWN = math.nan


class Observation(NamedTuple):
    """What was quoted for a contract. `rate`: a fraction of notional per interval. Times in Unix seconds."""

    contract_id: int
    observed_at: int
    rate: float
    interval_hours: float | None
    next_funding_time: int | None


class Block(NamedTuple):
    """Part of a blob, not yet unpacked. `mask`: which of its contracts it holds."""

    number: int
    mask: int
    pack: bytes


def pack(observations: Iterable[Observation]) -> bytes:
    """A blob. Of two of one contract and moment the later one counts."""
    found = {(one.contract_id, one.observed_at): one for one in observations}
    blocks = [
        _block(number, list(group))
        for number, group in groupby(map(found.__getitem__, sorted(found)), lambda one: one.contract_id // WIDTH)
    ]
    entries = (ENTRY.pack(block.number, block.mask, len(block.pack)) for block in blocks)
    return b"".join([HEAD.pack(VERSION, len(blocks)), *entries, *map(itemgetter(2), blocks)])


def blocks_of(blob: bytes) -> list[Block]:
    """By number. Raises StoreError for a version that this release does not know, and for a damaged blob."""
    if len(blob) < HEAD.size or blob[0] != VERSION:
        raise StoreError(f"observations in a format that this release does not know ({blob[:1].hex() or 'empty'})")
    _, count = HEAD.unpack_from(blob)
    end = HEAD.size + count * ENTRY.size
    if len(blob) < end:
        raise _damaged()
    blocks = []
    for number, mask, length in ENTRY.iter_unpack(blob[HEAD.size : end]):
        blocks.append(Block(number, mask, blob[end : end + length]))
        end += length
    return blocks


def unpack(block: Block, wanted: int = ALL) -> Iterator[list[Observation]]:
    """What it holds of the wanted contracts, one list each, by time. `wanted`: a mask. Raises StoreError."""
    try:
        raw = zlib.decompress(block.pack)
        slots = [slot for slot in range(WIDTH) if block.mask >> slot & 1]
        counts = struct.unpack_from(f"<{len(slots)}H", raw)
        first, total, start = 0, sum(counts), 2 * len(slots)
        if len(raw) != start + 24 * total:
            raise _damaged()
        for slot, count in zip(slots, counts, strict=True):
            if wanted >> slot & 1:
                yield _unpacked(block.number * WIDTH + slot, raw, start, total, first, count)
            first += count
    except (zlib.error, struct.error) as error:
        raise _damaged() from error


def unpack_all(blob: bytes) -> Iterator[Observation]:
    """Everything, by contract and time. Raises StoreError."""
    for block in blocks_of(blob):
        for observations in unpack(block):
            yield from observations


def masks_of(contract_ids: Iterable[int]) -> dict[int, int]:
    """Block's number → the mask of those contracts."""
    masks: dict[int, int] = {}
    for contract_id in contract_ids:
        number, slot = divmod(contract_id, WIDTH)
        masks[number] = masks.get(number, 0) | 1 << slot
    return masks


def _block(number: int, observations: list[Observation]) -> Block:
    ids, times, rates, intervals, nexts = zip(*observations, strict=True)
    total, counts = len(ids), [len(list(group)) for _, group in groupby(ids)]
    raw = struct.pack(
        f"<{len(counts)}H{total}I{total}I{total}d{total}d",
        *counts,
        *times,
        *(moment or 0 for moment in nexts),
        *(UNKNOWN if hours is None else hours for hours in intervals),
        *rates,
    )
    return Block(number, masks_of(ids)[number], zlib.compress(raw))


def _unpacked(contract_id: int, raw: bytes, start: int, total: int, first: int, count: int) -> list[Observation]:
    """`start`: where the column of times begins; `first`: the contract's first place in every column."""
    times = struct.unpack_from(f"<{count}I", raw, start + 4 * first)
    nexts = struct.unpack_from(f"<{count}I", raw, start + 4 * (total + first))
    intervals = struct.unpack_from(f"<{count}d", raw, start + 8 * (total + first))
    rates = struct.unpack_from(f"<{count}d", raw, start + 8 * (2 * total + first))
    return [
        Observation(contract_id, at, rate, None if hours != hours else hours, next_time or None)
        for at, rate, hours, next_time in zip(times, rates, intervals, nexts, strict=True)
    ]


def _damaged() -> StoreError:
    return StoreError("observations that cannot be unpacked: the database is damaged; restore it from a backup")
