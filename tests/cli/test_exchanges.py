"""`funding exchanges`, and what a cycle is said to cost."""

import json
from typing import Any

import pytest

from funding.adapter import HOUR, Budget, Call, Exchange, load, per_second, weight, window
from funding.cli.cost import budget_share, budget_words, calls_per_cycle, declaration
from funding.rate import Rate
from tests.cli.conftest import Call as Funding

URL = "https://venue.example"
RATES = Call("rates", f"{URL}/rates")
TEN_A_SECOND = per_second(10)
INTERVAL = 300


def venue(*calls: Call, budget: Budget = TEN_A_SECOND) -> Exchange:
    def parse(row: Any, tables: Any) -> Rate | None:
        return None

    return Exchange("Venue", "cex", budget, calls, parse)


def test_the_list_needs_no_database_and_has_every_exchange(funding: Funding) -> None:
    said = funding("exchanges", "--json")
    assert (said.code, said.err) == (0, "")
    rows = {row["exchange"]: row for row in json.loads(said.out)}
    assert list(rows) == list(load())
    kraken = rows["kraken"]
    assert kraken == {
        "exchange": "kraken",
        "title": "Kraken Futures",
        "kind": "cex",
        "rate_kind": "fixed",
        "calls_per_cycle": 1,
        "budget": "5 a second",
        "budget_share": 0.0007,
        "hosts": ["futures.kraken.com"],
        "history": True,
    }
    assert rows["cryptocom"]["calls_per_cycle"] == 398  # one a contract, a list an hour, the tickers


def test_the_table_fits_a_hundred_letters(funding: Funding) -> None:
    said = funding("exchanges")
    assert said.lines[0].split() == ["EXCHANGE", "TITLE", "KIND", "RATE", "CALLS", "BUDGET", "USED", "HISTORY"]
    assert len(said.lines) == 1 + len(load())
    assert max(map(len, said.lines)) <= 100


@pytest.mark.parametrize(
    ("calls", "count"),
    [
        ((RATES,), 1),
        ((Call("rates", URL + "/{x}", each=("a", "b")),), 2),
        ((RATES, Call("tickers", URL, key="s", good_for=HOUR)), 2),  # 1 1/12, and no part of a call is asked
        ((RATES, Call("tickers", URL + "/{x}", key="s", good_for=HOUR, each=tuple("abcdefghijkl"))), 2),
        ((RATES, Call("tickers", URL, key="s", good_for=30)), 2),
        ((RATES, Call("tickers", URL + "/{x}", key="s", each=lambda tables: [], about=24, good_for=HOUR)), 3),
        ((RATES, Call("tickers", URL + "/{x}", key="s", each=lambda tables: [], about=90, at_most=40)), 41),
    ],
)
def test_calls_of_a_cycle(calls: tuple[Call, ...], count: int) -> None:
    assert calls_per_cycle(venue(*calls), INTERVAL) == count


def test_the_share_is_that_of_the_busiest_host() -> None:
    heavy = venue(Call("rates", URL, weight=20), budget=weight(1200, 60))
    assert budget_share(heavy, INTERVAL) == round(20 / 6000, 4)
    two_hosts = venue(Call("rates", "https://{host}/rates", each=("a.example", "b.example")), budget=window(1, 1))
    assert budget_share(two_hosts, INTERVAL) == round(1 / 300, 4)


def test_budgets_in_words() -> None:
    assert budget_words(venue(RATES, budget=window(10, 2))) == "10 in 2 s"
    assert budget_words(venue(RATES, budget=per_second(50))) == "50 a second"
    assert budget_words(venue(Call("rates", URL, weight=20), budget=weight(1200, 60))) == "weight 1200 in 60 s"


@pytest.mark.parametrize("name", load())
def test_every_exchange_can_be_declared_and_a_cycle_stays_within_half_of_its_budget(name: str) -> None:
    declared = declaration(name, load()[name], INTERVAL)
    assert declared.hosts >= 1
    assert declared.budget_share is not None
    assert declared.budget_share <= 0.5
