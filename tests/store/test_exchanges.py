"""How each exchange stands, from its declaration and its runs."""

from dataclasses import replace

import pytest

from funding.store.exchanges import declare, select_exchanges
from funding.store.runs import save
from tests.store.given import DAY, NOW, OKX, XT, failed, rate, rows, run

NOT_RUN = {
    "id": "xt",
    "title": "XT",
    "kind": "cex",
    "hosts": 2,
    "calls_per_cycle": None,
    "budget": "1 a second",
    "budget_share": None,
    "contracts": 0,
    "last_run_id": None,
    "last_run_at": None,
    "fetch_seconds": None,
    "calls": None,
    "skipped": None,
    "failures": None,
    "notices": None,
    "last_success_at": None,
    "consecutive_failures": 0,
    "last_failure_at": None,
    "last_error_kind": None,
    "last_error": None,
}


def of(conn, name):
    return next(dict(row) for row in select_exchanges(conn) if row["id"] == name)


def test_an_exchange_that_never_ran_is_listed_all_the_same(conn):
    assert of(conn, "xt") == NOT_RUN


def test_a_good_run_shows_what_it_brought(conn):
    save(conn, run(rate(exchange="xt"), exchange="xt", skipped={"no mark": 2}, notices=("the list is old",)))
    assert of(conn, "xt") == NOT_RUN | {
        "contracts": 1,
        "last_run_id": 1,
        "last_run_at": NOW,
        "fetch_seconds": 1.5,
        "calls": 3,
        "skipped": '{"no mark": 2}',
        "failures": "{}",
        "notices": '["the list is old"]',
        "last_success_at": NOW,
    }


def test_failures_are_counted_since_the_last_good_run_whose_contracts_stay(conn):
    save(conn, failed(started_at=NOW - 600))
    save(conn, run(rate(), rate("ETH-USDT-SWAP")))
    save(conn, failed(started_at=NOW + 300, error_kind="dns", error="no such host", took_seconds=0.25))
    save(conn, failed(started_at=NOW + 600, exchange="xt"))
    save(conn, failed(started_at=NOW + 900, took_seconds=20.0))
    found = of(conn, "okx")
    assert (found["contracts"], found["last_success_at"], found["consecutive_failures"]) == (2, NOW, 2)
    assert (found["last_run_id"], found["last_run_at"], found["fetch_seconds"]) == (5, NOW + 900, 20.0)
    assert (found["last_failure_at"], found["last_error_kind"]) == (NOW + 900, "timeout")
    assert of(conn, "xt")["consecutive_failures"] == 1


def test_an_exchange_that_recovered_counts_none_and_still_says_what_it_was(conn):
    save(conn, failed())
    save(conn, run(rate(), started_at=NOW + 300))
    found = of(conn, "okx")
    assert (found["consecutive_failures"], found["last_run_id"], found["last_run_at"]) == (0, 2, NOW + 300)
    assert (found["last_failure_at"], found["last_error"]) == (NOW, "www.okx.com: no answer within 20 s")


def test_the_contracts_counted_are_those_of_current(conn):
    save(conn, run(rate("OLD-USDT-SWAP"), rate()))
    save(conn, run(started_at=NOW + 300))
    assert of(conn, "okx")["contracts"] == 2
    save(conn, run(rate(observed_at=NOW + 2 * DAY), started_at=NOW + 2 * DAY))
    assert of(conn, "okx")["contracts"] == 1


def test_declaring_again_takes_what_is_new_and_leaves_out_what_is_gone(conn):
    save(conn, run(rate()))
    declare(conn, [replace(XT, title="XT.COM", calls_per_cycle=4, budget_share=0.5)])
    assert [dict(row) for row in select_exchanges(conn)] == [
        NOT_RUN | {"title": "XT.COM", "calls_per_cycle": 4, "budget_share": 0.5}
    ]
    assert rows(conn, "SELECT symbol FROM contract") == [("BTC-USDT-SWAP",)]
    declare(conn, [OKX, XT])
    assert [(row["id"], row["contracts"]) for row in select_exchanges(conn)] == [("okx", 1), ("xt", 0)]


@pytest.mark.parametrize(("state", "index"), [("IS NULL", "run_good"), ("IS NOT NULL", "run_failed")])
def test_the_last_run_of_each_state_is_one_seek_however_many_there_are(conn, state, index):
    plan = rows(conn, f"EXPLAIN QUERY PLAN SELECT max(id) FROM run WHERE exchange = 'okx' AND error_kind {state}")
    assert len(plan) == 1
    assert plan[0][3].startswith("SEARCH run") and f"INDEX {index} " in plan[0][3]
