"""Answers as bytes, the odd ones above all."""

import gzip
import io
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funding.errors import FetchError
from funding.http1 import CHUNK, read_answer

LIMIT = 100_000


def body_of(sent: bytes) -> bytes:
    return read_answer(io.BytesIO(sent), "venue.example", LIMIT).body


def kept(sent: bytes) -> bool:
    return read_answer(io.BytesIO(sent), "venue.example", LIMIT).head.keeps


def refused(sent: bytes) -> tuple[str, str]:
    with pytest.raises(FetchError) as caught:
        body_of(sent)
    return caught.value.kind, caught.value.words


def test_status_headers_and_body_are_read_and_the_next_answer_is_left():
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Weight:  12 \r\nVia: a\r\nVIA: b\r\n\r\nabc"
    stream = io.BytesIO(first + b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n")
    answer = read_answer(stream, "venue.example", LIMIT)
    assert (answer.head.status, answer.body) == (200, b"abc")
    assert answer.head.headers == {"content-length": "3", "x-weight": "12", "via": "a, b"}
    assert read_answer(stream, "venue.example", LIMIT).head.status == 404


def test_chunks_are_joined_and_their_trailers_left():
    chunks = b"4\r\n[1,2\r\n3;name=value\r\n,3]\r\n0\r\nX-Trailer: 1\r\n\r\n"
    assert body_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) == b"[1,2,3]"


def test_a_body_without_a_length_goes_on_to_the_end():
    assert body_of(b"HTTP/1.1 200 OK\r\n\r\nall of it") == b"all of it"


def test_what_comes_before_the_answer_is_passed_over():
    assert (
        body_of(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") == b"ok"
    )


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0", False),
        (b"HTTP/1.1 204 No Content", True),
        (b"HTTP/1.1 200 OK", False),
    ],
)
def test_a_connection_is_kept_where_the_answer_ends_by_itself(head, keeps):
    assert kept(head + b"\r\n\r\n") is keeps


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 O",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n",
    ],
)
def test_what_stops_early_is_cut_off(sent):
    assert refused(sent) == ("reset", "venue.example closed the connection in the middle of the answer")


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"<html>\r\n", r"b'<html>\r\n'"),
        (b"HTTP/2 200 OK\r\n", r"b'HTTP/2 200 OK\r\n'"),
        (b"HTTP/1.1 OK\r\n", r"b'HTTP/1.1 OK\r\n'"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", r"b'no colon\r\n'"),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n folded: 2\r\n\r\n", r"b' folded: 2\r\n'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "'-1'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "'1, 2'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "'gzip, chunked'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n", r"b'-2\r\n'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n", r"b']\r\n'"),
    ],
)
def test_what_is_not_http_is_quoted(sent, found):
    assert refused(sent) == ("http", f"venue.example does not answer in HTTP: {found}")


def test_a_header_without_an_end_is_not_held():
    stream = io.BytesIO(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 1_000_000)
    with pytest.raises(FetchError, match="does not answer in HTTP"):
        read_answer(stream, "venue.example", LIMIT)
    assert stream.tell() < 300_000


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_undone(encoding):
    assert body_of(packed(gzip.compress(b"[1,2,3]"), encoding)) == b"[1,2,3]"


def test_an_empty_body_may_call_itself_gzip():
    assert body_of(packed(b"")) == b""


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (packed(gzip.compress(b"[1,2,3]")[:-1]), "reset"),
        (packed(gzip.compress(b"[1,2,3]") + b"more"), "not_json"),
        (packed(b"[]", "br"), "shape"),
    ],
    ids=["cut short", "with something after it", "another encoding"],
)
def test_a_body_that_cannot_be_unpacked_is_an_error(sent, kind):
    assert refused(sent)[0] == kind


def test_a_damaged_gzip_is_zlibs_error():
    damaged = bytearray(gzip.compress(b"[1,2,3]"))
    damaged[-6] ^= 1  # the checksum
    with pytest.raises(zlib.error):
        body_of(packed(bytes(damaged)))


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_the_limit_is_on_what_is_unpacked(size):
    for sent in (packed(gzip.compress(bytes(size))), packed(bytes(size), "identity")):
        if size > LIMIT:
            assert refused(sent) == ("too_big", f"venue.example answers with more than {LIMIT} bytes")
        else:
            assert len(body_of(sent)) == LIMIT


def test_a_bomb_is_never_held():
    bomb = packed(gzip.compress(bytes(20_000_000)))
    tracemalloc.start()
    refused(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_reading_stops_soon_after_the_limit():
    stream = io.BytesIO(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5_000_000))
    with pytest.raises(FetchError):
        read_answer(stream, "venue.example", LIMIT)
    assert stream.tell() <= LIMIT + 2 * CHUNK


WHOLE = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n"
    + gzip.compress(b"[]")[:20]
    + b"\r\n2\r\n"
    + gzip.compress(b"[]")[20:]
    + b"\r\n0\r\n\r\n"
)


def test_the_answer_that_is_damaged_below_is_good():
    assert body_of(WHOLE) == b"[]"


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=6), st.integers(0, 6))
@settings(max_examples=300)
def test_no_damage_brings_anything_but_our_errors(place, put_in, taken_out):
    damaged = WHOLE[:place] + put_in + WHOLE[place + taken_out :]
    with suppress(FetchError, zlib.error):
        read_answer(io.BytesIO(damaged), "venue.example", LIMIT)
