"""F4: a full cycle of all exchanges in one process, with TLS, parsing and the database: wall time, CPU, peak memory.

python -m bench.cycle [--contracts 6500] [--repeats 3] [--json]

The simulator's six dialects carry the contracts; every other adapter is answered with its own test payload under its
own host. ccxt is asked for the six alone, and so is this service once more beside it.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import ceil
from typing import Any

from bench import drawing, program
from bench.certificates import Certificates, certificates
from bench.children import OURS, PEERS, ROOT, Failed, run, trusting
from bench.figures import FLOOR, Figure, Goal, Measured, in_turn, rounded
from bench.program import Report, Table
from bench.simulator import Simulator
from funding.adapter import Budget, Exchange, load

LATENCY_MS, JITTER_MS = 80.0, 20.0
CONNECT_MS = 2 * LATENCY_MS
PLAYED = {"okx": 7, "binance": 14, "bybit": 13, "hyperliquid": 7, "kraken": 6, "gate": 18}  # of 65 parts
SETTLED_STEP = 86_400  # the market stands still: making its lists anew is the simulator's work, not the client's
Found = dict[str, Any]


def shares(contracts: int) -> dict[str, int]:
    """How many contracts each of the six carries; together `contracts`."""
    parts = sum(PLAYED.values())
    found = {name: contracts * part // parts for name, part in PLAYED.items()}
    return found | {"gate": contracts - sum(found.values()) + found["gate"]}


def budget_seconds(budget: Budget, weights: Sequence[float]) -> float:
    """How long after the first request the last one may go, by the venue's own rule."""
    if budget.seconds == 1 or budget.burst:
        return max(0.0, sum(weights) - (budget.burst or budget.limit)) / budget.per_second
    return (ceil(sum(weights) / budget.limit) - 1) * budget.seconds


def waves(exchange: Exchange) -> int:
    """How many of its calls must wait for one another at the least."""
    tables = [call for call in exchange.calls if call.name != "rates"]
    return 1 + any(not callable(call.each) for call in tables) + any(callable(call.each) for call in tables)


def floors(sent: Mapping[str, Sequence[float]], exchanges: Mapping[str, Exchange]) -> dict[str, float]:
    """Exchange → the least its run can take: a connection, then its budget or its waves of calls, then the last answer."""
    connect, answer = CONNECT_MS / 1000, LATENCY_MS / 1000
    found = {}
    for name, exchange in exchanges.items():
        budgets = [budget_seconds(exchange.budget, sent[host]) for host in exchange.hosts if host in sent]
        if budgets:
            found[name] = connect + max((waves(exchange) - 1) * answer, *budgets) + answer
    return found


@contextmanager
def world(contracts: int, seed: int, tls: Certificates) -> Iterator[Simulator]:
    counts = ",".join(f"{name}={count}" for name, count in shares(contracts).items())
    words = ["--contracts", counts, "--seed", str(seed), "--step", str(SETTLED_STEP), *tls.words]
    payloads = ["--recordings", str(ROOT / "tests" / "exchanges")]
    with Simulator(*words, *payloads, cafile=tls.authority) as simulator:
        yield simulator


def turn(client: str, names: str, simulator: Simulator, tls: Certificates) -> Found:
    """A cycle of one client; {"failed": words} where it ended badly."""
    simulator.control(exchange="*", reset=True, latency_ms=LATENCY_MS, jitter_ms=JITTER_MS, connect_ms=CONNECT_MS)
    python, module = (OURS, "our_cycle") if client == "ours" else (PEERS, "ccxt_cycle")
    given = {"upstream": simulator.url, "exchanges": names, "again": names == "all"}
    try:
        return run(python, f"bench.clients.{module}", given=given, env=trusting(tls.authority))
    except Failed as error:
        return {"failed": str(error)}
    finally:
        simulator.control(exchange="*", latency_ms=0, jitter_ms=0, connect_ms=0)


def warmed(simulator: Simulator, tls: Certificates) -> None:
    """Once without being measured: the simulator then has every list at hand."""
    given = {"upstream": simulator.url, "exchanges": ",".join(PLAYED), "again": False}
    run(OURS, "bench.clients.our_cycle", given=given, env=trusting(tls.authority))


