"""M1, U1: what `funding run` weighs when idle, after a cycle and after a thousand requests; how soon it answers.

python -m bench.memory [--contracts 6500] [--requests 1000] [--repeats 5] [--json]
"""

import argparse
import http.client
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import drawing, program
from bench.certificates import Certificates, certificates
from bench.children import Failed
from bench.cycle import warmed, world
from bench.figures import Figure, Goal, Measured, in_turn
from bench.program import Report, Table
from bench.rows import CYCLE, Market
from bench.served import BARE, FASTAPI, FLASK, Served, ours, peer, serving
from bench.simulator import Simulator
from bench.store import every_run, ours_at

QUIET_SECONDS = 1.0  # after the last thing that happened
NOWHERE = "http://127.0.0.1:1"  # an upstream that refuses every connection
MIXED = (
    "/livez", "/api/health", "/api/exchanges", "/api/exchanges/okx", "/api/funding/current?exchange=okx&limit=20",
    "/api/funding/current?symbol=okx:BTC-USDT-SWAP", "/api/funding/symbol/BTC", "/api/funding/current",
    "/api/funding/current?sort=-annualized_pct&limit=50", "/api/funding/arb", "/api/funding/extremes", "/api/funding/heatmap", "/",
    "/nothing/here", "/api/funding/current?exchange=nobody",
)  # fmt: skip
PEERS_MIX = (*("/one",) * 9, "/list")
Row = dict[str, float]


def started(command: Sequence[str], env: dict[str, str], folder: Path) -> Row:
    """A server that has answered once and is left alone."""
    with serving(command, env, folder) as server:
        time.sleep(QUIET_SECONDS)
        return {"idle": server.memory_mb(), "first answer": 1000 * server.first_answer, "cpu": server.cpu_seconds()}


def idle(folder: Path) -> Row:
    """`funding run` with all exchanges loaded, when its first cycle is over: nobody answered, nothing is stored."""
    command, env = ours("run", folder / "idle.db", FUNDING_UPSTREAM=NOWHERE, FUNDING_INTERVAL_SECONDS=86_400)
    with serving(command, env, folder) as server:
        first, cpu = 1000 * server.first_answer, server.cpu_seconds()
        server.wait_for("cycle:")
        time.sleep(QUIET_SECONDS)
        return {"idle": server.memory_mb(), "first answer": first, "cpu": cpu, "peak": server.peak_mb()}


def full(folder: Path, simulator: Simulator, tls: Certificates, requests: int) -> Row:
    """`funding run` over a whole cycle, then asked a thousand times."""
    database = folder / f"full-{time.monotonic_ns()}.db"
    more = {"FUNDING_UPSTREAM": simulator.url, "FUNDING_INTERVAL_SECONDS": 86_400, "SSL_CERT_FILE": tls.authority}
    command, env = ours("run", database, **more)
    with serving(command, env, folder) as server:
        server.wait_for("cycle:")
        time.sleep(QUIET_SECONDS)
        after_cycle, peak = server.memory_mb(), server.peak_mb()
        ask(server, MIXED, requests)
        time.sleep(QUIET_SECONDS)
        return {"after a cycle": after_cycle, "peak": peak, "after requests": server.memory_mb()}


def asked(name: str, database: Path, folder: Path, requests: int) -> Row:
    """A peer's service with the same number of contracts, before and after its requests."""
    with serving(*peer(name, database), folder) as server:
        before = server.memory_mb()
        ask(server, PEERS_MIX, requests)
        time.sleep(QUIET_SECONDS)
        return {"before requests": before, "after requests": server.memory_mb()}


