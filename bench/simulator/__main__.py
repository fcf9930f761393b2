"""python -m bench.simulator: plays exchanges on one local port until it is stopped."""

import argparse
import asyncio
import contextlib
import os
import signal
import ssl
import sys
import time
from pathlib import Path

from bench.simulator.clock import Clock
from bench.simulator.contracts import EXCHANGES
from bench.simulator.dialects import DIALECTS
from bench.simulator.limits import Limiter
from bench.simulator.market import Market
from bench.simulator.recordings import read
from bench.simulator.server import Server
from bench.simulator.world import World


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.simulator", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=9100, help="0: a free one")
    add("--seed", type=int, default=1)
    add("--exchanges", type=_names, default=EXCHANGES, metavar="A,B")
    add("--contracts", default="300", help="live ones per exchange: 300, or okx=450,binance=800 (the others then 300)")
    add("--speed", type=float, default=1, help="simulated seconds per real one; 0 stands still")
    add("--start", type=int, help="simulated Unix seconds at the start (default: now)")
    add("--shift", type=int, default=0, metavar="SECONDS", help="added to the start")
    add("--step", type=int, default=1, metavar="SECONDS", help="the market moves once in so many simulated seconds")
    add("--past-days", type=float, default=30, help="how far settled history reaches back")
    add("--first-settlement", type=int, metavar="SECONDS", help=(
        "okx, binance, bybit, gate: every contract is settled so long after the start (at the next whole minute), then by its"
        " interval; by default at whole multiples of the interval, as hyperliquid and kraken always are"))  # fmt: skip
    add("--relative-rates", action="store_true", help="kraken gives relativeFundingRate too")
    add("--limits", action="store_true", help="the documented rate limits are in force")
    add("--latency-ms", type=float, default=0)
    add("--jitter-ms", type=float, default=0, help="the delay is evenly spread over latency ± jitter")
    add("--connect-ms", type=float, default=0, help="before TLS, or before the first request, of every connection")
    add("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"))
    add("--recordings", nargs="+", type=Path, default=[], metavar="DIR", help="answers for other venues, as recorded")
    add("--seconds", type=float, help="stop by itself after so long")
    add("--parent", type=int, metavar="PID", help="stop by itself when this parent process has ended, however it did")
    return parser.parse_args(words)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in EXCHANGES]
    if unknown:
        raise argparse.ArgumentTypeError(f"not played here: {', '.join(unknown)}; there are {', '.join(EXCHANGES)}")
    return names


def counts(text: str, exchanges: tuple[str, ...]) -> dict[str, int]:
    """exchange → live contracts. Raises ValueError for anything that is neither a number nor name=number."""
    if "=" not in text:
        return dict.fromkeys(exchanges, int(text))
    given = dict(part.split("=", 1) for part in text.split(","))
    return {name: int(given.get(name, 300)) for name in exchanges}


def world(options: argparse.Namespace) -> World:
    start = (int(time.time()) if options.start is None else options.start) + options.shift
    market = Market(
        options.seed,
        counts(options.contracts, options.exchanges),
        start,
        first_settlement=options.first_settlement,
        past_days=options.past_days,
        relative_rates=options.relative_rates,
    )
    made = World(market, Clock(start, options.speed, options.step, time.monotonic), read(options.recordings))
    made.connect_ms = options.connect_ms
    for name, venue in made.venues.items():
        venue.latency_ms, venue.jitter_ms = options.latency_ms, options.jitter_ms
        if options.limits and name in DIALECTS:
            venue.limiter = Limiter(DIALECTS[name].LIMIT)
    return made


async def run(options: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM, or the time is over."""
    tls = None
    if options.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*options.tls)
    server, stop = Server(world(options), tls), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    url = await server.listen(options.host, options.port)
    watch = asyncio.create_task(_until_orphaned(options.parent, stop)) if options.parent else None
    print(f"simulator ready at {url}", flush=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), options.seconds)
    if watch:
        watch.cancel()
    await server.close()


async def _until_orphaned(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(0.5)
    stop.set()


def main() -> int:
    try:
        asyncio.run(run(arguments()))
    except (OSError, ValueError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
