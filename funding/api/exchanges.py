"""The exchanges that are collected, how each stands, and what a reader of rates should know of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from funding.analysis.current import age
from funding.analysis.fees import link_pattern, published
from funding.api.answer import Answer
from funding.api.context import Context, Request
from funding.api.database import Reading
from funding.api.formats import encode
from funding.api.listing import Page, in_place, list_answer, tuples
from funding.api.params import EXCHANGE_FIELDS
from funding.api.problems import ProblemError, did_you_mean
from funding.store.exchanges import select_exchanges

Exchange = Mapping[str, Any]  # as exchanges_of() gives it

# The words of `status`, the worst first, and how a notice puts them
STATUSES = {
    "never": "without data yet",  # no good run since it is collected
    "banned": "banning this server",  # the last run was answered with a ban; its last good rows may be given, stale
    "blocked": "blocking this server",  # the last run was refused for where this server stands
    "stale": "stale",  # the last good run is too long ago, or brought nothing but stale rows
    "failing": "failing, with rows that are still fresh",  # the last run failed
    "ok": "ok",
}


def get_exchanges(request: Request, reading: Reading) -> Answer:
    """/api/exchanges: every exchange that is collected here."""
    exchanges = request.context.exchanges.get(reading)
    threshold = request.context.settings.stale_threshold_seconds
    rows = [_row(one, reading.now, threshold) for one in exchanges]
    page = Page(tuples(EXCHANGE_FIELDS, rows), request.values, in_place(EXCHANGE_FIELDS))
    return list_answer(request, reading, EXCHANGE_FIELDS, page, page, notices_of(exchanges, reading.now, threshold))


def get_exchange(request: Request, reading: Reading) -> Answer:
    """/api/exchanges/<id>: one of them."""
    exchanges = {row["id"]: row for row in request.context.exchanges.get(reading)}
    asked = request.parts["id"]
    if asked not in exchanges:
        raise ProblemError(404, f"{asked} is not an exchange collected here{did_you_mean(asked, exchanges)}")
    row = _row(exchanges[asked], reading.now, request.context.settings.stale_threshold_seconds)
    return Answer(encode({"fetched_at": reading.now, **row}).encode(), snapshot=reading.snapshot)


def exchanges_of(reading: Reading, frozen: Collection[str]) -> list[Exchange]:
    """As select_exchanges() gives them, and "frozen": whether there are rows and all of them are stale."""
    return [{**dict(row), "frozen": row["id"] in frozen} for row in select_exchanges(reading.connection)]


def exchanges_now(context: Context, reading: Reading) -> list[Exchange]:
    """Before the first run too: there is no snapshot then, but the exchanges are declared."""
    return exchanges_of(reading, ()) if reading.run is None else context.exchanges.get(reading)


def status_of(exchange: Exchange, now: int, stale_threshold_seconds: int) -> str:
    """One of STATUSES."""
    error_kind = exchange["last_error_kind"] if exchange["consecutive_failures"] else None
    if error_kind in ("banned", "blocked"):
        return str(error_kind)
    if exchange["last_success_at"] is None:
        return "never"
    if now - exchange["last_success_at"] > stale_threshold_seconds or exchange["frozen"]:
        return "stale"
    return "failing" if error_kind else "ok"


def notices_of(
    exchanges: Sequence[Exchange], now: int, stale_threshold_seconds: int, only: Collection[str] = ()
) -> list[str]:
    """Sentences on the exchanges that are not well, as "2 exchanges stale: phemex, xt"; `only` those, if any are named."""
    found: dict[str, list[str]] = {status: [] for status in STATUSES if status != "ok"}
    for exchange in exchanges:
        status = status_of(exchange, now, stale_threshold_seconds)
        if status != "ok" and (not only or exchange["id"] in only):
            found[status].append(exchange["id"])
    return [
        f"{len(ids)} exchange{'s' if len(ids) > 1 else ''} {STATUSES[status]}: {', '.join(ids)}"
        for status, ids in found.items()
        if ids
    ]


def age_of(exchange: Exchange, now: int) -> int | None:
    """Seconds since its last good run; None where there is none."""
    return None if exchange["last_success_at"] is None else age(exchange["last_success_at"], now)


def _row(exchange: Exchange, now: int, stale_threshold_seconds: int) -> dict[str, Any]:
    return {
        "exchange": exchange["id"],
        "title": exchange["title"],
        "kind": exchange["kind"],
        "status": status_of(exchange, now, stale_threshold_seconds),
        "contracts": exchange["contracts"],
        "hosts": exchange["hosts"],
        "calls_per_cycle": exchange["calls_per_cycle"],
        "budget": exchange["budget"],
        "budget_share": exchange["budget_share"],
        "last_run_at": exchange["last_run_at"],
        "last_success_at": exchange["last_success_at"],
        "age_seconds": age_of(exchange, now),
        "fetch_seconds": exchange["fetch_seconds"],
        "calls": exchange["calls"],
        "skipped": _from_json(exchange["skipped"]),
        "failures": _from_json(exchange["failures"]),
        "notices": _from_json(exchange["notices"]),
        "consecutive_failures": exchange["consecutive_failures"],
        "last_error_at": exchange["last_failure_at"],
        "last_error_kind": exchange["last_error_kind"],
        "last_error": exchange["last_error"],
        "fees": published(exchange["id"]),
        "link_pattern": link_pattern(exchange["id"]),
    }


def _from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