def measured(turns: Sequence[Found], part: str, name: str) -> Measured:
    if failed := [one["failed"] for one in turns if "failed" in one]:
        return Measured((), f"failed: {failed[0]}")
    bad = {one["exchange"] for found in turns for one in found[part]["exchanges"] if one["error"]}
    return Measured(tuple(found[part][name] for found in turns), f"without {', '.join(sorted(bad))}" if bad else "")


def figures(turns: Mapping[str, Sequence[Found]], contracts: int) -> list[Figure]:
    ours = turns["all"]
    slowest = [max(floors(found["sent"], load()).values()) for found in ours]
    failed = [sum(bool(one["error"]) for one in found["first"]["exchanges"]) for found in ours]
    missing = [max(0, contracts - sum(one["rates"] for one in found["first"]["exchanges"])) for found in ours]
    return [
        Figure("F4 cycle: wall", "s", measured(ours, "first", "wall"), Goal(1.03, FLOOR), Measured(tuple(slowest))),
        Figure("F4 cycle: CPU", "s", measured(ours, "first", "cpu"), Goal(1.5)),
        Figure("F4 cycle: peak memory", "MB", measured(ours, "first", "peak_mb"), Goal(60)),
        Figure("F4 cycle: exchanges failed", "", Measured(tuple(failed)), Goal(0)),
        Figure("F4 cycle: contracts lost", "", Measured(tuple(missing)), Goal(0)),
    ]


def picture(found: Found) -> str:
    """How long each exchange took, and its floor."""
    least = floors(found["sent"], load())
    ordered = sorted(found["first"]["exchanges"], key=lambda one: -one["took"])
    rows = [(one["exchange"], one["took"], least.get(one["exchange"])) for one in ordered]
    return drawing.bars("A cycle, exchange by exchange; red: its floor", "seconds", rows)


def slowest(found: Found) -> Table:
    """The exchanges that a cycle waits for."""
    least = floors(found["sent"], load())
    ordered = sorted(found["first"]["exchanges"], key=lambda one: -one["took"])[:6]
    rows = [
        [
            one["exchange"], rounded(one["took"]), rounded(least[one["exchange"]]),
            rounded(one["took"] / least[one["exchange"]]), str(one["rates"]),
        ]
        for one in ordered
    ]  # fmt: skip
    return Table("The slowest exchanges of the first cycle", ("exchange", "s", "floor s", "ratio", "rates"), rows)


def beside(turns: Mapping[str, Sequence[Found]]) -> Table:
    columns = ("client", "exchanges", "contracts", "wall s", "CPU s", "peak MB", "failed")
    rows = [
        _row("ours, all", turns["all"], "first"),
        _row("ours, all, the cycle after", turns["all"], "second"),
        _row("ours, the six", turns["six"], "first"),
        _row("ccxt, the six", turns["ccxt"], "first"),
    ]
    return Table("A cycle", columns, rows)


def _row(name: str, turns: Sequence[Found], part: str) -> list[str]:
    if "failed" in turns[0]:
        return [name, turns[0]["failed"], *[""] * 5]
    exchanges = turns[0][part]["exchanges"]
    good = [one for one in exchanges if not one["error"]]
    bad = "; ".join(f"{one['exchange']}: {one['error'][:60]}" for one in exchanges if one["error"])
    numbers = [Measured(tuple(found[part][word] for found in turns)).text() for word in ("wall", "cpu", "peak_mb")]
    contracts = sum(one["rates"] for one in good)
    return [name, str(len(good)), f"{contracts:,}", *numbers, bad]


def measure(options: argparse.Namespace) -> Report:
    with certificates() as tls, world(options.contracts, options.seed, tls) as simulator:
        warmed(simulator, tls)
        six = ",".join(PLAYED)
        ways = {
            "all": partial(turn, "ours", "all", simulator, tls),
            "six": partial(turn, "ours", six, simulator, tls),
            "ccxt": partial(turn, "ccxt", six, simulator, tls),
        }
        turns = in_turn(ways, options.repeats)
    tables = [beside(turns), slowest(turns["all"][0])]
    return Report(figures(turns, options.contracts), tables, {"cycle": picture(turns["all"][0])})


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=3)
    made.add_argument("--contracts", type=int, default=6500, help="of the six exchanges that the simulator plays")
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
