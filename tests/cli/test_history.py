"""What the loop keeps of a cycle beside the rates: against a server that plays Kraken."""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from funding.store.observations import save_observations, select_observations
from funding.store.open import reader, writer
from funding.store.packing import Observation
from tests.cli.conftest import Call
from tests.cli.test_collecting import PF, TICKERS
from tests.servers import Answer, Server

TWO = [PF, {**PF, "symbol": "PF_ETHUSD", "pair": "ETH:USD", "relativeFundingRate": 0.00002}]


@pytest.fixture(autouse=True)
def kraken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    body = json.dumps({"result": "success", "tickers": TWO}).encode()
    with Server({TICKERS: Answer(body=body)}, tls=None) as server:
        monkeypatch.setenv("FUNDING_UPSTREAM", server.url)
        monkeypatch.setenv("FUNDING_EXCHANGES", "kraken")
        yield server


def observed() -> list[Observation]:
    with closing(reader("funding.db")) as conn:
        return list(select_observations(conn, [1, 2], 0, 4_000_000_000))


def test_a_cycle_leaves_what_was_quoted(funding: Call) -> None:
    funding("migrate")
    funding("collect", "--once")
    with closing(sqlite3.connect("funding.db")) as conn:
        stored = conn.execute(
            """
            SELECT contract_id, observed_at, funding_rate, funding_interval_hours, next_funding_time
            FROM latest ORDER BY contract_id
            """
        ).fetchall()
        assert conn.execute("SELECT count(*) FROM observation").fetchone() == (1,)
    assert observed() == stored
    assert [one.rate for one in observed()] == [0.00001, 0.00002]


def test_a_failed_run_leaves_none(kraken: Server, funding: Call) -> None:
    kraken.script[TICKERS] = Answer(500)
    funding("migrate")
    funding("collect", "--once")
    assert observed() == []


def test_a_cycle_merges_an_hour_that_is_over_and_takes_out_what_is_old(funding: Call) -> None:
    funding("migrate")
    now = int(time.time())
    with closing(writer("funding.db")) as conn:
        for at in (now - 31 * 86_400, now - 7200):
            save_observations(conn, at, [Observation(1, at, 0.5, 1.0, None)])
    funding("collect", "--once")
    with closing(sqlite3.connect("funding.db")) as conn:
        assert conn.execute("SELECT hour FROM observation_hour").fetchall() == [((now - 7200) // 3600 * 3600,)]
        assert conn.execute("SELECT count(*) FROM observation").fetchone() == (1,)
    assert observed()[0].observed_at == now - 7200


def test_a_cycle_that_cannot_be_kept_is_said_and_the_rates_are_stored(
    funding: Call, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    funding("migrate")
    with closing(sqlite3.connect("funding.db")) as conn:
        conn.execute("CREATE TRIGGER full BEFORE INSERT ON observation BEGIN SELECT RAISE(ABORT, 'no'); END")
    assert funding("collect", "--once").code == 0
    with closing(sqlite3.connect("funding.db")) as conn:
        assert conn.execute("SELECT count(*) FROM latest").fetchone() == (2,)
    assert [message.split(":")[0] for message in caplog.messages] == ["history"]
    assert "nothing of this was stored" in caplog.text
