"""`funding collect --once` and `funding try`, against a server that plays Kraken."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.servers import Answer, Server

TICKERS = "/futures.kraken.com/derivatives/api/v3/tickers"
PF = {
    "tag": "perpetual", "pair": "XBT:USD", "symbol": "PF_XBTUSD", "markPrice": 80_000, "indexPrice": 80_000,
    "openInterest": 2_000, "volumeQuote": 1_000_000, "relativeFundingRate": 0.00001,
}  # fmt: skip


def answer(*rows: dict[str, Any]) -> Answer:
    return Answer(body=json.dumps({"result": "success", "tickers": rows}).encode())


@pytest.fixture
def kraken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server({TICKERS: answer(PF)}, tls=None) as server:
        monkeypatch.setenv("FUNDING_UPSTREAM", server.url)
        monkeypatch.setenv("FUNDING_EXCHANGES", "kraken")
        yield server


def stored() -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect("funding.db")) as conn:
        return conn.execute("SELECT exchange, rows, error_kind FROM run ORDER BY id").fetchall()


def test_one_pass_stores_every_exchanges_run(kraken: Server, funding: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    funding("migrate")
    said = funding("collect", "--once")
    assert (said.code, said.out) == (0, "")
    assert stored() == [("kraken", 1, None)]
    assert caplog.messages[0].startswith("kraken: 1 of 1, ")
    assert caplog.messages[1] == "cycle: 1 of 1 exchanges ok, 1 rates"


def test_a_pass_in_which_an_exchange_fails_is_stored_and_exit_code_4(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = Answer(403, b'{"error": "not from here"}')
    funding("migrate")
    assert funding("collect", "--once").code == 4
    assert stored() == [("kraken", 0, "blocked")]


def test_a_pass_that_cannot_be_stored_is_exit_code_78(kraken: Server, funding: Call) -> None:
    funding("migrate")
    with closing(sqlite3.connect("funding.db")) as conn:
        conn.execute("CREATE TRIGGER full BEFORE INSERT ON run BEGIN SELECT RAISE(ABORT, 'no'); END")
    said = funding("collect", "--once")
    assert said.code == 78
    assert said.err.endswith("funding: 1 of 1 runs could not be stored; the log says why\n")


def test_trying_an_exchange_shows_its_rates_and_stores_nothing(kraken: Server, funding: Call) -> None:
    said = funding("try", "kraken")
    assert said.code == 0
    assert said.lines[1].split()[:5] == ["kraken", "PF_XBTUSD", "+0.0010%", "1h", "+8.76%"]
    assert said.err.startswith("kraken: 1 rates, 1 calls, ")
    assert not Path("funding.db").exists()


def test_trying_says_what_was_unreadable_and_what_was_not_ours(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = answer(PF, {"tag": "month"}, {**PF, "symbol": "PF_X", "relativeFundingRate": 7})
    said = funding("try", "kraken", "--json")
    assert said.code == 0
    assert [row["symbol"] for row in json.loads(said.out)] == ["PF_XBTUSD"]
    assert said.err.splitlines()[1:3] == [
        "unreadable rows: 1 × funding_rate is implausible: 7",
        "rows of another kind, or not listed: 1",
    ]


def test_trying_one_that_fails_is_exit_code_4_with_its_words(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = Answer(200, b"<html>")
    said = funding("try", "kraken")
    assert (said.code, said.out) == (4, "")
    assert said.err.splitlines()[1] == "failed, not_json: rates: not JSON: '<html>'"


def test_trying_one_that_has_nothing_of_ours_is_exit_code_3(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = answer({"tag": "month"})
    assert funding("try", "kraken").code == 3


def test_trying_one_that_is_none_is_wrong_usage(funding: Call) -> None:
    said = funding("try", "krakn")
    assert (said.code, said.err) == (2, "funding: krakn is not an exchange; did you mean kraken?\n")
