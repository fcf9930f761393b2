"""Coming settlements, as a list or as an iCalendar."""

from collections.abc import Mapping, Sequence
from typing import Any

from funding.analysis.calendar import FIELDS, Settlement, calendar, calendar_row, value_of
from funding.analysis.eligible import notices
from funding.analysis.icalendar import icalendar
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, check_exchanges
from funding.api.database import SECONDS_A_MINUTE, Reading
from funding.api.exchanges import notices_of
from funding.api.formats import ICS, JSON
from funding.api.listing import Page, enveloped, in_place, next_link, tuples, written


def get_calendar(request: Request, reading: Reading) -> Answer:
    """/api/funding/calendar: those that fall within the next hours, by time. Unsorted, no more are made than are shown."""
    values, exchanges = request.values, request.context.exchanges.get(reading)
    check_exchanges(values["exchange"], {row["id"] for row in exchanges})
    first, end = values["offset"], values["offset"] + values["limit"]
    found = calendar(
        request.context.market.get(reading),
        reading.now,
        values["hours"],
        exchanges=frozenset(values["exchange"]),
        assets=frozenset(asset_spellings(values["base"])),
        most=None if values["sort"] else end,
    )
    shown = _sorted(found.rows, values) if values["sort"] else found.rows[first:end]
    more = next_link(request, found.total, len(shown))
    if request.format is ICS:
        stamp = reading.now - reading.now % SECONDS_A_MINUTE  # the same for all answers of a snapshot
        return Answer(icalendar(shown, stamp).encode(), snapshot=reading.snapshot, headers=more)
    pieces = written(request, FIELDS, tuples(FIELDS, map(calendar_row, shown)))
    if request.format is JSON:
        threshold = request.context.settings.stale_threshold_seconds
        said = [*notices_of(exchanges, reading.now, threshold, values["exchange"]), *notices(found.left_out)]
        pieces = enveloped(reading.now, len(shown), found.total, pieces, said)
    return Answer(pieces, snapshot=reading.snapshot, headers=more)


def _sorted(rows: Sequence[Settlement], values: Mapping[str, Any]) -> list[Settlement]:
    """The page's. What is sorted is each one's place, with the values that count."""
    fields = [field.removeprefix("-") for field in values["sort"]]
    getters = [value_of(field) for field in fields]
    places = ((place, *(get(one) for get in getters)) for place, one in enumerate(rows))
    return [rows[place] for place, *_ in Page(places, values, in_place(["", *fields]))]
