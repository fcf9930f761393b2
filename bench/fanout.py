"""F1–F3: one call per instrument, with a limit and without: wall time against the floor, refusals, rows lost, CPU, memory.

python -m bench.fanout [--calls 285] [--limits bucket,window,none] [--clients ours,requests,…] [--repeats 1] [--json]
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from bench import drawing, program
from bench.certificates import Certificates, certificates
from bench.children import OURS, PEERS, Failed, run, trusting
from bench.figures import FLOOR, Figure, Goal, Measured, in_turn, rounded
from bench.program import Report, Table
from bench.simulator import Simulator

LATENCY_MS, JITTER_MS = 80.0, 20.0
CONNECT_MS = 2 * LATENCY_MS  # two round trips: TCP and TLS 1.3
WORKERS = 8

OUR_NAME = "ours"
CLIENTS: dict[str, tuple[Path, str, tuple[str, ...]]] = {
    OUR_NAME: (OURS, "bench.clients.ours", ()),
    "requests": (PEERS, "bench.clients.requests_pool", ()),
    "requests, retries": (PEERS, "bench.clients.requests_pool", ("--retries",)),
    "aiohttp": (PEERS, "bench.clients.aiohttp_semaphore", ()),
    "httpx": (PEERS, "bench.clients.httpx_semaphore", ()),
    "ccxt": (PEERS, "bench.clients.ccxt_throttle", ()),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """The venue's limit: `calls` in `seconds`, counted by the simulator's `kind`; no calls, no limit."""

    name: str
    kind: str = ""
    calls: float = 0
    seconds: float = 1

    def control(self) -> dict[str, Any] | None:
        return {"kind": self.kind, "limit": self.calls, "seconds": self.seconds} if self.calls else None


LIMITS = {
    "bucket": Limit("F1 10 a second", "bucket", 10, 1),
    "window": Limit("F2 20 in 2 s", "sliding", 20, 2),
    "none": Limit("F3 no limit"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one client did with one limit. `floor`: the least that anybody could have needed, seconds."""

    calls: int
    floor: float
    refused: int
    connections: int
    client: Mapping[str, Any]
    failed: str = ""

    @property
    def lost(self) -> int:
        return self.calls - int(self.client.get("rows", 0))


def floor(limit: Limit, calls: int, delayed_seconds: float) -> float:
    """A connection, then what the limit itself takes, then the last answer; without a limit all delays over the workers."""
    connect, answer = CONNECT_MS / 1000, LATENCY_MS / 1000
    if limit.kind == "bucket":  # it is full at the start
        return connect + max(0.0, calls - limit.calls) * limit.seconds / limit.calls + answer
    if limit.kind == "sliding":
        return connect + (ceil(calls / limit.calls) - 1) * limit.seconds + answer
    return connect + max(delayed_seconds / WORKERS, answer)


def turn(client: str, limit: Limit, calls: int, seed: int, tls: Certificates) -> Turn:
    """A simulator of its own for each: all clients meet the same delays in the same order."""
    words = ["--exchanges", "okx", "--contracts", str(calls), "--seed", str(seed), "--speed", "0", *tls.words]
    with Simulator(*words, cafile=tls.authority) as simulator:
        symbols = [row["symbol"] for row in simulator.truth("okx")]
        delays = {"latency_ms": LATENCY_MS, "jitter_ms": JITTER_MS}
        simulator.control(exchange="*", limit=limit.control(), reset=True, connect_ms=CONNECT_MS, **delays)
        python, module, more = CLIENTS[client]
        given = {
            "upstream": simulator.url, "symbols": symbols, "limit": limit.calls, "seconds": limit.seconds,
            "workers": WORKERS,
        }  # fmt: skip
        failed, found = "", dict[str, Any]()
        try:
            found = run(python, module, *more, given=given, env=trusting(tls.authority))
        except Failed as error:
            failed = str(error)
        state = simulator.state()
    venue = state["exchanges"]["okx"]
    least = floor(limit, calls, venue["delayed_seconds"])
    return Turn(calls, least, venue["refused"], state["connections"]["accepted"] - 1, found, failed)


