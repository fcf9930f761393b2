"""Which fields the rows of an exchange's rates are known to have: what a run meets beside, or misses, is a change of theirs.

fields.json is made by `python -m docs.fields`. What an adapter does not read is in it too: a new field is news.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from funding.adapter import Exchange, Row, Tables
from funding.errors import SHAPE_ERRORS, BadRow
from funding.rate import Rate

FILE = Path(__file__).parent / "fields.json"


@dataclass(slots=True)
class Fields:
    """`always`: of every row that gave a rate, None before the first; `ever`: of any row that should have given one."""

    always: set[str] | None = None
    ever: set[str] = field(default_factory=set)

    def meet(self, row: Row, *, good: bool) -> None:
        self.ever |= row.keys()
        if good:
            self.always = set(row) if self.always is None else self.always & row.keys()


def watched(exchange: Exchange, fields: Fields) -> Exchange:
    """The same exchange; what its parse is given is noted."""

    def parse(row: Row, tables: Tables) -> Rate | None:
        names = dict.fromkeys(row)  # before parse can add to it
        try:
            rate = exchange.parse(row, tables)
        except (BadRow, *SHAPE_ERRORS):
            fields.meet(names, good=False)
            raise
        if rate is not None:
            fields.meet(names, good=True)
        return rate

    return replace(exchange, parse=parse)


@cache
def known() -> dict[str, Fields]:
    """Exchange → its fields."""
    content: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    return {
        name: Fields(set(lists["always"]), {*lists["always"], *lists["sometimes"]}) for name, lists in content.items()
    }


def changes(name: str, met: Fields) -> dict[str, list[str]]:
    """ "new fields" and "gone", which every row had and none has any more; only what there is. A run without rows has none."""
    before = known().get(name)
    if before is None or not met.ever:
        return {}
    found = {"new fields": met.ever - before.ever, "gone": (before.always or set()) - met.ever}
    return {words: sorted(names) for words, names in found.items() if names}
