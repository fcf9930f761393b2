"""The current rates: all of them, or those of one asset."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from funding.analysis.current import FIELDS, STORED, Values, current, shown, together, value_of
from funding.analysis.fees import trade_url
from funding.analysis.prices import Contract
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, matching, on_exchanges, quote_spellings
from funding.api.database import Reading
from funding.api.exchanges import notices_of
from funding.api.formats import CCXT, JSON
from funding.api.kept import Packed, pack
from funding.api.lately import Lately
from funding.api.listing import Counted, Page, enveloped, in_place, list_answer, tuples, written
from funding.api.market import CONTRACT, marked
from funding.api.params import CURRENT, SETTLED, SYMBOL_FIELDS
from funding.api.past import get_past
from funding.api.problems import ProblemError, did_you_mean
from funding.api.query import defaults
from funding.api.unified import ccxt_answer
from funding.assets import canonical
from funding.store.rates import select_current

UNFILTERED = {name: value for name, value in defaults(CURRENT).items() if name != "format"}


def get_current(request: Request, reading: Reading) -> Answer:
    """/api/funding/current: every contract's latest row, or those asked for."""
    values, now, threshold = request.values, reading.now, request.context.settings.stale_threshold_seconds
    if values == UNFILTERED and request.format is not CCXT:
        packed, snapshot = request.context.full_lists[request.format].get(reading, lambda: _whole(request, reading))
        return Answer(packed, snapshot=snapshot)
    if values["at"] is not None:
        return get_past(request, reading)
    exchanges = request.context.exchanges.get(reading)
    wanted = _wanted(values, {row["id"] for row in exchanges})
    notices = notices_of(exchanges, now, threshold, wanted["exchanges"])
    suspects = request.context.judged.get(reading).suspects
    asked = matching(_stored(select_current(reading.connection, **wanted)), values)
    for word in ("stale", "suspect"):
        if values[word] == "exclude":
            asked = _without(asked, _getter(word, now, threshold, suspects), word, notices)
    page = Page(asked, values, lambda field: _getter(field, now, threshold, suspects))
    rows = marked((shown(row, now, threshold) for row in page), suspects)
    if request.format is CCXT:
        return ccxt_answer(request, reading, rows)
    return list_answer(request, reading, FIELDS, rows, page, notices)


def get_symbol(request: Request, reading: Reading) -> Answer:
    """/api/funding/symbol/<base>: every contract of one asset, with the asset's median and spread."""
    base, now, threshold = request.parts["base"], reading.now, request.context.settings.stale_threshold_seconds
    stored = list(select_current(reading.connection, assets=asset_spellings([base])))
    if not stored:
        known = {row["asset"] for row in request.context.market.get(reading)}
        raise ProblemError(404, f"No contract of {canonical(base)}{did_you_mean(base, known)}")
    suspects = request.context.judged.get(reading).suspects
    hours = {row["contract_id"]: row["funding_interval_hours"] for row in stored}
    summed = request.context.own(Lately).sums(reading.connection, hours, now)
    rows = []
    for one in stored:
        row = current(dict(one), now, threshold)
        row["suspect"] = suspects.get((row["exchange"], row["symbol"]))
        settled = {name: getattr(summed[one["contract_id"]], name) for name in SETTLED}
        rows.append(row | settled | {"trade_url": trade_url(row["exchange"], row)})
    more = {"asset": rows[0]["asset"], "asset_class": rows[0]["asset_class"], **together(rows)}
    notices = notices_of(request.context.exchanges.get(reading), now, threshold)
    page = Page(tuples(SYMBOL_FIELDS, rows), request.values, in_place(SYMBOL_FIELDS))
    return list_answer(request, reading, SYMBOL_FIELDS, page, page, notices, more)


def _getter(field: str, now: int, threshold: int, suspects: Mapping[Contract, str]) -> Callable[[Values], Any]:
    """What gets a field from the values of STORED."""
    if field == "suspect":
        return lambda row: suspects.get(CONTRACT(row))  # exchange and symbol stand first there too
    return value_of(field, now, threshold)


def _whole(request: Request, reading: Reading) -> Packed:
    """The unfiltered list."""
    now, threshold = reading.now, request.context.settings.stale_threshold_seconds
    rows = Counted(_stored(select_current(reading.connection)))
    suspects = request.context.judged.get(reading).suspects
    pieces = written(request, FIELDS, marked((shown(row, now, threshold) for row in rows), suspects))
    if request.format is JSON:
        notices = notices_of(request.context.exchanges.get(reading), now, threshold)
        pieces = enveloped(now, rows.number, rows.number, pieces, notices)
    return pack(pieces)


def _stored(rows: Iterable[sqlite3.Row]) -> Iterator[Values]:
    """The values of STORED. By place: a row of the database looks names up one by one."""
    pick = None
    for row in rows:
        pick = pick or itemgetter(*map(row.keys().index, STORED))
        yield pick(row)


def _without(rows: Iterable[Values], is_so: Callable[[Values], Any], word: str, notices: list[str]) -> Iterator[Values]:
    """Those that are not so; how many were, as a notice."""
    left_out = 0
    for row in rows:
        if is_so(row):
            left_out += 1
        else:
            yield row
    if left_out:
        notices.append(f"{left_out} {word} row{'s' if left_out > 1 else ''} left out")


def _wanted(values: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """What select_current takes. Raises ProblemError (400)."""
    exchanges, symbols = on_exchanges(values, known)
    return {
        "exchanges": exchanges,
        "symbols": symbols,
        "assets": asset_spellings(values["base"]),
        "quotes": quote_spellings(values["quote"]),
        "kind": values["kind"],
        "interval_hours": values["interval_hours"],
        "min_volume_usd": values["min_volume"] or None,
        "min_open_interest_usd": values["min_open_interest"] or None,
    }
