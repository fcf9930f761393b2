"""What was charged: history over observation, and nothing that was known is lost."""

from dataclasses import astuple, replace

import pytest

from funding.errors import StoreError
from funding.store.runs import save
from funding.store.settlements import Charged, save_settlements, select_settlements
from tests.store.given import NOW, rate, rows, run

SEEN = Charged(1, NOW, 0.0001, 8.0, 60_000.0, "observed", 0.0002, 0.0003, 0.0004)
TOLD = Charged(1, NOW, 0.00015, None, None, "venue")
MERGED = (1, NOW, 0.00015, 8.0, 60_000.0, "venue", 0.0002, 0.0003, 0.0004)


@pytest.fixture
def filled(conn):
    save(conn, run(rate(), rate("ETH-USDT-SWAP")))
    return conn


def stored(conn):
    return rows(conn, "SELECT * FROM settlement ORDER BY contract_id, funding_time")


@pytest.mark.parametrize("order", [(SEEN, TOLD), (TOLD, SEEN), (SEEN, TOLD, SEEN, TOLD)])
def test_in_either_order_history_counts_and_the_observations_figures_stay(filled, order):
    for one in order:
        save_settlements(filled, [one])
    assert stored(filled) == [MERGED]


def test_what_history_says_of_interval_and_price_counts_too(filled):
    save_settlements(filled, [SEEN, replace(TOLD, interval_hours=4.0, mark_price=61_000.0), SEEN])
    assert stored(filled) == [(1, NOW, 0.00015, 4.0, 61_000.0, "venue", 0.0002, 0.0003, 0.0004)]


def test_of_two_of_one_source_the_later_counts(filled):
    save_settlements(filled, [SEEN, replace(SEEN, rate=0.0009, predicted_10m=None)])
    assert stored(filled) == [astuple(replace(SEEN, rate=0.0009))]


def test_saving_twice_changes_nothing(filled):
    for _ in range(2):
        save_settlements(filled, [SEEN, replace(SEEN, contract_id=2), replace(SEEN, funding_time=NOW + 3600)])
    assert stored(filled) == [
        astuple(SEEN),
        astuple(replace(SEEN, funding_time=NOW + 3600)),
        astuple(replace(SEEN, contract_id=2)),
    ]


def test_a_span_holds_its_start_and_not_its_end_by_contract_and_time(filled):
    times = [NOW + hours * 3600 for hours in range(4)]
    save_settlements(
        filled, [replace(SEEN, contract_id=one, funding_time=at) for at in reversed(times) for one in (2, 1)]
    )
    found = select_settlements(filled, [1, 2], times[1], times[3])
    assert [(row["contract_id"], row["funding_time"]) for row in found] == [
        (1, times[1]),
        (1, times[2]),
        (2, times[1]),
        (2, times[2]),
    ]
    assert [row["funding_time"] for row in select_settlements(filled, [2], times[3], times[3] + 1)] == [times[3]]


@pytest.mark.parametrize("wrong", [replace(SEEN, contract_id=9), replace(SEEN, source="guess")])
def test_one_that_breaks_a_rule_of_the_schema_stores_none(filled, wrong):
    with pytest.raises(StoreError, match="what was to be stored breaks a rule of the schema"):
        save_settlements(filled, [SEEN, wrong])
    assert stored(filled) == []
