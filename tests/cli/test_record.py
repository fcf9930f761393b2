"""`funding record`, against a server that plays Kraken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.servers import Answer, Server

TICKERS = "/futures.kraken.com/derivatives/api/v3/tickers"


def ticker(name: str, **more: Any) -> dict[str, Any]:
    return {
        "tag": "perpetual", "pair": f"{name}:USD", "symbol": f"PF_{name}USD", "markPrice": 80_000, "indexPrice": 80_000,
        "openInterest": 2_000, "volumeQuote": 1_000_000, "relativeFundingRate": 0.00001, **more,
    }  # fmt: skip


def answer(*rows: dict[str, Any]) -> Answer:
    return Answer(body=json.dumps({"result": "success", "tickers": rows}).encode(), headers={"Set-Cookie": "who=1"})


@pytest.fixture
def kraken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server({TICKERS: answer(*map(ticker, ("XBT", "ETH", "SOL")))}, tls=None) as server:
        monkeypatch.setenv("FUNDING_UPSTREAM", server.url)
        yield server


def test_a_run_is_saved_in_a_folder_that_replay_reads(kraken: Server, funding: Call) -> None:
    said = funding("record", "kraken", "new/folder")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("kraken: 3 rates, 1 calls, ")
    assert said.err.endswith(" s, 1 recordings in new/folder\n")
    again = funding("replay", "kraken", "new/folder")
    assert again.code == 0
    assert [json.loads(line)["symbol"] for line in again.lines] == ["PF_XBTUSD", "PF_ETHUSD", "PF_SOLUSD"]


def test_a_recording_names_the_exchange_and_not_the_one_who_asked(kraken: Server, funding: Call) -> None:
    funding("record", "kraken", "r")
    text = Path("r/rates.json").read_text()
    assert json.loads(text)["request"]["url"] == f"https:/{TICKERS}"
    assert kraken.host not in text
    assert "who" not in text


def test_a_slim_recording_has_a_few_rows_and_says_that_it_is_not_whole(kraken: Server, funding: Call) -> None:
    assert funding("record", "kraken", "r", "--slim", 1).code == 0
    recording = json.loads(Path("r/rates.json").read_text())
    assert [row["symbol"] for row in recording["response"]["body"]["tickers"]] == ["PF_XBTUSD"]
    assert recording["complete"] is False


def test_an_answer_that_is_an_error_is_saved_and_exit_code_4(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = Answer(451, b"<html>not here")
    said = funding("record", "kraken", "r")
    assert said.code == 4
    assert "failed, blocked: rates: HTTP 451: <html>not here" in said.err.splitlines()
    assert json.loads(Path("r/error_rates.json").read_text())["response"]["body"] == "<html>not here"
    again = funding("replay", "kraken", "r")
    assert (again.code, again.err.splitlines()[0]) == (4, "failed, blocked: rates: HTTP 451: <html>not here")


def test_where_nothing_answers_there_is_nothing_to_save(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = Answer(302, headers={"Location": "https://elsewhere.example/"})
    said = funding("record", "kraken", "r")
    assert said.code == 4
    assert said.err.splitlines()[0].endswith(" s, 0 recordings in r")


def test_what_the_caller_got_wrong_is_one_line_and_nobody_is_asked(kraken: Server, funding: Call) -> None:
    Path("old").mkdir()
    Path("old/rates.json").write_text("{}")
    said = funding("record", "kraken", "old")
    assert (said.code, said.err) == (2, "funding: old: there are *.json in it already; give a new folder\n")
    assert funding("record", "krakn", "r").err == "funding: krakn is not an exchange; did you mean kraken?\n"
    assert funding("record", "kraken", "r", "--slim", 0).err == "funding: --slim is at least 1, not 0\n"
    assert kraken.seen == []
    assert not Path("r").exists()
