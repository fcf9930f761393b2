"""A figure that this service claims: what was measured, the floor and the peers beside it, the goal. Pure arithmetic and words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the repeats gave, in the order in which they were taken; none: it failed, and `note` says how."""

    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float | None:
        return median(self.values) if self.values else None

    def text(self, unit: str = "") -> str:
        """ "3.02 s (2.98–3.10), 42 of 285 rows"."""
        if not self.values:
            return self.note
        words = f"{rounded(median(self.values))} {unit}".strip()
        if min(self.values) != max(self.values):
            words += f" ({rounded(min(self.values))}–{rounded(max(self.values))})"
        return f"{words}, {self.note}" if self.note else words

    def json(self) -> dict[str, Any]:
        if not self.values:
            return {"failed": self.note}
        found = {"median": median(self.values), "min": min(self.values), "max": max(self.values)}
        return found | ({"note": self.note} if self.note else {})


@dataclass(frozen=True, slots=True)
class Goal:
    """`limit` times what `of` names (the floor, a peer); without a name `limit` itself. A limit of 0 holds every time."""

    limit: float
    of: str = ""
    at_least: bool = False

    def text(self, unit: str) -> str:
        sign = "≥" if self.at_least else "≤" if self.limit else "="
        return f"{sign} {self.limit:g} × {self.of}" if self.of else f"{sign} {self.limit:g} {unit}".strip()

    def reached(self, value: float | None) -> bool | None:
        """None: nothing to compare with."""
        if value is None:
            return None
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    figure: str
    unit: str
    ours: Measured
    goal: Goal
    floor: Measured | None = None
    peers: Mapping[str, Measured] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ours to what the goal is about, by pairs that were taken in the same turn; None where either was not measured."""
        beside = self.floor if self.goal.of == FLOOR else self.peers.get(self.goal.of)
        return ratio(self.ours, beside) if beside else None

    @property
    def reached(self) -> bool | None:
        """None: not measured."""
        if self.goal.of:
            return self.goal.reached(self.ratio)
        return self.goal.reached(self.ours.median if self.goal.limit else max(self.ours.values, default=None))

    def json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "unit": self.unit,
            "ours": self.ours.json(),
            "floor": self.floor.json() if self.floor else None,
            "peers": {name: peer.json() for name, peer in self.peers.items()},
            "ratio": self.ratio,
            "goal": self.goal.text(self.unit),
            "reached": self.reached,
        }


def ratio(ours: Measured, beside: Measured) -> float | None:
    """The median of the turns' own ratios: what slows a whole turn cancels out."""
    pairs = [mine / other for mine, other in zip(ours.values, beside.values, strict=False) if other]
    return median(pairs) if pairs else None


def in_turn(ways: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, list[Any]]:
    """Every way once, then every way again: a slow minute of the machine meets all of them."""
    found: dict[str, list[Any]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            found[name].append(way())
    return found


def rounded(value: float) -> str:
    """To three figures: 0.0123, 1.02, 28.1, 1234."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


COLUMNS = ("figure", "ours", "floor", "beside it", "ratio", "goal", "reached")


def line_of(one: Figure) -> list[str]:
    """The figure's row under COLUMNS."""
    return [
        one.figure,
        one.ours.text(one.unit),
        one.floor.text(one.unit) if one.floor else "",
        "; ".join(f"{name} {peer.text(one.unit)}" for name, peer in one.peers.items()),
        "" if one.ratio is None else rounded(one.ratio),
        one.goal.text(one.unit),
        {True: "yes", False: "NO", None: "not measured"}[one.reached],
    ]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As Markdown that can be read as it stands."""
    widths = [max(len(row[place]) for row in (columns, *rows)) for place in range(len(columns))]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
