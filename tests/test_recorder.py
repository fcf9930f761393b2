"""What `funding record` writes is read by `funding replay` as the run read it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.simulator import Simulator
from bench.simulator.faults import RATES, STATUSES, WORDS
from funding.adapter import Answer, Call, Exchange, per_second
from funding.errors import FetchError, SettingError
from funding.message import Reply, Request
from funding.outcome import Outcome
from funding.reading import read
from funding.record import Recordings, load, newest, reply_of
from funding.recorder import Recorder, check_folder, save
from funding.replay import replay
from funding.slim import slim
from tests.collecting import Collecting

PLAYED = ("okx", "binance", "bybit", "hyperliquid", "kraken", "gate")
AT = 1_795_530_600.25
URL = "https://venue.example"
VENUE = Exchange(
    title="Venue",
    kind="cex",
    budget=per_second(5),
    parse=lambda row, tables: None,
    calls=(
        Call("instruments", URL + "/list?type=SWAP", key="id"),
        Call("marks", URL + "/list?type=MARK", key="id"),
        Call("rates", URL + "/rate?id={id}&page={page}", each=("A/USD", "B:USD"), page_size=1),
    ),
)


def answered(body: bytes, url: str = "/list?type=SWAP", **more: Any) -> Recorder:
    """A recorder that has heard one answer."""
    recorder = Recorder()
    hear(recorder, body, url, **more)
    return recorder


def hear(
    recorder: Recorder, body: bytes, url: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> None:
    def get(request: Request, read: Any) -> Any:
        return read(Reply(status, body, AT, headers or {}))

    def good(reply: Reply) -> None:
        if reply.status != 200:
            raise FetchError("http", "no")

    try:
        recorder.over(get)(Request("GET", URL + url), good)
    except FetchError:
        assert status != 200


def read_back(recorder: Recorder) -> Reply:
    with TemporaryDirectory() as folder:
        save(Path(folder), "venue", recorder.recordings(VENUE))
        return reply_of(load([Path(folder)])[0], AT)


def verdict(body: bytes) -> tuple[str, str] | str:
    """What the engine reads in a body, to the last digit; or how it fails."""
    try:
        return repr(read(Reply(200, body, AT), Answer()))
    except FetchError as error:
        return error.kind, error.words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(
    st.binary()
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.decimals().map(lambda d: b"[%s]" % str(d).encode())
)
@example(b"")
@example(b"null")
@example(b'"text"')
@example(b"17")
@example(b"[1E400, 0.1]")
@example(b"[-0, -0.0, 0.00000000012345678901234567890, 1e3, 100000000000000000000000000001]")
@example(b'{"rate": 0.1, "rate": 0.5}')
@example(b'{"rate": 0.1, "rate": 0.1}')
@example(b'\xef\xbb\xbf{"rate": 0.1}')
@example('{"rate": 0.1}'.encode("utf-16"))
@example(b'["\\ud800", "\xc3\xa9"]')
@example(b"\xff\xfe<html>")
@example(b"[" * 600 + b"]" * 600)
@example(b"[" * 100_000 + b"]" * 100_000)
@example(b"[" + b"9" * 5000 + b"]")
def test_whatever_came_is_read_in_a_replay_as_it_was_live(body: bytes) -> None:
    assert verdict(read_back(answered(body)).body) == verdict(body)


def test_figures_stand_in_the_file_as_they_stood_in_the_answer(tmp_path: Path) -> None:
    figures = "0.00010000, -1.0E-5, 0.1000000000000000055511151231257827, 1795530600000, 12345678901234567890123"
    save(tmp_path, "venue", answered(f'{{"rows": [{figures}]}}'.encode()).recordings(VENUE))
    assert f'"body": {{\n   "rows": [{figures}]\n' in (tmp_path / "instruments.json").read_text()


def test_a_recording_says_what_was_asked_and_answered_and_when(tmp_path: Path) -> None:
    headers = {"date": "x", "content-type": "y", "x-ratelimit-remaining": "3", "set-cookie": "me=1", "cf-ray": "z"}
    save(tmp_path, "venue", answered(b'{"id": 1}', "/rate?id=B%3AUSD&page=1", headers=headers).recordings(VENUE))
    assert json.loads((tmp_path / "rates_B_USD.json").read_text()) == {
        "exchange": "venue",
        "what": "rates",
        "source": "recorded live by funding record",
        "recorded": "2026-11-24T14:30:00.250Z",
        "request": {"method": "GET", "url": "https://venue.example/rate?id=B%3AUSD&page=1", "body": None},
        "response": {
            "status": 200,
            "headers": {"date": "x", "content-type": "y", "x-ratelimit-remaining": "3"},
            "body": {"id": 1},
        },
        "complete": True,
    }


def test_a_name_says_the_call_the_item_and_that_it_is_an_error_and_pages_are_numbered() -> None:
    recorder = Recorder()
    for url in ("/list?type=MARK", "/rate?id=A%2FUSD&page=1", "/rate?id=A%2FUSD&page=2", "/rate?id=A%2FUSD&page=3"):
        hear(recorder, b"[]", url)
    hear(recorder, b"gone", "/rate?id=B%3AUSD&page=1", status=500)
    recordings = recorder.recordings(VENUE)
    names = ["marks", "rates_A_USD", "rates_A_USD_2", "rates_A_USD_3", "error_rates_B_USD"]
    assert [one.path for one in recordings] == [f"{name}.json" for name in names]
    assert [one.what for one in recordings] == ["marks", "rates", "rates", "rates", "error"]
    assert [one.complete for one in recordings] == [True, True, True, True, False]


def test_of_two_tries_the_last_one_is_kept() -> None:
    recorder = answered(b"busy", status=500)
    hear(recorder, b"[]", "/list?type=SWAP")
    assert [(one.path, one.status) for one in recorder.recordings(VENUE)] == [("instruments.json", 200)]


def test_a_folder_with_recordings_is_not_added_to(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "new")
    (tmp_path / "rates.json").write_text("{}")
    with pytest.raises(SettingError, match=r"there are \*\.json in it already; give a new folder"):
        check_folder(tmp_path)


# Against the simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator("--contracts", "60", "--limits") as started:
        yield started


@pytest.fixture(autouse=True)
def _calm(request: pytest.FixtureRequest) -> None:
    if "simulator" in request.fixturenames:
        request.getfixturevalue("simulator").control(faults=None)


def recorded_run(simulator: Simulator, name: str, folder: Path, most: int = 0) -> tuple[Outcome, Outcome]:
    """A live run, and what a replay of its recordings gives."""
    recorder = Recorder()
    with Collecting(name, upstream=simulator.url) as collecting:
        live = collecting.run(name, recorder.over(collecting.get))
        exchange = collecting.exchanges[name]
    recordings = recorder.recordings(exchange)
    save(folder, name, slim(recordings, name, exchange, most) if most else recordings)
    loaded = load([folder])
    return live, replay(name, exchange, Recordings(loaded, newest(loaded) or 0.0))


def known(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """The same without what is not known."""
    return {name: {k: v for k, v in asdict(rate).items() if v is not None} for name, rate in told(outcome).items()}


def told(outcome: Outcome) -> dict[str, Any]:
    """Every rate by its symbol, but for when it was observed: the clock of a replay stands still."""
    return {rate.symbol: replace(rate, observed_at=None) for rate in outcome.rates}


@pytest.mark.parametrize("name", PLAYED)
def test_a_replay_gives_exactly_the_live_rates(name: str, simulator: Simulator, tmp_path: Path) -> None:
    live, again = recorded_run(simulator, name, tmp_path)
    assert len(live.rates) == 60
    assert told(again) == told(live)
    assert (again.not_ours, again.skipped, again.failures, again.error) == (live.not_ours, {}, {}, None)


@pytest.mark.parametrize("kind", [*STATUSES, *WORDS, "garbage", "empty_body", "empty", *RATES, "cut"])
def test_a_replay_fails_as_the_live_run_did(kind: str, simulator: Simulator, tmp_path: Path) -> None:
    simulator.control(exchange="kraken", fault={"kind": kind, "rows": 0.1})
    live, again = recorded_run(simulator, "kraken", tmp_path)
    assert told(again) == told(live)
    assert (again.error_kind, again.error) == (live.error_kind, live.error)
    assert (again.failures, again.skipped) == (live.failures, live.skipped)
    assert live.error or live.skipped


@pytest.mark.parametrize("name", PLAYED)
def test_what_is_left_of_a_slim_recording_says_nothing_else(name: str, simulator: Simulator, tmp_path: Path) -> None:
    live, again = recorded_run(simulator, name, tmp_path, most=2)
    assert 2 <= len(again.rates) < 20
    for symbol, figures in known(again).items():  # what a list lacks tells something only where it is whole
        assert figures.items() <= known(live)[symbol].items()
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 60_000


def test_the_odd_row_is_among_those_of_a_slim_recording(simulator: Simulator, tmp_path: Path) -> None:
    simulator.control(exchange="bybit", fault={"kind": "bad_rows", "only": ["tickers"], "rows": 0.02})
    live, again = recorded_run(simulator, "bybit", tmp_path, most=1)
    assert again.skipped.keys() == live.skipped.keys() == {"ValueError: could not convert string to float: 'n/a'"}


def test_what_another_list_says_of_a_kept_rate_is_kept_too(simulator: Simulator, tmp_path: Path) -> None:
    _, again = recorded_run(simulator, "okx", tmp_path, most=2)
    assert all(rate.mark_price and rate.volume_24h_usd and rate.open_interest_usd for rate in again.rates)