def measured(turns: Sequence[Turn], name: str) -> Measured:
    """A figure of the client's over the turns; says so where one failed or rows were lost."""
    failed = [one.failed for one in turns if one.failed]
    if failed:
        return Measured((), f"failed: {failed[0]}")
    lost = max(one.lost for one in turns)
    note = f"{turns[0].calls - lost} of {turns[0].calls} rows" if lost else ""
    return Measured(tuple(one.client[name] for one in turns), note)


def figures(limit: str, turns: Mapping[str, Sequence[Turn]]) -> list[Figure]:
    """What is claimed of this limit."""
    ours, name = turns[OUR_NAME], LIMITS[limit].name
    peers = [one for one in turns if one != OUR_NAME]
    walls = {one: measured(turns[one], "wall") for one in peers}
    cpus = {one: measured(turns[one], "cpu") for one in peers}
    wall, cpu, floors = measured(ours, "wall"), measured(ours, "cpu"), Measured(tuple(one.floor for one in ours))
    goals = {
        "bucket": (Goal(1.015, FLOOR), [], [Goal(0.20, "ccxt")]),
        "window": (Goal(1.035, FLOOR), [], []),
        "none": (Goal(1.06, FLOOR), [Goal(1.01, "aiohttp")], [Goal(0.25, "requests")]),
    }
    against_floor, against_peers, of_cpu = goals[limit]
    return [
        Figure(f"{name}: wall", "s", wall, against_floor, floors, walls),
        *(Figure(f"{name}: wall", "s", wall, goal, None, walls) for goal in against_peers),
        *(Figure(f"{name}: CPU", "s", cpu, goal, None, cpus) for goal in of_cpu),
        Figure(f"{name}: refused (429)", "", Measured(tuple(one.refused for one in ours)), Goal(0)),
        Figure(f"{name}: rows lost", "", Measured(tuple(one.lost for one in ours)), Goal(0)),
    ]


def picture(limit: str, turns: Mapping[str, Sequence[Turn]]) -> str:
    """Rows that have come against time, and below it each 429 at its moment."""
    first = {name: those[0].client.get("answers", []) for name, those in turns.items()}
    good = {
        name: [(at, count) for count, at in enumerate(sorted(at for at, status in answers if status == 200), 1)]
        for name, answers in first.items()
    }
    refused = {name: [at for at, status in answers if status == 429] for name, answers in first.items()}
    title = f"{LIMITS[limit].name}: rows that came; ticks below: 429s"
    return drawing.lines(title, "seconds", "rows", good, refused)


def details(limit: str, turns: Mapping[str, Sequence[Turn]]) -> Table:
    columns = ("client", "wall s", "× floor", "429", "rows lost", "CPU s", "with imports", "peak MB", "connections")
    rows = []
    for client, those in turns.items():
        if those[0].failed:
            rows.append([client, those[0].failed, *[""] * (len(columns) - 2)])
            continue
        over = Measured(tuple(one.client["wall"] / one.floor for one in those))
        counts = [Measured(tuple(getattr(one, name) for one in those)) for name in ("refused", "lost")]
        numbers = [measured(those, name) for name in ("cpu", "cpu_with_imports", "peak_mb")]
        opened = Measured(tuple(one.connections for one in those))
        wall = Measured(tuple(one.client["wall"] for one in those))
        rows.append([client, *(one.text() for one in (wall, over, *counts, *numbers, opened))])
    one = turns[OUR_NAME][0]
    title = f"{LIMITS[limit].name}: {one.calls} calls, floor {rounded(one.floor)} s"
    return Table(title, columns, rows)


def measure(options: argparse.Namespace) -> Report:
    report = Report([])
    with certificates() as tls:
        for limit in options.limits:
            clients = {
                name: partial(turn, name, LIMITS[limit], options.calls, options.seed, tls) for name in options.clients
            }
            turns = in_turn(clients, options.repeats)
            report.figures.extend(figures(limit, turns))
            report.tables.append(details(limit, turns))
            report.pictures[f"fanout-{limit}"] = picture(limit, turns)
    return report


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=1)
    made.add_argument("--calls", type=int, default=285)
    made.add_argument("--limits", type=lambda text: text.split(","), default=list(LIMITS))
    made.add_argument("--clients", type=lambda text: text.split(";"), default=list(CLIENTS), help="separated by ;")
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
