"""Every exchange against recorded answers of the real one, read where they are shared."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from funding import record
from funding.adapter import Exchange, load
from funding.errors import FetchError
from funding.outcome import Outcome
from funding.rate import Rate
from funding.reading import read
from funding.record import Recording, Recordings
from funding.replay import replay, replay_history
from tests import recordings

pytestmark = recordings.MISSING

# expected → ours
FIELDS = {
    "base": "base",
    "quote": "quote",
    "settle": "settle",
    "kind": "kind",
    "funding_rate": "funding_rate",
    "interval_hours": "funding_interval_hours",
    "mark_price": "mark_price",
    "index_price": "index_price",
    "open_interest_usd": "open_interest_usd",
    "volume_24h_usd": "volume_24h_usd",
}
# HTTP 200, and refused in the body: those that are not simply "refused"
KINDS_WITH_200 = {
    "bingx/error_rate_limited": "rate_limited",
    "lbank/error_no_product_group": "shape",  # success with nothing in it
    "toobit/error_empty_body": "not_json",
}
# recorded with `expected` rows that this body cannot give, or as an error that is none
NOT_IN_THE_BODY = {
    "edgex/rates_2026_09": {"ETHUSDC", "SPYUSDC"},  # a rate has a number only, and the recorded list lacks these two
}
NO_ERROR = {"deribit/error_locked_docs"}  # a good answer of public/status, a call that is not made
KINDS = {429: "rate_limited", 418: "banned", 405: "banned", 403: "blocked", 451: "blocked"}


def cases(what: str) -> list[Any]:
    return [
        pytest.param(name, path, id=f"{name}/{path.stem}")
        for name in load()
        for path in recordings.of(name)
        if json.loads(path.read_text("utf-8"))["what"] == what
    ]


def run(name: str, path: Path) -> tuple[Outcome, Recordings]:
    """One `rates` recording with its folder's tables, the clock where the recording's own times are."""
    tables = [r for r in record.load([path.parent]) if r.what in ("instruments", "intervals", "tickers")]
    loaded = [*record.load([path]), *tables]
    source = Recordings(loaded, moment(name, path, loaded[0]))
    return replay(name, load()[name], source), source


def moment(name: str, path: Path, recording: Recording) -> float:
    """On the grid the next time follows from the clock: a minute before the expected one. Else when it was recorded."""
    due = [row.get("next_funding_time") for row in expected(path)]
    if load()[name].on_grid and any(due):
        return float(min(filter(None, due))) / 1000 - 60
    return recording.at or 1_790_000_000.0


def expected(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["expected"]
    return rows


def same(ours: Any, wanted: Any) -> bool:
    if isinstance(ours, float) and isinstance(wanted, float | int):
        return math.isclose(ours, wanted, rel_tol=1e-9)
    return bool(ours == wanted)


def differences(wanted: dict[str, Any], rate: Rate) -> list[str]:
    """Where a figure that the recording tells is not ours."""
    told = {theirs: ours for theirs, ours in FIELDS.items() if wanted.get(theirs) is not None}
    found = [
        f"{rate.symbol} {ours}: {getattr(rate, ours)!r} for {wanted[theirs]!r}"
        for theirs, ours in told.items()
        if not same(getattr(rate, ours), wanted[theirs])
    ]
    due = wanted.get("next_funding_time")
    if due is not None and rate.next_funding_time != due // 1000:
        found.append(f"{rate.symbol} next_funding_time: {rate.next_funding_time!r} for {due // 1000}")
    return found


@pytest.mark.parametrize(("name", "path"), cases("rates"))
def test_rates_are_read_as_recorded(name: str, path: Path) -> None:
    outcome, source = run(name, path)
    if str(path) not in source.used:
        pytest.skip(f"unused: no call of {name} asks for {source.recordings[0].url}")
    assert outcome.ok, outcome.error
    rates = {rate.symbol: rate for rate in outcome.rates}
    for wanted in expected(path):
        if wanted["symbol"] in NOT_IN_THE_BODY.get(f"{name}/{path.stem}", ()):
            assert wanted["symbol"] not in rates
        elif wanted.get("funding_rate") is None:
            assert wanted["symbol"] not in rates, f"{wanted['symbol']}: {wanted.get('note')}"
        else:
            assert wanted["symbol"] in rates, f"{wanted['symbol']} is missing; skipped: {outcome.skipped}"
            assert not differences(wanted, rates[wanted["symbol"]])


@pytest.mark.parametrize(("name", "path"), cases("error"))
def test_a_recorded_error_is_of_the_right_kind(name: str, path: Path) -> None:
    recording = record.load([path])[0]
    source = Recordings([recording], recording.at or 1_790_000_000.0)
    outcome = replay(name, load()[name], source)
    if str(path) in source.used:
        assert outcome.rates == ()
        assert kind(name, path, recording) in (
            outcome.error_kind,
            *outcome.failures,
        )  # an optional table's is only counted
    else:
        assert verdict(load()[name], recording) == kind(name, path, recording)


def kind(name: str, path: Path, recording: Recording) -> str | None:
    if f"{name}/{path.stem}" in NO_ERROR:
        return None
    if recording.status == 200:
        return KINDS_WITH_200.get(f"{name}/{path.stem}", "refused")
    return KINDS.get(recording.status, "http")


def verdict(exchange: Exchange, recording: Recording) -> str | None:
    try:
        read(record.reply_of(recording, 0.0), exchange.answer)
    except FetchError as error:
        return error.kind
    return None


@pytest.mark.parametrize(("name", "path"), cases("history"))
def test_settlements_are_read_as_recorded(name: str, path: Path) -> None:
    tables = [r for r in record.load([path.parent]) if r.what == "instruments"]
    loaded = [*record.load([path]), *tables]
    source = Recordings(loaded, loaded[0].until or 1_790_000_000.0)
    listed = list(replay_history(load()[name], source))
    found = {(one.symbol, one.settlement.time): one.settlement.rate for one in listed}
    if str(path) not in source.used:
        pytest.skip(f"unused: no history call of {name} asks for {loaded[0].url}")
    for wanted in expected(path):
        if "rows" in wanted:  # only counted, with their spacing
            assert len(found) == wanted["rows"]
            assert {one.settlement.interval_hours for one in listed[1:]} == {wanted["interval_hours"]}
            continue
        time = int(wanted.get("time") or wanted.get("funding_time") or wanted["next_funding_time"]) // 60_000 * 60
        symbol = wanted.get("symbol") or listed[0].symbol  # one recording does not name its contract
        assert (symbol, time) in found
        assert found[symbol, time] == pytest.approx(wanted["funding_rate"], rel=1e-9)
