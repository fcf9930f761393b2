"""What a request gets: the venue's answer, the limit's refusal, or what a fault makes of it. Pure: bytes out, no socket."""

import json
from collections.abc import Mapping
from typing import Any

from bench.simulator.delivery import Parcel, parcel
from bench.simulator.dialects import DIALECTS, refuse
from bench.simulator.faults import ELSEWHERE, FILE, GARBAGE, RATES, STATUSES, WORDS, Fault, emptied, spoil
from bench.simulator.incoming import Request
from bench.simulator.limits import Refused
from bench.simulator.market import Market
from bench.simulator.recordings import Recordings
from bench.simulator.reply import Reply

NOW = "X-Sim-Now"
NONE: Mapping[str, str] = {}


def weigh(exchange: str, request: Request) -> float:
    dialect = DIALECTS.get(exchange)
    return dialect.weigh(request.path, request.query, request.json) if dialect else 1


def answered(exchange: str, market: Market, recordings: Recordings, now: int, request: Request) -> Parcel:
    if exchange in market.contracts:
        reply = DIALECTS[exchange].answer(market, now, request.path, request.query, request.json)
    else:
        reply = recordings.answer(request.host, request.method, request.path, request.query, request.json)
    return pack(reply, now)


def refused(exchange: str, verdict: Refused, now: int, *, retry_after: bool) -> Parcel:
    return pack(_refusal(exchange, verdict.form), now, _retry(verdict.retry_after if retry_after else ""))


def faulty(exchange: str, fault: Fault, sound: Parcel, now: int) -> Parcel:
    """The kinds that leave a whole answer; the others are delivery's, and get the sound one to spoil."""
    kind = fault.kind
    if kind in STATUSES or kind in WORDS:
        return pack(_refusal(exchange, kind), now, _retry(fault.retry_after))
    if kind in RATES:
        absurd = DIALECTS[exchange].ABSURD if exchange in DIALECTS else "5.0"
        return parcel(sound.status, sound.headers, spoil(sound.plain.decode(), fault, absurd).encode())
    if kind == "empty":
        return pack(Reply(200, emptied(json.loads(sound.plain))), now)
    if kind == "garbage":
        return pack(Reply(200, GARBAGE), now)
    if kind == "empty_body":
        return pack(Reply(200, ""), now)
    if kind in ("redirect", "redirect_file"):
        to = fault.to or (FILE if kind == "redirect_file" else ELSEWHERE)
        return pack(Reply(302, ""), now, {"Location": to})
    return sound


def pack(reply: Reply, now: int, headers: Mapping[str, str] = NONE) -> Parcel:
    body: Any = reply.body
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return parcel(reply.status, {"Content-Type": reply.content_type, NOW: str(now), **headers}, text.encode())


def _retry(after: str) -> Mapping[str, str]:
    return {"Retry-After": after} if after else NONE


def _refusal(exchange: str, why: str) -> Reply:
    if exchange in DIALECTS:
        return refuse(exchange, why)
    return Reply(int(why) if why in STATUSES else 429, {"error": why})
