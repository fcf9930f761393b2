"""The limiter: what a hit costs and what a client weighs, against a deque of times per address, as limiters are mostly written.

python -m bench.limiting [--clients 20000] [--repeats 3] [--json]
"""

import argparse
import sys
from functools import partial

from bench import program
from bench.children import OURS, run
from bench.figures import Figure, Goal, Measured, in_turn
from bench.program import Report, Table


def measure(options: argparse.Namespace) -> Report:
    given = {"clients": options.clients, "hits": 30}
    ways = {name: partial(run, OURS, "bench.clients.limiter", name, given=given) for name in ("ours", "deque")}
    turns = in_turn(ways, options.repeats)
    found = {
        word: {name: Measured(tuple(turn[word] for turn in those)) for name, those in turns.items()}
        for word in ("ns", "bytes")
    }
    columns = ("limiter", "ns a hit", "bytes a client")
    rows = [[name, found["ns"][name].text(), found["bytes"][name].text()] for name in ways]
    title = f"{options.clients:,} clients with {given['hits']} requests each"
    figure = Figure(
        "H2 limiter: memory of a client", "bytes", found["bytes"]["ours"], Goal(0.5, "deque"), None,
        {"deque": found["bytes"]["deque"]},
    )  # fmt: skip
    return Report([figure], [Table(title, columns, rows)])


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=3)
    made.add_argument("--clients", type=int, default=20_000)
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
