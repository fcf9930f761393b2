"""What a run leaves in the database."""

import json

import pytest

from funding.errors import StoreError
from funding.store.exchanges import Declaration, declare, newest_run
from funding.store.runs import Contracts, save
from tests.store.given import NOW, OKX, XT, failed, rate, rows, run

FULL = rate(
    "PEPE-USDT-SWAP",
    base="1000PEPE",
    asset="PEPE",
    asset_class="crypto",
    multiplier=1000,
    settle="USDT",
    rate_kind="fixed",
    funding_interval_hours=8,
    interval_source="documented",
    next_funding_time=NOW + 60,
    next_funding_source="derived",
    last_settled_rate=-0.0002,
    last_settled_at=NOW - 3600,
    funding_rate_cap=0.02,
    funding_rate_floor=-0.03,
    mark_price=0.0123,
    index_price=0.0122,
    open_interest_usd=1e6,
    volume_24h_usd=2e6,
    exchange_at=NOW - 1,
)
LATEST = "SELECT contract_id, funding_rate, observed_at FROM latest ORDER BY contract_id"


def test_every_field_of_a_rate_is_stored_in_its_column(conn):
    assert save(conn, run(FULL)) == 1
    assert rows(conn, "SELECT * FROM contract") == [
        (1, "okx", "PEPE-USDT-SWAP", "1000PEPE", "PEPE", "crypto", 1000.0, "USDT", "USDT", "linear", NOW)
    ]
    assert [dict(row) for row in conn.execute("SELECT * FROM latest")] == [
        {
            "contract_id": 1,
            "observed_at": NOW,
            "exchange_at": NOW - 1,
            "funding_rate": 0.0001,
            "rate_kind": "fixed",
            "funding_interval_hours": 8.0,
            "interval_source": "documented",
            "next_funding_time": NOW + 60,
            "next_funding_source": "derived",
            "last_settled_rate": -0.0002,
            "last_settled_at": NOW - 3600,
            "funding_rate_cap": 0.02,
            "funding_rate_floor": -0.03,
            "mark_price": 0.0123,
            "index_price": 0.0122,
            "open_interest_usd": 1e6,
            "volume_24h_usd": 2e6,
        }
    ]


def test_every_figure_that_is_gone_in_the_next_run_is_unknown_again(conn):
    save(conn, run(FULL))
    bare = rate("PEPE-USDT-SWAP", observed_at=NOW + 300, funding_rate=0.0003)
    save(conn, run(bare, started_at=NOW + 300))
    found = dict(conn.execute("SELECT * FROM latest").fetchone())
    known = {"contract_id": 1, "observed_at": NOW + 300, "funding_rate": 0.0003, "rate_kind": "predicted"}
    assert found == dict.fromkeys(found) | known


def test_a_run_is_stored_with_all_that_it_says_of_itself(conn):
    save(conn, run(rate(), not_ours=7, skipped={"no mark": 2}, failures={"timeout": 1}, notices=("the list is old",)))
    assert [dict(row) for row in conn.execute("SELECT * FROM run")] == [
        {
            "id": 1,
            "exchange": "okx",
            "started_at": NOW,
            "took_seconds": 1.5,
            "calls": 3,
            "rows": 1,
            "not_ours": 7,
            "skipped": '{"no mark": 2}',
            "failures": '{"timeout": 1}',
            "notices": '["the list is old"]',
            "error_kind": None,
            "error": None,
        }
    ]


def test_a_failed_run_leaves_its_row_and_the_last_good_rates(conn):
    save(conn, run(rate()))
    before = rows(conn, LATEST), rows(conn, "SELECT * FROM contract")
    assert save(conn, failed(rates=(rate(funding_rate=0.5), rate("NEW-USDT-SWAP")))) == 2
    assert (rows(conn, LATEST), rows(conn, "SELECT * FROM contract")) == before
    assert rows(conn, "SELECT rows, error_kind, error FROM run WHERE id = 2") == [
        (0, "timeout", "www.okx.com: no answer within 20 s")
    ]


def test_an_older_observation_does_not_replace_a_newer_one(conn):
    save(conn, run(rate(funding_rate=0.0002), rate("ETH-USDT-SWAP")))
    older = [rate(funding_rate=0.0005, observed_at=NOW - 1), rate("ETH-USDT-SWAP", funding_rate=0.0006)]
    save(conn, run(*older, started_at=NOW - 1))
    assert rows(conn, LATEST) == [(1, 0.0002, NOW), (2, 0.0006, NOW)]


def test_an_observation_from_the_future_does_not_hold_up_what_comes_after_the_clock_was_set_right(conn):
    ahead = NOW + 10_000_000
    save(conn, run(rate(observed_at=ahead), started_at=ahead), clock=lambda: ahead)
    save(conn, run(rate(funding_rate=0.0003, observed_at=NOW)), clock=lambda: NOW)
    assert rows(conn, LATEST) == [(1, 0.0003, NOW)]


