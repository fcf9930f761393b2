"""Pairs: short the contract that pays most, long the one that costs least, of one asset on two exchanges."""

from collections.abc import Mapping, Sequence
from typing import Any

from funding.analysis.arb import FIELDS, arb_row
from funding.analysis.fees import NO_FEES, Fees
from funding.analysis.legs import Pair
from funding.analysis.pairs import Wanted, find_pairs
from funding.analysis.sums import NOT_KNOWN
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, check_exchanges, quote_spellings
from funding.api.database import Reading
from funding.api.exchanges import notices_of
from funding.api.lately import Lately, Legs, hours_of
from funding.api.listing import Page, in_place, list_answer, tuples


def get_arb(request: Request, reading: Reading) -> Answer:
    """/api/funding/arb: the best pairs, net of fees over a holding time; what came of them lately."""
    exchanges = request.context.exchanges.get(reading)
    known = {row["id"] for row in exchanges}
    for name in ("exchange", "exclude_exchange"):
        check_exchanges(request.values[name], known, name)
    fees = fees_of(request, known)
    found = find_pairs(request.context.market.get(reading), fees, wanted_of(request.values))
    threshold = request.context.settings.stale_threshold_seconds
    notices = [*notices_of(exchanges, reading.now, threshold), *found.notices]
    rows = pair_rows(request, reading, found.pairs, fees)
    page = Page(tuples(FIELDS, rows), request.values, in_place(FIELDS))
    return list_answer(request, reading, FIELDS, page, page, notices)


def fees_of(request: Request, known: set[str]) -> Fees:
    """The fees that net figures are made with: the request's own, the installation's own, the table's."""
    values, own = request.values, dict(request.context.settings.fees)
    check_exchanges([exchange for exchange, _ in values["fee_pct"]], known, "fee_pct")
    if values["fees"] == "none":
        return Fees(dict(values["fee_pct"]), table=False) if values["fee_pct"] else NO_FEES
    return Fees(own | dict(values["fee_pct"]))


def wanted_of(values: Mapping[str, Any]) -> Wanted:
    return Wanted(
        min_yield_pct=values["min_yield"],
        min_volume_usd=values["min_volume"],
        min_open_interest_usd=values["min_open_interest"],
        exchanges=frozenset(values["exchange"]),
        exclude_exchanges=frozenset(values["exclude_exchange"]),
        assets=frozenset(asset_spellings(values["base"])),
        quotes=frozenset(quote_spellings(values["quote"])),
        holding_hours=values["holding_hours"],
        every=values["pairs"] == "all",
        kind=values["kind"] or "",
        search=values["search"] or "",
    )


def pair_rows(request: Request, reading: Reading, pairs: Sequence[Pair], fees: Fees) -> list[dict[str, Any]]:
    """Rows of `arb`. What was settled is looked up for as many pairs as can be on a page unsorted; sorted, for all."""
    values = request.values
    shown = len(pairs) if values["sort"] else values["offset"] + values["limit"]
    legs: list[Legs] = [(pair.short.row, pair.long.row) for pair in pairs[:shown]]  # type: ignore[misc]
    alive = request.context.own(Lately).alive(reading.connection, legs, reading.now)
    summed = request.context.own(Lately).sums(
        reading.connection, hours_of(leg for pair in legs for leg in pair), reading.now
    )
    rows = []
    for pair, (short, long) in zip(pairs, legs, strict=False):
        ids = short.contract_id, long.contract_id
        lately = {"short_settled": summed[ids[0]], "long_settled": summed[ids[1]], "alive_since_at": alive[ids]}
        rows.append(arb_row(pair, values["holding_hours"], fees.model, **lately))  # type: ignore[arg-type]
    return rows + [_rest(pair, values["holding_hours"], fees) for pair in pairs[shown:]]


def _rest(pair: Pair, holding_hours: float, fees: Fees) -> dict[str, Any]:
    """One that is only counted: it is on no page of this answer."""
    return arb_row(pair, holding_hours, fees.model, short_settled=NOT_KNOWN, long_settled=NOT_KNOWN)
