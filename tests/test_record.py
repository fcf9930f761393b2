import json
from pathlib import Path
from typing import Any

import pytest

from funding import record
from funding.adapter import Answer, Call, Exchange, History, Settlement, per_second
from funding.errors import NotRecordedError, SettingError
from funding.message import Request
from funding.rate import Rate
from funding.record import Recordings, words_of
from funding.replay import replay, replay_history

URL = "https://venue.example"


def write(folder: Path, name: str, url: str, body: Any, what: str = "rates", **more: Any) -> Path:
    made = {"exchange": "venue", "what": what, "source": "test", "recorded": "2026-04",
            "request": {"method": "GET", "url": URL + url, "body": None},
            "response": {"status": 200, "headers": {}, "body": body}}  # fmt: skip
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**made, **more}))
    return path


def source(folder: Path, at: float = 1_775_000_000.0) -> Recordings:
    return Recordings(record.load([folder]), at)


def answer(found: Recordings, url: str, body: bytes | None = None) -> Any:
    request = Request("GET" if body is None else "POST", URL + url, body)
    return found.get(request, lambda reply: json.loads(reply.body))


def test_the_recording_whose_query_agrees_best_answers(tmp_path):
    write(tmp_path, "a", "/x?category=linear", ["a"])
    write(tmp_path, "b", "/x?category=linear&limit=5", ["b"])
    assert answer(source(tmp_path), "/x?category=linear&limit=5") == ["b"]
    assert answer(source(tmp_path), "/x?category=linear") == ["a"]


def test_figures_may_differ_but_a_named_instrument_must_be_the_recorded_one(tmp_path):
    write(tmp_path, "a", "/x?symbol=BTC&limit=1", ["a"])
    assert answer(source(tmp_path), "/x?symbol=BTC&limit=1000") == ["a"]
    with pytest.raises(NotRecordedError, match=r"not recorded: GET https://venue\.example/x\?symbol=ETH"):
        answer(source(tmp_path), "/x?symbol=ETH&limit=1")


def test_a_request_for_any_instrument_takes_a_recording_of_one(tmp_path):
    write(tmp_path, "a", "/x?instId=BTC", ["a"])
    assert answer(source(tmp_path), "/x?instId=ANY") == ["a"]


def test_on_a_tie_the_recording_nearest_to_the_clock_answers(tmp_path):
    write(tmp_path, "a", "/x", ["old"], recorded="2024-01")
    write(tmp_path, "b", "/x", ["new"], recorded="2026-04")
    assert answer(source(tmp_path), "/x") == ["new"]
    assert answer(source(tmp_path, at=1_704_000_000.0), "/x") == ["old"]


def test_where_one_call_is_the_list_and_the_rates_the_recording_of_rates_answers(tmp_path):
    write(tmp_path, "a", "/x", ["newer"], what="instruments", recorded="2026-04")
    write(tmp_path, "b", "/x", ["rates"], recorded="2022-04")
    assert answer(source(tmp_path), "/x") == ["rates"]


def test_one_path_that_serves_many_calls_is_told_apart_by_the_body(tmp_path):
    post = {"method": "POST", "url": URL + "/info", "body": {"type": "a"}}
    write(tmp_path, "a", "", ["a"], request=post)
    assert answer(source(tmp_path), "/info", b'{"type": "a", "dex": "x"}') == ["a"]
    with pytest.raises(NotRecordedError):
        answer(source(tmp_path), "/info", b'{"type": "b"}')


def test_a_recorded_error_answers_whatever_was_asked_there(tmp_path):
    write(tmp_path, "a", "/x?category=xxx", {"code": 1}, what="error")
    assert answer(source(tmp_path), "/x?category=linear") == {"code": 1}


def test_one_element_of_a_list_is_put_back_in_its_place(tmp_path):
    write(tmp_path, "a", "/x", {"id": 1}, fragment_of="result.rows[]")
    write(tmp_path, "b", "/y", {"id": 1}, fragment_of="[]")
    assert answer(source(tmp_path), "/x") == {"result": {"rows": [{"id": 1}]}}
    assert answer(source(tmp_path), "/y") == [{"id": 1}]


def test_a_body_of_text_is_sent_as_it_was(tmp_path):
    write(tmp_path, "a", "/x", "<html>")
    found = source(tmp_path)
    assert found.get(Request("GET", URL + "/x"), lambda reply: reply.body) == b"<html>"