@pytest.mark.parametrize("known", [None, {}])
def test_a_contract_keeps_its_id_and_what_is_new_of_it_is_taken(conn, known):
    save(conn, run(rate(), rate("ETH-USDT-SWAP")), known=known)
    changed = rate("ETH-USDT-SWAP", settle="USDT", asset="ETHEREUM", observed_at=NOW + 300)
    save(conn, run(changed, rate("ADA-USDT-SWAP"), started_at=NOW + 300), known=known)
    save(conn, run(changed, rate(), started_at=NOW + 600), known=known)
    assert rows(conn, "SELECT id, symbol, asset, settle, first_seen_at FROM contract ORDER BY id") == [
        (1, "BTC-USDT-SWAP", "BTC", None, NOW),
        (2, "ETH-USDT-SWAP", "ETHEREUM", "USDT", NOW),
        (3, "ADA-USDT-SWAP", "ADA", None, NOW + 300),
    ]


def test_a_contract_that_is_known_and_unchanged_is_not_written_again(conn):
    conn.execute("CREATE TEMP TABLE wrote (symbol TEXT)")
    for event in ("INSERT", "UPDATE"):
        conn.execute(
            f"CREATE TEMP TRIGGER t{event} AFTER {event} ON contract BEGIN INSERT INTO wrote VALUES (new.symbol); END"
        )
    known: dict[str, Contracts] = {}
    for _ in range(3):
        save(conn, run(rate(multiplier=1), rate("ETH-USDT-SWAP")), known=known)
    save(conn, run(rate(), rate("ETH-USDT-SWAP")))  # by one that has to read what is known
    assert rows(conn, "SELECT symbol FROM wrote") == [("BTC-USDT-SWAP",), ("ETH-USDT-SWAP",)]


def test_what_was_rolled_back_is_not_known(conn):
    known: dict[str, Contracts] = {}
    save(conn, run(rate()), known=known)
    broken = run(rate("ETH-USDT-SWAP"), rate("ADA-USDT-SWAP", observed_at=None))
    with pytest.raises(StoreError, match="okx: ADA-USDT-SWAP without observed_at"):
        save(conn, broken, known=known)
    save(conn, run(rate("XRP-USDT-SWAP"), rate("ETH-USDT-SWAP")), known=known)
    assert rows(conn, "SELECT id, symbol FROM contract JOIN latest ON contract_id = id ORDER BY id") == [
        (1, "BTC-USDT-SWAP"),
        (2, "XRP-USDT-SWAP"),
        (3, "ETH-USDT-SWAP"),
    ]
    assert rows(conn, "SELECT count(*) FROM run") == [(2,)]


def test_two_exchanges_may_have_the_same_symbol(conn):
    known: dict[str, Contracts] = {}
    save(conn, run(rate()), known=known)
    save(conn, run(rate(exchange="xt", funding_rate=0.0007), exchange="xt"), known=known)
    assert rows(conn, LATEST) == [(1, 0.0001, NOW), (2, 0.0007, NOW)]


def test_a_symbol_that_comes_twice_is_one_contract_and_the_last_counts(conn):
    save(conn, run(rate(), rate(funding_rate=0.0009)))
    assert rows(conn, LATEST) == [(1, 0.0009, NOW)]


def test_the_words_of_an_exchange_are_one_printable_line_of_at_most_500_characters(conn):
    nasty = "\x1b[31mHTTP 500\n<b>\x00" + "\ud800" + "x" * 600
    save(conn, failed(error=nasty, notices=(nasty,)))
    error, notices = rows(conn, "SELECT error, notices FROM run")[0]
    assert error == " [31mHTTP 500 <b>  " + "x" * 481
    assert json.loads(notices) == [error]


def test_of_very_many_reasons_the_most_frequent_are_kept_and_the_sum_stays_true(conn):
    skipped = {f"reason {number}": number for number in range(1, 31)}
    save(conn, run(rate(), skipped=skipped))
    stored = json.loads(rows(conn, "SELECT skipped FROM run")[0][0])
    assert stored == {f"reason {number}": number for number in range(30, 10, -1)} | {"other reasons": 55}


def test_a_run_of_an_exchange_that_was_not_declared_is_refused(conn):
    with pytest.raises(StoreError, match="aevo: a run of an exchange that was not declared"):
        save(conn, run(exchange="aevo"))
    declare(conn, [OKX, XT, Declaration("aevo", "Aevo", "dex", 1, 1, "5 a second")])
    assert save(conn, run(exchange="aevo")) == 1


def test_the_newest_run_is_of_any_exchange_good_or_bad(conn):
    assert newest_run(conn) is None
    save(conn, run(rate()))
    save(conn, failed(exchange="xt"))
    assert newest_run(conn) == 2