def ask(server: Served, paths: Sequence[str], requests: int) -> None:
    """One after the other over one connection; half of them want gzip. Every answer must be one that is meant."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for number in range(requests):
        path = paths[number % len(paths)]
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"} if number % 2 else {})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 400, 404):
            raise Failed(f"{path}: {answer.status}")
    connection.close()


def over(turns: Sequence[Row], name: str) -> Measured:
    return Measured(tuple(turn[name] for turn in turns))


def attempt(work: Callable[[], Row]) -> Row:
    """An empty row for a server that does not work."""
    try:
        return work()
    except Failed as error:
        print(f"failed: {error}", file=sys.stderr)
        return {}


def measure(options: argparse.Namespace) -> Report:
    with TemporaryDirectory(prefix="funding-bench-") as name, certificates() as tls:
        folder = Path(name)
        database = filled(folder / "peers.db", options)
        ways: dict[str, Callable[[], Row]] = {"ours": partial(idle, folder)}
        for one in (BARE, FLASK, FASTAPI):
            ways[one] = partial(attempt, partial(started, *peer(one, database), folder))
        for way in ways.values():
            way()  # once uncounted, for the compiled files, the disk's cache and our database
        turns = in_turn(ways, options.repeats)
        after = {one: asked(one, database, folder, options.requests) for one in (BARE, FLASK, FASTAPI) if turns[one][0]}
        with world(options.contracts, options.seed, tls) as simulator:
            warmed(simulator, tls)
            cycles = [full(folder, simulator, tls, options.requests) for _ in range(max(1, options.repeats // 2))]
    return report(turns, cycles, after, options.requests)


def filled(path: Path, options: argparse.Namespace) -> Path:
    """A database with a cycle that has just ended."""
    market = Market(options.seed, options.contracts, base=int(time.time()) - 2 * CYCLE)
    conn = ours_at(path, market)
    every_run({}, conn, market.cycle(0))
    conn.close()
    return path


def report(turns: dict[str, list[Row]], cycles: list[Row], after: dict[str, Row], requests: int) -> Report:
    good = {name: those for name, those in turns.items() if all(those)}
    memory = {name: over(those, "idle") for name, those in good.items()}
    first = {name: over(those, "first answer") for name, those in good.items()}
    own, own_first = memory.pop("ours"), first.pop("ours")
    grown = Measured(tuple(cycle["after requests"] - cycle["after a cycle"] for cycle in cycles))
    figures = [
        Figure("M1 idle", "MB", own, Goal(1.30, BARE), None, memory),
        Figure(f"M1 grown by {requests:,} requests", "MB", grown, Goal(3)),
        Figure("M1 a cycle's peak", "MB", over(cycles, "peak"), Goal(60)),
        Figure("U1 first answer", "ms", own_first, Goal(120), None, first),
        Figure("U1 first answer", "ms", own_first, Goal(0.35, FASTAPI), None, first),
    ]
    lines = [
        [name, over(those, "idle").text(), over(those, "first answer").text(), over(those, "cpu").text()]
        for name, those in good.items()
    ]
    more = [
        ["ours, idle, 59 exchanges loaded, no data", own.text()],
        ["ours, idle: its peak until then", over(turns["ours"], "peak").text()],
        ["ours, after a cycle", over(cycles, "after a cycle").text()],
        [f"ours, after {requests:,} mixed requests more", over(cycles, "after requests").text()],
    ]
    for name, row in after.items():
        words = f"{row['before requests']:.1f} → {row['after requests']:.1f}"
        more.append([f"{name}, {requests:,} requests, every tenth the whole list", words])
    weights = [("ours", own.median or 0.0, None), *((name, one.median or 0.0, None) for name, one in memory.items())]
    weights.append(("ours, after a cycle", over(cycles, "after a cycle").median or 0.0, None))
    return Report(
        figures,
        [
            Table("Started and left alone", ("server", "MB", "first answer ms", "CPU s until then"), lines),
            Table("Resident memory", ("", "MB"), more),
        ],
        {"memory": drawing.bars("Resident memory, idle", "MB", weights)},
    )


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=5)
    made.add_argument("--contracts", type=int, default=6500)
    made.add_argument("--requests", type=int, default=1000)
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
