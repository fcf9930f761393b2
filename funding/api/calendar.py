"""Coming settlements, as a list or as an iCalendar."""

from itertools import islice

from funding.analysis.calendar import FIELDS, calendar, calendar_row
from funding.analysis.eligible import notices
from funding.analysis.icalendar import icalendar
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, check_exchanges
from funding.api.database import SECONDS_A_MINUTE, Reading
from funding.api.formats import ICS
from funding.api.listing import Page, in_place, list_answer, tuples


def get_calendar(request: Request, reading: Reading) -> Answer:
    """/api/funding/calendar: those that fall within the next hours, by time."""
    values = request.values
    check_exchanges(values["exchange"], {row["id"] for row in request.context.exchanges.get(reading)})
    found = calendar(
        request.context.market.get(reading),
        reading.now,
        values["hours"],
        exchanges=frozenset(values["exchange"]),
        assets=frozenset(asset_spellings(values["base"])),
    )
    if request.format is ICS:
        stamp = reading.now - reading.now % SECONDS_A_MINUTE  # the same for all answers of a snapshot
        shown = islice(found.rows, values["offset"], values["offset"] + values["limit"])
        return Answer(icalendar(shown, stamp).encode(), snapshot=reading.snapshot)
    rows = (calendar_row(one) for one in found.rows)
    page = Page(tuples(FIELDS, rows), values, in_place(FIELDS))
    return list_answer(request, reading, FIELDS, page, page, notices(found.left_out))
