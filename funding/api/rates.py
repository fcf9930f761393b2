"""The current rates: all of them, or those of one asset."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from funding.analysis.current import FIELDS, Row, current, stale_reason, together, value
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.database import Reading
from funding.api.exchanges import notices_of
from funding.api.kept import Packed, pack
from funding.api.listing import Counted, envelope, list_answer, only, page_of
from funding.api.params import CURRENT, defaults
from funding.api.problems import ProblemError, bad_parameters, did_you_mean, parameter_error
from funding.assets import canonical
from funding.store.rates import select_current

UNFILTERED = defaults(CURRENT)
NOT_SUMMED_YET = {"settled_1d_pct": None, "settled_7d_pct": None, "settled_30d_pct": None}


def get_current(request: Request, reading: Reading) -> Answer:
    """/api/funding/current: every contract's latest row, or those asked for."""
    values, now, threshold = request.values, reading.now, request.context.settings.stale_threshold_seconds
    if values == UNFILTERED:
        packed, snapshot = request.context.full_list.get(reading, lambda: _whole(request, reading))
        return Answer(packed, snapshot=snapshot)
    exchanges = request.context.exchanges.get(reading)
    wanted = _filters(values, {row["id"] for row in exchanges})
    notices = notices_of(exchanges, now, threshold, wanted["exchanges"])
    found = Counted(select_current(reading.connection, **wanted))
    given = found if values["stale"] == "include" else (row for row in found if not stale_reason(row, now, threshold))
    page, total = page_of(given, values, lambda row, field: value(row, field, now, threshold))
    rows = (current(_plain(row), now, threshold, values["fields"] or FIELDS) for row in page)
    notices += _left_out(found.number - total)
    return list_answer(request, reading, rows, count=len(page), total=total, notices=notices)


def get_symbol(request: Request, reading: Reading) -> Answer:
    """/api/funding/symbol/<base>: every contract of one asset, with the asset's median and spread."""
    base, now, threshold = request.parts["base"], reading.now, request.context.settings.stale_threshold_seconds
    stored = select_current(reading.connection, assets=_spellings([base]))
    rows = [current(_plain(row), now, threshold) | NOT_SUMMED_YET for row in stored]
    if not rows:
        known = {row["asset"] for row in select_current(reading.connection)}
        raise ProblemError(404, f"No contract of {canonical(base)}{did_you_mean(base, known)}")
    more = {"asset": rows[0]["asset"], "asset_class": rows[0]["asset_class"], **together(rows)}
    notices = notices_of(request.context.exchanges.get(reading), now, threshold)
    page, total = page_of(rows, request.values)
    shown = only(request.values["fields"], page)
    return list_answer(request, reading, shown, count=len(page), total=total, notices=notices, more=more)


def _whole(request: Request, reading: Reading) -> Packed:
    """The unfiltered list. Counted first, because the count stands before the rows and no row is kept."""
    threshold = request.context.settings.stale_threshold_seconds
    total = sum(1 for _ in select_current(reading.connection))
    rows = (current(_plain(row), reading.now, threshold) for row in select_current(reading.connection))
    notices = notices_of(request.context.exchanges.get(reading), reading.now, threshold)
    return pack(envelope(reading.now, total, total, rows, notices))


def _plain(row: sqlite3.Row) -> Row:
    """As a dict: for more than a few fields that is quicker, since the database's row looks each of them up by name."""
    return dict(zip(row.keys(), row, strict=True))


def _filters(values: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """What select_current takes. Raises ProblemError (400) for exchanges that are not collected here."""
    exchanges: tuple[str, ...] = values["exchange"]
    symbols: tuple[str, ...] = ()
    unknown = [
        parameter_error("exchange", f"{one} is not an exchange collected here{did_you_mean(one, known)}", one)
        for one in exchanges
        if one not in known
    ]
    if unknown:
        raise bad_parameters(unknown)
    if values["symbol"] is not None:
        exchanges, symbols = _one_contract(values["symbol"], exchanges, known)
    return {
        "exchanges": exchanges,
        "assets": _spellings(values["base"]),
        "quotes": tuple({spelling for one in values["quote"] for spelling in (one, one.upper())}),
        "symbols": symbols,
        "kind": values["kind"],
        "interval_hours": values["interval_hours"],
        "min_volume_usd": values["min_volume"] or None,
        "min_open_interest_usd": values["min_open_interest"] or None,
    }


def _one_contract(text: str, exchanges: tuple[str, ...], known: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`exchange:symbol` splits at the first colon; a symbol may hold colons itself, so the exchange must be one."""
    exchange, colon, symbol = text.partition(":")
    if not colon or exchange not in known:
        return exchanges, (text,)
    if exchanges and exchange not in exchanges:
        raise bad_parameters([parameter_error("symbol", f"is on {exchange}, which exchange= leaves out", text)])
    return (exchange,), (symbol,)


def _spellings(bases: Sequence[str]) -> tuple[str, ...]:
    """The assets that are meant; as typed too, since what the table of assets does not list keeps the venue's case."""
    return tuple(dict.fromkeys(spelling for base in bases for spelling in (canonical(base), base)))


def _left_out(stale: int) -> list[str]:
    return [f"{stale} stale row{'s' if stale > 1 else ''} left out"] if stale else []
