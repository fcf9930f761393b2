"""The rates as they were known at a moment, from the observations that are kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from funding.analysis.current import FIELDS, STORED, Values, shown, value_of
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, matching, on_exchanges, quote_spellings
from funding.api.database import Reading
from funding.api.formats import CCXT
from funding.api.listing import Page, list_answer
from funding.api.problems import bad_parameters, parameter_error
from funding.api.unified import ccxt_answer
from funding.store.contracts import select_contracts
from funding.store.observations import select_at
from funding.store.packing import Observation

NOT_KEPT = ("min_volume", "min_open_interest")
NOT_TOGETHER = "cannot be asked together with at: it is not kept"
LASTING = STORED[: STORED.index("funding_rate")]  # what a contract is, whatever the moment
INTERVAL = STORED.index("funding_interval_hours")
pick_lasting = itemgetter(*LASTING)


def get_past(request: Request, reading: Reading) -> Answer:
    """/api/funding/current?at=: as it was shown then, as far as it was kept: the rate, its interval and the next time."""
    values, at = request.values, request.values["at"]
    _check(values, reading.now)
    known = {row["id"] for row in request.context.exchanges.get(reading)}
    exchanges, symbols = on_exchanges(values, known)
    wanted = {
        "exchanges": exchanges,
        "symbols": symbols,
        "assets": asset_spellings(values["base"]),
        "quotes": quote_spellings(values["quote"]),
        "kind": values["kind"],
    }
    threshold = request.context.settings.stale_threshold_seconds
    notices: list[str] = []
    stored = matching(_stored(reading, wanted, at, notices), values)
    asked = _asked(stored, values, value_of("stale", at, threshold))
    page = Page(asked, values, lambda field: value_of(field, at, threshold))
    rows = (shown(row, at, threshold) for row in page)
    if request.format is CCXT:
        return ccxt_answer(request, reading, rows)
    return list_answer(request, reading, FIELDS, rows, page, notices)


def _check(values: Mapping[str, Any], now: int) -> None:
    errors = [parameter_error(name, NOT_TOGETHER, f"{values[name]:g}") for name in NOT_KEPT if values[name]]
    if values["suspect"] == "exclude":
        errors.append(parameter_error("suspect", NOT_TOGETHER, "exclude"))
    if values["at"] > now:
        errors.append(parameter_error("at", "lies in the future", str(values["at"])))
    if errors:
        raise bad_parameters(errors)


def _stored(reading: Reading, wanted: Mapping[str, Any], at: int, notices: list[str]) -> Iterator[Values]:
    """The values of STORED, by exchange and symbol; what was not kept is None. That nothing was, is a notice."""
    contracts = {row["contract_id"]: row for row in select_contracts(reading.connection, **wanted)}
    observed = {one.contract_id: one for one in select_at(reading.connection, at, contracts)}
    if not observed:
        notices.append("No observation is kept of that moment.")
    for contract_id, contract in contracts.items():
        if contract_id in observed:
            yield (*pick_lasting(contract), *_figures(observed[contract_id]))


def _figures(one: Observation) -> tuple[Any, ...]:
    """What comes after LASTING in STORED."""
    unknown = (None,) * 10  # from next_funding_source to exchange_at
    return one.rate, None, one.interval_hours, None, one.next_funding_time, *unknown, one.observed_at


def _asked(rows: Iterable[Values], values: Mapping[str, Any], is_stale: Callable[[Values], bool]) -> Iterator[Values]:
    hours, without_stale = values["interval_hours"], values["stale"] == "exclude"
    for row in rows:
        if (not hours or row[INTERVAL] in hours) and not (without_stale and is_stale(row)):
            yield row
