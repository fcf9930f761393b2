"""The history of an asset's contracts, page by page: what was charged, or what was quoted.

By contract, in the order of exchange and symbol, and by time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Any

from funding.analysis.history import RESOLUTIONS, SERIES, Observed, Settled, Shaped, shape
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, on_exchanges
from funding.api.cursor import Place, as_text, from_text
from funding.api.database import SECONDS_A_MINUTE, Reading
from funding.api.formats import JSON
from funding.api.listing import enveloped, link, written
from funding.api.problems import ProblemError, bad_parameters, did_you_mean, parameter_error
from funding.assets import canonical
from funding.store.contracts import select_contracts
from funding.store.observations import select_observations
from funding.store.settlements import select_settlements

Point = Settled | Observed

DAY = 86_400
DEFAULT_DAYS = 7
MOST_POINTS = 10_000  # read for one page, so that none takes long
FIRST_DAYS = 3  # of observations that are read at once


def get_history(request: Request, reading: Reading) -> Answer:
    """/api/funding/history/<base>: a page may be shorter than `limit`; there is more while it names a next cursor."""
    values = request.values
    series, seconds = SERIES[values["series"]], RESOLUTIONS[values["resolution"]]
    columns = series.columns if seconds is None else series.bucket_columns
    _check_fields(values["fields"], columns)
    contracts = _contracts(request, reading)
    place = _begin(request, reading.now)
    rows, following = _page(reading.connection, contracts, place, values)
    pieces = written(request, columns, (row.cells for row in rows))
    cursor = None if following is None else as_text(following, _query(request))
    if request.format is JSON:
        more = {
            "asset": contracts[0]["asset"] if contracts else canonical(request.parts["base"]),
            "series": values["series"],
            "resolution": values["resolution"],
            "start_time": place.start,
            "end_time": place.end,
            "next_cursor": cursor,
        }
        pieces = enveloped(reading.now, len(rows), None, pieces, [], more)
    return Answer(pieces, snapshot=reading.snapshot, headers=link(request, cursor=cursor) if cursor else ())


def _check_fields(fields: Sequence[str], columns: Sequence[str]) -> None:
    missing = [
        parameter_error(
            "fields", f"{field} is not in this series at this resolution{did_you_mean(field, columns)}", field
        )
        for field in fields
        if field not in columns
    ]
    if missing:
        raise bad_parameters(missing)


def _contracts(request: Request, reading: Reading) -> list[Row]:
    """By exchange and symbol, those that are no longer listed too. Raises ProblemError (404) for an unknown asset."""
    base, assets = request.parts["base"], asset_spellings([request.parts["base"]])
    known = {row["id"] for row in request.context.exchanges.get(reading)}
    exchanges, symbols = on_exchanges(request.values, known)
    found = list(select_contracts(reading.connection, assets=assets, exchanges=exchanges, symbols=symbols))
    if not found and not any(select_contracts(reading.connection, assets=assets)):
        names = {row["asset"] for row in select_contracts(reading.connection)}
        raise ProblemError(404, f"No contract of {canonical(base)}{did_you_mean(base, names)}")
    return found


def _begin(request: Request, now: int) -> Place:
    """Where the page begins: as the cursor says, or with the window's start. Raises ProblemError (400)."""
    values = request.values
    if values["cursor"] is not None:
        return from_text(values["cursor"], _query(request))
    minute = now - now % SECONDS_A_MINUTE  # the same for all answers of a snapshot
    start = minute - DEFAULT_DAYS * DAY if values["start"] is None else values["start"]
    end = minute + SECONDS_A_MINUTE if values["end"] is None else values["end"]
    if start < end:
        return Place(start, end)
    if values["end"] is None:
        raise bad_parameters([parameter_error("start", "lies in the future", str(start))])
    by_default = "" if values["start"] else f", which is {DEFAULT_DAYS} days ago where it is not given"
    raise bad_parameters([parameter_error("end", f"is not after start{by_default}", str(end))])


def _query(request: Request) -> tuple[Any, ...]:
    """What has to stay the same from page to page."""
    same = ("exchange", "symbol", "start", "end", "series", "resolution")
    return (request.parts["base"], *(request.values[name] for name in same))


def _page(
    connection: Connection, contracts: Sequence[Row], place: Place, values: Mapping[str, Any]
) -> tuple[list[Shaped], Place | None]:
    """The rows from the place on, and where the next page begins: None after the last."""
    series, seconds, source = SERIES[values["series"]], RESOLUTIONS[values["resolution"]], SOURCES[values["series"]]
    rows: list[Shaped] = []
    read = 0
    for contract in place.rest_of(contracts):
        contract_id, start = contract["contract_id"], place.start_of(contract["contract_id"])
        if read >= MOST_POINTS:
            return rows, place.at(contract_id, start)
        read += source.seeking
        points = source.points(connection, contract_id, start, place.end)
        for row in shape(series, (contract["exchange"], contract["symbol"]), points, seconds):
            if len(rows) == values["limit"] or read >= MOST_POINTS:
                return rows, place.at(contract_id, max(start, row.time))
            rows.append(row)
            read += row.points
    return rows, None


# Where the points are


@dataclass(frozen=True, slots=True)
class Source:
    """`points`: a contract's, `start` ≤ time < `end`. `seeking`: what it costs to find that there are none, in points."""

    points: Callable[[Connection, int, int, int], Iterator[Point]]
    seeking: int


def _settled(connection: Connection, contract_id: int, start: int, end: int) -> Iterator[Point]:
    for row in select_settlements(connection, [contract_id], start, end):
        yield Settled(row["funding_time"], row["rate"], row["interval_hours"], row["mark_price"], row["source"])


def _observed(connection: Connection, contract_id: int, start: int, end: int) -> Iterator[Point]:
    """Some days at once, then twice as many: a page needs few of a month, and years before the first take few looks."""
    days = FIRST_DAYS
    while start < end:
        until = min(end, start + days * DAY)
        for one in select_observations(connection, [contract_id], start, until):
            yield Observed(one.observed_at, one.rate, one.interval_hours, one.next_funding_time)
        start, days = until, 2 * days


SOURCES = {"settled": Source(_settled, 5), "observed": Source(_observed, 500)}
