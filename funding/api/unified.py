"""The current rates as ccxt gives them."""

from collections.abc import Iterable

from funding.analysis.ccxt_form import by_exchange
from funding.analysis.current import FIELDS, Values
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.database import Reading
from funding.api.formats import encode


def ccxt_answer(request: Request, reading: Reading, rows: Iterable[Values]) -> Answer:
    """{exchange: {unified symbol: FundingRate}}; of exactly one exchange the inner dict, as fetch_funding_rates returns it."""
    found = by_exchange(dict(zip(FIELDS, row, strict=True)) for row in rows)
    asked = request.values["exchange"]
    body = found.get(asked[0], {}) if len(asked) == 1 else found
    return Answer(encode(body).encode(), snapshot=reading.snapshot)
