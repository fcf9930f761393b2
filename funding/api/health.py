"""Whether the data can be relied on, for people and monitors, and whether the process works, for supervisors. Never cached."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.exchanges import Exchange, age_of, exchanges_now, notices_of, status_of
from funding.api.formats import encode
from funding.api.problems import ProblemError
from funding.store.outbox import select_undelivered


def get_health(request: Request) -> Answer:
    """/api/health: 200 while any data are fresh, else 503 with the same body."""
    report = _report(request)
    return Answer(encode(report).encode(), 503 if report["status"] == "down" else 200)


def get_readyz(request: Request) -> Answer:
    """/readyz: the data are there, and some are fresh."""
    report = _report(request)
    if report["status"] == "down":
        return Answer("\n".join(["not ready", *report["notices"], ""]).encode(), 503)
    return Answer(b"ready\n")


def _report(request: Request) -> dict[str, Any]:
    threshold = request.context.settings.stale_threshold_seconds
    try:
        with request.context.database.reading() as reading:
            # before the first run there is no snapshot, but the exchanges are declared
            exchanges = exchanges_now(request.context, reading)
            report = judge(exchanges, reading.now, threshold)
            return report | {"notices": report["notices"] + _unheard(reading.connection)}
    except ProblemError as problem:
        return {**judge([], 0, threshold), "notices": [problem.detail]}


def _unheard(connection: sqlite3.Connection) -> list[str]:
    """Through whom alerts no longer arrive. Neither to whom nor why: this page is everybody's."""
    channels = sorted({row["channel"] for row in select_undelivered(connection) if row["given_up"]})
    return [f"alerts by {channel} do not arrive; funding alerts list says why" for channel in channels]


def judge(exchanges: Sequence[Exchange], now: int, stale_threshold_seconds: int) -> dict[str, Any]:
    """ok: every exchange has a fresh good run with fresh rows and none failed since; degraded: some have; down: none has."""
    rows = [
        {
            "exchange": one["id"],
            "symbols": one["contracts"] or 0,
            "age_seconds": age_of(one, now),
            "status": status_of(one, now, stale_threshold_seconds),
        }
        for one in exchanges
    ]
    ages = {row["exchange"]: row["age_seconds"] for row in rows if row["age_seconds"] is not None}
    frozen = {one["id"] for one in exchanges if one["frozen"]}
    stale = [name for name, seconds in ages.items() if seconds > stale_threshold_seconds or name in frozen]
    if len(stale) == len(ages):
        status = "down"
    elif all(row["status"] == "ok" for row in rows):
        status = "ok"
    else:
        status = "degraded"
    return {
        "ok": status == "ok",
        "status": status,
        "data_age_seconds": min(ages.values(), default=None),
        "stale_threshold_seconds": stale_threshold_seconds,
        "exchanges": rows,
        "stale_exchanges": stale,
        "total_rows": sum(row["symbols"] for row in rows),
        "notices": notices_of(exchanges, now, stale_threshold_seconds),
    }
