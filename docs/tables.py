"""The tables of the pages that are made from the code: `python -m docs.tables` writes them, a test compares them.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`.
"""

from collections.abc import Callable
from pathlib import Path

from docs import api
from funding.__main__ import COMMANDS
from funding.adapter import Exchange, load
from funding.api.routes import ROUTES
from funding.config import SETTINGS, Setting

ROOT = Path(__file__).parents[1]
RATE_KINDS = {
    "predicted": "moves until it is charged",
    "fixed": "set, not yet charged",
    "settled": "the last one charged",
}


def exchanges() -> str:
    rows = [
        f"| `{name}` | {one.title} | {one.kind} | {RATE_KINDS[one.rate_kind]} | {_interval(one)} | {_history(one)} |"
        for name, one in load().items()
    ]
    head = ["| id | exchange | kind | its rate | interval | settled history |", "|---|---|---|---|---|---|"]
    return "\n".join(head + rows)


def _interval(exchange: Exchange) -> str:
    return "in its answers" if exchange.interval_hours is None else f"{exchange.interval_hours:g} h, documented"


def _history(exchange: Exchange) -> str:
    return "yes" if exchange.history else "none published"


def settings() -> str:
    rows = [
        f"| {', '.join(f'`{name}`' for name in one.variables)} | {_flag(one)} | {_default(one)} | {one.sentence} |"
        for one in SETTINGS
    ]
    return "\n".join(["| variable | flag | default | what it does |", "|---|---|---|---|", *rows])


def _flag(one: Setting) -> str:
    return "none, it is a secret" if one.secret else f"`{one.flag}`"


def _default(one: Setting) -> str:
    if one.default in (None, ()):
        return "all" if one.name == "exchanges" else "none"
    return f"`{one.default}`"


def commands() -> str:
    rows = [f"| `funding {name}` | {sentence} |" for name, sentence in COMMANDS.items()]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def routes() -> str:
    rows = [f"| `{one.path}` | {one.sentence} |" for one in ROUTES]
    return "\n".join(["| path | gives |", "|---|---|", *rows])


TABLES: dict[str, Callable[[], str]] = {
    "exchanges": exchanges,
    "settings": settings,
    "commands": commands,
    "routes": routes,
    "api": api.table,
}
PAGES = ("README.md", "docs/api.md")


def with_tables(text: str) -> str:
    """The page with every marked table made anew."""
    for name, make in TABLES.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, tail = rest.partition(f"<!-- /{name} -->")
        if mark and end:
            text = f"{head}{mark}{make()}\n{end}{tail}"
    return text


if __name__ == "__main__":
    for page in PAGES:
        path = ROOT / page
        path.write_text(with_tables(path.read_text("utf-8")), "utf-8")
