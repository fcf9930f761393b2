"""Puts answers on the wire, whole or in one of the ways in which they never arrive. Knows no venue."""

import asyncio
import gzip
import struct
from asyncio import StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET

from bench.simulator.faults import Fault, bomb

WORTH_PACKING = 256
FOR_EVER = 3600.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A finished answer: status, headers (without length and date) and the bytes, plain and packed."""

    status: int
    headers: Mapping[str, str]
    plain: bytes
    packed: bytes = field(repr=False, default=b"")


def parcel(status: int, headers: Mapping[str, str], body: bytes) -> Parcel:
    packed = gzip.compress(body, 1, mtime=0) if len(body) >= WORTH_PACKING else b""
    return Parcel(status, headers, body, packed)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        words = HTTPStatus(status).phrase
    except ValueError:
        words = ""
    lines = [f"HTTP/1.1 {status} {words}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def message(parcel: Parcel, *, zipped: bool) -> tuple[bytes, bytes]:
    """Head and body as they go out."""
    if zipped and parcel.packed:
        more = {"Content-Encoding": "gzip", "Content-Length": str(len(parcel.packed))}
        return head(parcel.status, {**parcel.headers, **more}), parcel.packed
    return head(parcel.status, {**parcel.headers, "Content-Length": str(len(parcel.plain))}), parcel.plain


async def deliver(writer: StreamWriter, parcel: Parcel, *, zipped: bool) -> None:
    top, body = message(parcel, zipped=zipped)
    writer.write(top + body)
    await writer.drain()


# The ways of failing. Each ends with the connection closed, by us or by the client.


async def hang(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    await asyncio.sleep(FOR_EVER)


async def stall(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Half of the body, then nothing more."""
    top, body = message(parcel, zipped=False)
    writer.write(top + body[: len(body) // 2])
    await asyncio.sleep(FOR_EVER)


async def drip(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Byte by byte, the status line included."""
    top, body = message(parcel, zipped=False)
    for byte in top + body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(fault.pause)


async def hangup(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Closed without a byte of an answer, as an idle connection is."""


async def reset(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def short(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Fewer bytes than Content-Length says."""
    top, body = message(parcel, zipped=False)
    writer.write(top + body[: len(body) // 2])
    await writer.drain()


async def cut(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Sound HTTP around half of the JSON."""
    half = Parcel(parcel.status, parcel.headers, parcel.plain[: len(parcel.plain) // 2])
    await deliver(writer, half, zipped=False)


async def explode(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    packed = await asyncio.to_thread(bomb, fault.megabytes)
    more = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    writer.write(head(200, {**parcel.headers, **more}) + packed)
    await writer.drain()


async def endless(writer: StreamWriter, parcel: Parcel, fault: Fault) -> None:
    """Sound chunks without end."""
    writer.write(head(200, {**parcel.headers, "Transfer-Encoding": "chunked"}))
    chunk = (b" " * 65_535) + b"\n"
    while True:
        writer.write(b"10000\r\n" + chunk + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)


FAILING: Mapping[str, Callable[[StreamWriter, Parcel, Fault], Awaitable[None]]] = {
    "hang": hang,
    "stall": stall,
    "drip": drip,
    "hangup": hangup,
    "reset": reset,
    "short": short,
    "cut": cut,
    "bomb": explode,
    "endless": endless,
}
