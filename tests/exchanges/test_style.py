"""One style for all exchanges, so that their files can be compared by eye."""

import ast
from pathlib import Path

import pytest

from funding import exchanges

FILES = sorted(Path(exchanges.__path__[0]).glob("[!_]*.py")) + sorted(Path(exchanges.__path__[0]).glob("_[!_]*.py"))
ORDER = [
    "symbol", "base", "quote", "settle", "kind", "funding_rate", "funding_interval_hours", "interval_source",
    "next_funding_time", "next_funding_source", "last_settled_rate", "last_settled_at", "funding_rate_cap",
    "funding_rate_floor", "mark_price", "index_price", "open_interest_usd", "volume_24h_usd", "exchange_at",
]  # fmt: skip
UNITS = {60, 100, 1000, 3600, 86_400, 3_600_000, 10**6, 10**9, 10**18}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls_of(path: Path, name: str) -> list[ast.Call]:
    return [
        node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_rate_is_one_keyword_a_line_in_one_order_and_nothing_of_the_engines(path):
    for call in calls_of(path, "Rate"):
        names = [keyword.arg for keyword in call.keywords if keyword.arg]
        lines = [keyword.value.lineno for keyword in call.keywords]
        assert names == [name for name in ORDER if name in names]
        assert len(set(lines)) == len(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_unit_is_converted_by_a_converter_that_says_it(path):
    bare = [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div | ast.Mult | ast.FloorDiv)
        and any(isinstance(side, ast.Constant) and side.value in UNITS for side in (node.left, node.right))
        and "MINUTE" not in ast.unparse(node)
    ]
    assert bare == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_what_the_venue_is_and_why_it_is_long(path):
    says = ast.get_docstring(tree(path)) or ""
    assert says.endswith(".")
    assert len(path.read_text("utf-8").splitlines()) <= 100 or "lines:" in says, "over 100 lines: say why"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_functions_are_short(path):
    long = [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef) and _statements(node) > 15]
    assert long == []


def _statements(function: ast.FunctionDef) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
