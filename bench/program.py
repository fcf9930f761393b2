"""What the programs of this folder share: their flags, their report, how it is shown."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import COLUMNS, Figure, line_of, table
from bench.machine import machine, words


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured beside the figures, as text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        return f"{self.title}\n\n{table(self.columns, self.rows)}"


@dataclass(frozen=True, slots=True)
class Report:
    """`pictures`: name → SVG."""

    figures: list[Figure]
    tables: list[Table] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The tables, then the figures."""
        figures = table(COLUMNS, [line_of(one) for one in self.figures])
        return "\n\n".join([*(one.text() for one in self.tables), figures])


def parser(doc: str | None, *, repeats: int) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=doc)
    made.add_argument("--repeats", type=int, default=repeats, help=f"turns of every way (default: {repeats})")
    made.add_argument("--seed", type=int, default=1, help="of the invented market, its delays and rows (default: 1)")
    made.add_argument("--json", action="store_true", help="figures and machine as JSON")
    made.add_argument("--pictures", type=Path, metavar="FOLDER", help="where to write them as SVG")
    return made


def main(made: argparse.ArgumentParser, run: Callable[[argparse.Namespace], Report]) -> int:
    """Runs the program by itself; 1 when a goal was not reached."""
    options = made.parse_args()
    found = machine()
    report = run(options)
    show(report, options, found)
    for name, svg in report.pictures.items() if options.pictures else ():
        (options.pictures / f"{name}.svg").write_text(svg, "utf-8")
    return int(any(one.reached is False for one in report.figures))


def show(report: Report, options: argparse.Namespace, found: dict[str, Any]) -> None:
    if options.json:
        json.dump({"machine": found, "figures": [one.json() for one in report.figures]}, sys.stdout, indent=1)
        print()
        return
    print(words(found))
    print(f"seed {options.seed}, {options.repeats} repeats; medians, in brackets the least and the most\n")
    print(report.text())
