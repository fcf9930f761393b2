"""The log of funding intervals that changed."""

from operator import itemgetter

from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, check_exchanges
from funding.api.database import Reading
from funding.api.listing import Page, in_place, list_answer
from funding.api.params import INTERVAL_FIELDS
from funding.store.intervals import select_interval_changes

pick = itemgetter("exchange", "symbol", "base", "asset", "from_hours", "to_hours", "changed_at")  # as INTERVAL_FIELDS


def get_intervals(request: Request, reading: Reading) -> Answer:
    """/api/funding/intervals: the newest first, those of contracts that are no longer listed too."""
    values = request.values
    check_exchanges(values["exchange"], {row["id"] for row in request.context.exchanges.get(reading)})
    changes = select_interval_changes(
        reading.connection,
        exchanges=values["exchange"],
        assets=asset_spellings(values["base"]),
        since=values["since"],
    )
    page = Page(map(pick, changes), values, in_place(INTERVAL_FIELDS))
    return list_answer(request, reading, INTERVAL_FIELDS, page, page, [])
