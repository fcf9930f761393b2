"""make bench: every figure that this service claims, measured here and now beside its floor and its peers; 1 if one is missed.

python -m bench          each figure once, everything that can be short is short: under eight minutes on two cores
python -m bench --full   all peers, repeats, F2's ten runs
--publish                the tables and pictures of README.md are made anew
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench import cycle, fanout, memory, serving, store
from bench.figures import Figure
from bench.machine import machine, words
from bench.program import Report

HERE = Path(__file__).parent
PROGRAMS = {"fanout": fanout, "cycle": cycle, "store": store, "serving": serving, "memory": memory}

# program → its command lines, one after the other
SHORT: Mapping[str, list[str]] = {
    "fanout": [
        "--limits bucket --clients ours;requests;aiohttp;ccxt",
        "--limits window --clients ours;requests",
        "--limits none --clients ours;requests;aiohttp",
    ],
    "cycle": ["--repeats 2"],
    "store": ["--repeats 5 --hours 1"],
    "serving": ["--repeats 1 --seconds 2"],
    "memory": ["--repeats 2"],
}
FULL: Mapping[str, list[str]] = {
    "fanout": ["--limits bucket --repeats 3", "--limits window --repeats 10", "--limits none --repeats 5"],
    "cycle": ["--repeats 5"],
    "store": ["--repeats 9 --hours 24 --month-contracts 1600 --year-contracts 2000 --seconds 10"],
    "serving": ["--repeats 5 --seconds 5"],
    "memory": ["--repeats 5"],
}


def measure(name: str, lines: list[str], seed: int) -> Report:
    """All command lines of a program as one report."""
    program, whole = PROGRAMS[name], Report([])
    for line in lines:
        begun = time.monotonic()
        report = program.measure(program.parser().parse_args([*line.split(), "--seed", str(seed)]))
        print(f"\n## {name} {line} ({time.monotonic() - begun:.0f} s)\n\n{report.text()}", flush=True)
        whole.figures.extend(report.figures)
        whole.tables.extend(report.tables)
        whole.pictures.update(report.pictures)
    return whole


def between(text: str, name: str, new: str) -> str:
    """The page with what stands between `<!-- name -->` and `<!-- /name -->` replaced. Raises ValueError without the marks."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"README.md has no place for {name}: {start.strip()} … {end}")
    return f"{before}{start}\n{new}\n\n{end}{after}"


def publish(reports: Mapping[str, Report], said: str) -> None:
    """README.md's tables, and the pictures."""
    page = HERE / "README.md"
    text = page.read_text("utf-8")
    (HERE / "plots").mkdir(exist_ok=True)
    for name, report in reports.items():
        text = between(text, name, f"{said}\n\n{report.text()}")
        for picture, svg in report.pictures.items():
            (HERE / "plots" / f"{picture}.svg").write_text(svg, "utf-8")
    page.write_text(text, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="everything, repeated; much longer")
    parser.add_argument("--publish", action="store_true", help="make the tables and pictures of README.md anew")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), metavar="PROGRAM")
    options = parser.parse_args()
    found = machine()
    said = f"{words(found)}; seed {options.seed}"
    print(said, flush=True)
    lines = FULL if options.full else SHORT
    reports = {name: measure(name, lines[name], options.seed) for name in options.only}
    whole = Report([one for report in reports.values() for one in report.figures])
    if set(options.only) == set(PROGRAMS):
        (HERE / "results.json").write_text(json.dumps([one.json() for one in whole.figures], indent=1) + "\n", "utf-8")
    if options.publish:
        publish(reports, f"{said}; {'repeated' if options.full else 'everything once or twice, and short'}")
    print(f"\n# All figures\n\n{said}\n\n{whole.text()}")
    return verdict(whole.figures)


def verdict(figures: list[Figure]) -> int:
    """Says what was missed, and what could not be measured. 1 where a goal was missed."""
    missed = [one for one in figures if one.reached is False]
    unknown = [one for one in figures if one.reached is None]
    for title, those in (("missed", missed), ("not measured", unknown)):
        if those:
            print(f"\n{title}: " + "; ".join(f"{one.figure} ({one.goal.text(one.unit)})" for one in those))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
