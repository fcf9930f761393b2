"""Predicted against settled, exchange by exchange."""

import sqlite3
from typing import Any

from funding.analysis.accuracy import FIELDS, accuracy
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import check_exchanges
from funding.api.database import Reading
from funding.api.listing import Page, in_place, list_answer, tuples
from funding.store.settlements import select_errors

DAYS = 7
HOUR = 3_600


class Accuracy:
    """Exchange → its row. Made once an hour: it reads every settlement of the last days."""

    def __init__(self) -> None:
        self._kept: tuple[int, list[dict[str, Any]]] | None = None

    def get(self, connection: sqlite3.Connection, now: int) -> list[dict[str, Any]]:
        hour = now - now % HOUR
        if self._kept is None or self._kept[0] != hour:
            rows = select_errors(connection, hour - DAYS * 24 * HOUR, hour)
            self._kept = (hour, accuracy(map(dict, rows)))
        return self._kept[1]


def get_accuracy(request: Request, reading: Reading) -> Answer:
    """/api/funding/accuracy: of the last 7 days, up to the last full hour."""
    asked = request.values["exchange"]
    check_exchanges(asked, {row["id"] for row in request.context.exchanges.get(reading)})
    rows = [
        row
        for row in request.context.own(Accuracy).get(reading.connection, reading.now)
        if not asked or row["exchange"] in asked
    ]
    page = Page(tuples(FIELDS, rows), request.values, in_place(FIELDS))
    return list_answer(
        request, reading, FIELDS, page, page, [f"settlements of the {DAYS} days up to the last full hour"]
    )