@pytest.mark.parametrize(
    ("recorded", "first", "last"),
    [
        ("2026-04", 1_775_001_600, 1_777_593_600),
        ("2026-12", 1_796_083_200, 1_798_761_600),
        ("2026 (month unknown)", 1_767_225_600, 1_798_761_600),
        ("2026-04-02T00:00:00Z", 1_775_088_000, 1_775_088_000),
        ("2026-04-02", 1_775_088_000, 1_775_174_400),
        ("unknown", None, None),
    ],
)
def test_a_recording_knows_its_time_as_well_as_it_says(tmp_path, recorded, first, last):
    found = record.load([write(tmp_path, "a", "/x", {}, recorded=recorded)])[0]
    assert (found.at, found.until) == (first, last)


@pytest.mark.parametrize("text", ["", "[]", '{"request": {}}', '{"request": {"url": 1}, "response": null}'])
def test_a_file_that_is_no_recording_is_named(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(SettingError, match=r"bad\.json: not a recording"):
        record.load([path])
    with pytest.raises(SettingError, match=r"gone\.json: No such file"):
        record.load([tmp_path / "gone.json"])


def test_the_values_of_placeholders_are_read_back_from_a_recording(tmp_path):
    found = record.load([write(tmp_path, "a", "/swap/v2/rates?symbol=BTC-USDT&limit=5", {})])[0]
    assert words_of(Call("rates", URL + "/{family}/rates?symbol={symbol}"), found) == {
        "family": "swap/v2",
        "symbol": "BTC-USDT",
    }
    assert words_of(Call("rates", URL + "/other?symbol={symbol}"), found) is None
    assert words_of(History(URL + "/swap/v2/rates?symbol={symbol}&to={until_ms}", parse=lambda row: None), found) == {
        "symbol": "BTC-USDT"
    }


def parse(row, tables):
    return Rate(symbol=row["s"], base=row["s"], quote="USD", kind="linear", funding_rate=row["r"])


VENUE = Exchange(
    title="Venue",
    kind="cex",
    budget=per_second(1),
    parse=parse,
    answer=Answer("code", good=("0",)),
    calls=(
        Call("instruments", URL + "/instruments", rows="rows", key="s"),
        Call("rates", URL + "/rate?s={s}", each=lambda tables: list(tables["instruments"]), rows="rows"),
    ),
    history=History(
        URL + "/history?s={symbol}&since={since_ms}&until={until_ms}",
        rows="rows",
        parse=lambda row: Settlement(row["t"], row["r"]),
        page_size=10,
    ),
)


def test_items_are_those_that_the_recordings_name_and_a_list_is_not_needed(tmp_path):
    write(tmp_path, "a", "/rate?s=BTC", {"code": 0, "rows": {"r": 0.1}})
    write(tmp_path, "b", "/rate?s=ETH", {"code": 0, "rows": {"r": 0.2}})
    write(tmp_path, "c", "/other", {})
    found = source(tmp_path)
    outcome = replay("venue", VENUE, found)
    assert outcome.ok
    assert [(rate.symbol, rate.funding_rate) for rate in outcome.rates] == [("BTC", 0.1), ("ETH", 0.2)]
    assert outcome.failures == {}
    assert found.missing == ["GET https://venue.example/instruments"]
    assert [recording.url for recording in found.unused()] == [URL + "/other"]


def test_a_recorded_refusal_fails_the_run(tmp_path):
    write(tmp_path, "a", "/rate", {"code": 5, "msg": "no"}, what="error")
    outcome = replay("venue", VENUE, source(tmp_path))
    assert (outcome.error_kind, outcome.error) == ("refused", "rates: refused with code 5: no")


def test_history_is_by_time_to_the_minute_each_settlement_once(tmp_path):
    rows = [{"t": 1_775_030_401, "r": 0.2}, {"t": 1_775_001_600, "r": 0.1}, {"t": 1_775_030_400, "r": 0.3}]
    write(tmp_path, "a", "/history?s=BTC", {"code": 0, "rows": rows}, what="history")
    found = [(one.symbol, one.settlement) for one in replay_history(VENUE, source(tmp_path))]
    assert found == [
        ("BTC", Settlement(1_775_001_600, 0.1, None)),
        ("BTC", Settlement(1_775_030_400, 0.3, 8.0)),
    ]


def test_a_settlement_of_the_future_is_the_running_one_and_left_out(tmp_path):
    rows = [{"t": 1_775_001_600, "r": 0.1}, {"t": 1_777_680_000, "r": 0.2}]
    write(tmp_path, "a", "/history?s=BTC", {"code": 0, "rows": rows}, what="history")
    assert [one.settlement.rate for one in replay_history(VENUE, source(tmp_path))] == [0.1]
