"""Two kinds of pictures, as SVG text: lines over time with marks, and bars beside their floor. Pure: figures in, text out."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil, log10

WIDTH, ROW, LEFT, RIGHT, TOP, BOTTOM = 760, 18, 190, 90, 34, 36
PLOT_HEIGHT = 300
COLOURS = ("#0b6e4f", "#c0392b", "#d68910", "#2471a3", "#7d3c98", "#616a6b")
Points = Sequence[tuple[float, float]]


def lines(title: str, x: str, y: str, series: Mapping[str, Points], marks: Mapping[str, Sequence[float]]) -> str:
    """Each series as steps; its `marks`, a row of ticks below the plot, at their x."""
    right = max((point[0] for points in series.values() for point in points), default=1.0)
    top = max((point[1] for points in series.values() for point in points), default=1.0)
    left, bottom = 60, TOP + PLOT_HEIGHT
    span = WIDTH - left - RIGHT - 60

    def place(point: tuple[float, float]) -> str:
        return f"{left + span * point[0] / right:.1f},{bottom - PLOT_HEIGHT * point[1] / top:.1f}"

    parts = [_text(left, 20, title, bold=True), *_grid(left, span, right, top, x, y)]
    for number, (name, points) in enumerate(series.items()):
        colour, line = COLOURS[number % len(COLOURS)], bottom + 44 + ROW * number
        steps = [
            step
            for before, here in zip([(0.0, 0.0), *points], points, strict=False)
            for step in ((here[0], before[1]), here)
        ]
        path = " ".join(map(place, [(0.0, 0.0), *steps]))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        label = f"{name}: {points[-1][1]:.0f}" if points else f"{name}: 0"
        parts.append(_text(left + span + 8, line, label, colour))
        for mark in marks.get(name, ()):
            at = left + span * mark / right
            parts.append(f'<path d="M{at:.1f} {line - 10}v8" stroke="{colour}" stroke-width="1"/>')
    return _svg(bottom + 50 + ROW * len(series), parts)


def bars(title: str, unit: str, rows: Iterable[tuple[str, float, float | None]], *, logarithmic: bool = False) -> str:
    """(name, value, floor) from top to bottom; the floor as a line across the bar."""
    rows = list(rows)
    most = max((value for _, value, _ in rows), default=1.0)
    least = min((value for _, value, _ in rows if value > 0), default=1.0)
    span = WIDTH - LEFT - RIGHT

    def length(value: float) -> float:
        if not logarithmic:
            return span * value / most
        low = log10(least) - 0.3
        return span * (log10(value) - low) / (log10(most) - low) if value > 0 else 0.0

    parts = [_text(8, 20, f"{title}, {unit}" + (" (logarithmic)" if logarithmic else ""), bold=True)]
    for number, (name, value, floor) in enumerate(rows):
        line = TOP + ROW * number
        colour = COLOURS[0] if name.startswith("ours") else "#9aa5ad"
        parts.append(_text(8, line + 12, name))
        parts.append(
            f'<rect x="{LEFT}" y="{line + 2}" width="{length(value):.1f}" height="{ROW - 5}" fill="{colour}"/>'
        )
        if floor is not None:
            at = LEFT + length(floor)
            parts.append(f'<path d="M{at:.1f} {line}v{ROW - 1}" stroke="#c0392b" stroke-width="2"/>')
        parts.append(_text(LEFT + length(value) + 4, line + 12, f"{value:,.0f}" if value >= 100 else f"{value:.3g}"))
    return _svg(TOP + ROW * len(rows) + 10, parts)


def _grid(left: int, span: int, right: float, top: float, x: str, y: str) -> list[str]:
    bottom, parts = TOP + PLOT_HEIGHT, []
    for value in _ticks(right):
        at = left + span * value / right
        parts.append(f'<path d="M{at:.1f} {TOP}V{bottom}" stroke="#e5e8e8"/>')
        parts.append(_text(at - 6, bottom + 14, f"{value:g}"))
    for value in _ticks(top):
        at = bottom - PLOT_HEIGHT * value / top
        parts.append(f'<path d="M{left} {at:.1f}H{left + span}" stroke="#e5e8e8"/>')
        parts.append(_text(left - 34, at + 4, f"{value:g}"))
    return [*parts, _text(left + span - 60, bottom + 28, x), _text(left + 4, TOP + 12, y)]


def _ticks(most: float) -> list[float]:
    """Round values from 0 on, at most eight."""
    step = 10.0 ** ceil(log10(most or 1)) / 10
    while most / step > 8:
        step *= 2 if str(step).strip("0.") == "1" else 2.5
    return [step * number for number in range(int(most / step) + 1)]


def _text(x: float, y: float, words: str, colour: str = "#1b2631", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{weight}>{escape(words)}</text>'


def _svg(height: float, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>', *parts, "</svg>", ""])
