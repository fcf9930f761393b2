"""The sockets: accepts connections, TLS or not, reads requests, waits, and has answers delivered. Judges nothing itself."""

import asyncio
import json
import socket
import ssl
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter
from collections.abc import Awaitable, Coroutine
from typing import Any

from bench.simulator import verdict
from bench.simulator.delivery import FAILING, Parcel, deliver, parcel
from bench.simulator.faults import Fault
from bench.simulator.incoming import LARGEST_HEAD, Request, read_request
from bench.simulator.venue import Venue
from bench.simulator.world import World

CONTROL = "_sim"
TOO_LONG = 0.0005  # what a sleep lasts too long on average: the event loop waits whole milliseconds, rounded up
KEPT = 5_000  # finished answers of one exchange at one moment
Kept = dict[tuple[str, bytes], Parcel]


class Server:
    def __init__(self, world: World, tls: ssl.SSLContext | None = None) -> None:
        self._world = world
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: dict[str, tuple[int, Kept]] = {}
        self._born = 0.0

    async def listen(self, host: str, port: int) -> str:
        """Starts; gives the URL. Port 0 takes a free one. Raises OSError where the port is taken."""
        self._born = asyncio.get_running_loop().time()
        door = socket.create_server((host, port), backlog=1024)
        door.setblocking(False)
        self._spawn(self._accept(door))
        return f"{'https' if self._tls else 'http'}://{host}:{door.getsockname()[1]}"

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with door:
            while True:
                connection, _ = await loop.sock_accept(door)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._spawn(self._greet(connection))

    async def _greet(self, connection: socket.socket) -> None:
        """TLS and then requests, after the wait that stands for the round trips of a distant venue."""
        connections = self._world.connections
        connections.accepted += 1
        if self._world.connect_ms:
            await asyncio.sleep(self._world.connect_ms / 1000)
        loop = asyncio.get_running_loop()
        reader = StreamReader(limit=LARGEST_HEAD, loop=loop)
        protocol = StreamReaderProtocol(reader, loop=loop)
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._tls)
        except OSError:  # the client broke off, or trusts another certificate
            connections.tls_failed += 1
            connection.close()
            return
        connections.open += 1
        writer = StreamWriter(transport, protocol, reader, loop)
        try:
            await self._serve(reader, writer)
        except OSError:
            pass  # the client has gone: no fault of the simulator's
        finally:
            connections.open -= 1
            writer.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        going = True
        while going:
            request = await read_request(reader)
            if request is None:
                return
            going = await self._answer(request, reader, writer) and request.keep_alive

    async def _answer(self, request: Request, reader: StreamReader, writer: StreamWriter) -> bool:
        """False: this connection is at its end."""
        venue = self._world.venues.get(self._world.hosts.get(request.host, ""))
        if venue is None:
            await deliver(writer, self._own(request), zipped=request.zipped)
            return True
        clock = asyncio.get_running_loop().time
        delay = venue.delay()
        due = clock() + delay - TOO_LONG
        if delay:
            await asyncio.sleep(delay / 2)
        answer, fault = self._judge(venue, request)
        if delay:
            await asyncio.sleep(max(0.0, due - clock()))
        if fault:
            await self._fail(FAILING[fault.kind](writer, answer, fault), reader)
            return False
        venue.sent(answer.status, len(answer.packed if request.zipped and answer.packed else answer.plain))
        await deliver(writer, answer, zipped=request.zipped)
        return True

    def _judge(self, venue: Venue, request: Request) -> tuple[Parcel, Fault | None]:
        """The answer, and the fault that keeps it from being delivered, if any."""
        name, now = venue.name, self._world.clock.now()
        at = asyncio.get_running_loop().time() - self._born
        refused = venue.take(at, verdict.weigh(name, request))
        if refused and venue.limiter:
            return verdict.refused(name, refused, now, retry_after=venue.limiter.limit.retry_after), None
        venue.counts.last_now = now
        fault = venue.fault(f"{request.target} {request.body.decode('utf-8', 'replace')}")
        sound = self._sound(name, now, request)
        if fault is None:
            return sound, None
        if fault.kind in FAILING:
            return sound, fault
        return verdict.faulty(name, fault, sound, now), None

    def _sound(self, name: str, now: int, request: Request) -> Parcel:
        """Made once for every moment: bulk lists take their time."""
        moment, kept = self._kept.get(name, (0, {}))
        if moment != now or len(kept) > KEPT:
            kept = {}
            self._kept[name] = (now, kept)
        key = (request.method + request.target, request.body)
        found = kept.get(key)
        if found is None:
            world = self._world
            found = kept[key] = verdict.answered(name, world.market, world.recordings, now, request)
        return found

    def _own(self, request: Request) -> Parcel:
        if request.host == CONTROL:
            status, body = self._world.control(request)
        else:
            status, body = 404, {"error": f"no exchange here answers for {request.host!r}"}
        return parcel(status, {"Content-Type": "application/json"}, json.dumps(body).encode())

    async def _fail(self, failing: Awaitable[None], reader: StreamReader) -> None:
        """Until it is over or the client has gone."""
        work, gone = asyncio.ensure_future(failing), asyncio.ensure_future(reader.read(1))
        _, pending = await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)
