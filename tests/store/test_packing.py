"""Observations as bytes: the format that is documented, there and back, and what is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.errors import StoreError
from funding.rate import EARLIEST, LATEST
from funding.store.packing import ALL, Observation, blocks_of, masks_of, pack, unpack, unpack_all

A = Observation(1, 1_790_000_000, 0.0001, 8.0, 1_790_006_400)
B = Observation(1, 1_790_000_300, -0.00012345, 8.0, 1_790_006_400)
C = Observation(31, 1_790_000_001, 0.0, None, None)
D = Observation(70, 1_790_000_002, 1.0, 0.5, 1_790_003_600)

observations = st.builds(
    Observation,
    st.integers(1, 200),
    st.integers(EARLIEST, LATEST),
    st.floats(-1, 1),
    st.none() | st.floats(1e-6, 168),
    st.none() | st.integers(EARLIEST, LATEST),
)


def test_the_bytes_are_those_of_the_documented_format():
    columns = struct.pack(
        "<2H3I3I3d3d",
        *(2, 1),
        *(1_790_000_000, 1_790_000_300, 1_790_000_001),
        *(1_790_006_400, 1_790_006_400, 0),
        *(8.0, 8.0, float("nan")),
        *(0.0001, -0.00012345, 0.0),
    )
    packs = [zlib.compress(columns), zlib.compress(struct.pack("<HIIdd", 1, D.observed_at, 1_790_003_600, 0.5, 1.0))]
    head = struct.pack("<BH", 1, 2) + struct.pack("<6I", 0, 1 << 1 | 1 << 31, len(packs[0]), 2, 1 << 6, len(packs[1]))
    assert pack([D, C, B, A]) == head + b"".join(packs)


@given(st.lists(observations, unique_by=lambda one: (one.contract_id, one.observed_at)))
def test_what_was_packed_comes_back_by_contract_and_time(some):
    assert list(unpack_all(pack(some))) == sorted(some, key=lambda one: (one.contract_id, one.observed_at))


def test_of_two_of_one_contract_and_moment_the_later_counts():
    assert list(unpack_all(pack([A, C, A._replace(rate=0.5)]))) == [A._replace(rate=0.5), C]


def test_of_a_block_the_wanted_contracts_alone_are_unpacked():
    first, second = blocks_of(pack([A, B, C, D]))
    assert (first.number, second.number) == (0, 2)
    assert list(unpack(first, masks_of([31])[0])) == [[C]]
    assert list(unpack(first, masks_of([1, 2])[0])) == [[A, B]]
    assert list(unpack(second, masks_of([64])[2])) == []
    assert list(unpack(second)) == list(unpack(second, ALL)) == [[D]]


def test_masks_gather_contracts_by_their_block():
    assert masks_of([0, 33, 31, 32, 33]) == {0: 1 | 1 << 31, 1: 0b11}


def test_nothing_packs_to_nothing():
    assert list(unpack_all(pack([]))) == []


@pytest.mark.parametrize("blob", [b"", b"\x02" + pack([A])[1:], b"<html>"])
def test_a_format_of_another_release_is_refused(blob):
    with pytest.raises(StoreError, match="observations in a format that this release does not know"):
        list(unpack_all(blob))


GOOD = pack([A, B, C, D])
SHORT, LONG = zlib.compress(b"\x01\x00"), zlib.compress(bytes([1, 0, *[0] * 25]))


@pytest.mark.parametrize(
    "blob",
    [
        GOOD[:10],
        GOOD[:-1],
        GOOD[:-9] + bytes([GOOD[-9] ^ 1]) + GOOD[-8:],
        struct.pack("<BHIII", 1, 1, 0, 1, len(SHORT)) + SHORT,
        struct.pack("<BHIII", 1, 1, 0, 1, len(LONG)) + LONG,
        struct.pack("<BHIII", 1, 1, 0, 1, 0),
    ],
    ids=["cut in its head", "cut at its end", "a flipped bit", "columns missing", "more than columns", "an empty pack"],
)
def test_a_damaged_blob_is_said_and_never_read_as_something_else(blob):
    with pytest.raises(StoreError, match="observations that cannot be unpacked: the database is damaged; restore it"):
        list(unpack_all(blob))
