"""`funding try --all`, against a server that plays two exchanges."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from funding.fields import known
from tests.cli.conftest import Call
from tests.servers import Answer, Server

KRAKEN = "/futures.kraken.com/derivatives/api/v3/tickers"
PF = {
    **dict.fromkeys(known()["kraken"].always or ()), "tag": "perpetual", "pair": "XBT:USD", "symbol": "PF_XBTUSD",
    "markPrice": 80_000, "indexPrice": 80_000, "openInterest": 2_000, "volumeQuote": 1e6, "relativeFundingRate": 1e-5,
}  # fmt: skip


def tickers(*rows: dict[str, Any]) -> Answer:
    return Answer(body=json.dumps({"result": "success", "tickers": rows}).encode())


@pytest.fixture
def venues(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server({KRAKEN: tickers(PF)}, tls=None) as server:
        monkeypatch.setenv("FUNDING_UPSTREAM", server.url)
        monkeypatch.setenv("FUNDING_EXCHANGES", "kraken")
        yield server


def row(funding: Call) -> dict[str, Any]:
    """The one exchange's row as JSON."""
    [found] = json.loads(funding("try", "--all", "--json").out)
    return dict(found)


def test_every_exchange_is_a_line_and_all_that_are_well_are_exit_code_0(venues: Server, funding: Call) -> None:
    said = funding("try", "--all")
    assert (said.code, said.err) == (0, "1 of 1 exchanges ok, 1 rates\n")
    assert said.lines[0].split() == ["EXCHANGE", "RATES", "BAD", "OLDEST", "CALLS", "TOOK"]
    assert said.lines[1].split()[:6] == ["kraken", "ok", "1", "0", "–", "1"]


def test_one_that_fails_says_why_and_is_exit_code_4(
    venues: Server, funding: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNDING_EXCHANGES", "kraken,okx")
    said = funding("try", "--all")
    assert said.code == 4
    assert said.err == "1 of 2 exchanges ok, 1 rates; failed: okx\n"
    assert said.lines[2].split()[:2] == ["okx", "FAILED"]
    assert "failed, http: instruments: HTTP 404: {}" in said.lines[2]


def test_rows_that_cannot_be_read_are_counted_with_their_reasons(venues: Server, funding: Call) -> None:
    venues.script[KRAKEN] = tickers(PF, {**PF, "symbol": "PF_X", "relativeFundingRate": 7})
    assert row(funding)["unreadable"] == {"funding_rate is implausible: 7": 1}
    line = funding("try", "--all").lines[1]
    assert line.split()[2:4] == ["1", "1"]
    assert line.endswith("unreadable rows: 1 × funding_rate is implausible: 7")


def test_fields_that_are_new_or_gone_are_named(venues: Server, funding: Call) -> None:
    changed = {name: value for name, value in PF.items() if name != "lastTime"} | {"fundingSpread": 1}
    venues.script[KRAKEN] = tickers(changed)
    said = funding("try", "--all")
    assert said.code == 0
    assert said.lines[1].endswith("new fields: fundingSpread; gone: lastTime")
    assert said.err == "1 of 1 exchanges ok, 1 rates; other fields than known: kraken\n"
    assert row(funding)["changed_fields"] == {"new fields": ["fundingSpread"], "gone": ["lastTime"]}
    assert "new fields: fundingSpread" in funding("try", "kraken").err.splitlines()


def test_an_exchange_that_has_nothing_of_ours_is_not_well(venues: Server, funding: Call) -> None:
    venues.script[KRAKEN] = tickers({"tag": "month"})
    assert funding("try", "--all").code == 4
    assert (row(funding)["ok"], row(funding)["not_ours"]) == (False, 1)


@pytest.mark.parametrize("words", [["try"], ["try", "kraken", "--all"]])
def test_either_one_is_named_or_all_are_asked(words: list[str], venues: Server, funding: Call) -> None:
    said = funding(*words)
    assert (said.code, said.err) == (2, "funding: name an exchange, or give --all\n")
    assert venues.seen == []
