"""What holding a position pays: settlement by settlement, with fees."""

from typing import Any

from funding.analysis.carry import Held, carry
from funding.analysis.charges import Charges, by_contract
from funding.api.answer import Answer
from funding.api.arb import fees_of
from funding.api.context import Request
from funding.api.database import Reading
from funding.api.formats import encode
from funding.api.market import Row
from funding.api.problems import ProblemError, bad_parameters, did_you_mean, parameter_error
from funding.store.settlements import select_charges

BEFORE_SECONDS = 172_800  # of the start, so that a time without settlements is seen to be one


def get_carry(request: Request, reading: Reading) -> Answer:
    """/api/funding/carry: forward from the current rates, or replayed from what was charged where the start is past."""
    values, now = request.values, reading.now
    if values["long"] == values["short"]:
        raise bad_parameters([parameter_error("short", "is the same contract as long", values["short"])])
    start = now if values["start"] is None else values["start"]
    end = start + round(values["hours"] * 3600)
    known = {row["id"] for row in request.context.exchanges.get(reading)}
    legs = [_held(request, reading, leg, start, min(end, now)) for leg in ("long", "short")]
    found = carry(legs, start, values["hours"], values["notional"], now, fees_of(request, known))
    return Answer(encode({"fetched_at": now, **found}).encode(), snapshot=reading.snapshot)


def _held(request: Request, reading: Reading, leg: str, start: int, until: int) -> Held:
    row = _contract(request, reading, leg)
    charges = Charges()
    if start < until:
        settled = select_charges(reading.connection, [row.contract_id], start - BEFORE_SECONDS, until + 1)
        charges = dict(by_contract(settled)).get(row.contract_id, charges)
    return Held(leg, row, charges)


def _contract(request: Request, reading: Reading, leg: str) -> Row:
    """The contract that `long` or `short` names as exchange:symbol. Raises ProblemError (404)."""
    named: str = request.values[leg]
    exchange, _, symbol = named.partition(":")
    rows: dict[str, Any] = {
        row["symbol"]: row for row in request.context.market.get(reading) if row["exchange"] == exchange
    }
    if symbol not in rows:
        ids = [row["id"] for row in request.context.exchanges.get(reading)]
        near = did_you_mean(symbol, rows) if exchange in ids else did_you_mean(exchange, ids)
        raise ProblemError(404, f"{leg}: {named} is not a current contract{near}")
    return rows[symbol]  # type: ignore[no-any-return]
