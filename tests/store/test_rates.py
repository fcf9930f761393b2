"""What stands in "current", and what does not."""

from dataclasses import fields

import pytest

from funding.rate import Rate
from funding.store.exchanges import declare
from funding.store.rates import COLUMNS, select_columns, select_current
from funding.store.runs import save
from tests.store.given import DAY, NOW, OKX, XT, failed, rate, run
from tests.store.test_runs import FULL


def current(conn, **wanted):
    return [f"{row['exchange']}:{row['symbol']}" for row in select_current(conn, **wanted)]


def test_a_row_has_every_field_of_the_rate_that_was_saved(conn):
    save(conn, run(FULL))
    row = dict(next(select_current(conn)))
    assert row == {f.name: getattr(FULL, f.name) for f in fields(Rate)} | {"contract_id": 1, "last_seen_at": NOW}


def test_rows_come_by_exchange_and_symbol(conn):
    save(conn, run(rate(exchange="xt"), exchange="xt"))
    save(conn, run(rate("ETH-USDT-SWAP"), rate("ADA-USDT-SWAP")))
    assert current(conn) == ["okx:ADA-USDT-SWAP", "okx:ETH-USDT-SWAP", "xt:BTC-USDT-SWAP"]


def test_an_exchange_that_fails_keeps_its_rows_however_long(conn):
    save(conn, run(rate()))
    save(conn, failed(started_at=NOW + 30 * DAY))
    assert current(conn) == ["okx:BTC-USDT-SWAP"]


@pytest.mark.parametrize(("later", "listed"), [(300, True), (DAY - 1, True), (DAY, False), (7 * DAY, False)])
def test_a_contract_that_good_runs_lack_is_gone_after_a_day_and_not_before(conn, later, listed):
    save(conn, run(rate("OLD-USDT-SWAP"), rate()))
    save(conn, run(rate(observed_at=NOW + later), started_at=NOW + later))
    assert current(conn) == ["okx:BTC-USDT-SWAP"] + ["okx:OLD-USDT-SWAP"] * listed


def test_a_contract_that_is_listed_again_is_back_under_its_old_id(conn):
    save(conn, run(rate("OLD-USDT-SWAP"), rate()))
    save(conn, run(rate(observed_at=NOW + 2 * DAY), started_at=NOW + 2 * DAY))
    save(conn, run(rate("OLD-USDT-SWAP", observed_at=NOW + 3 * DAY), started_at=NOW + 3 * DAY))
    assert [(row["symbol"], row["contract_id"]) for row in select_current(conn)] == [("OLD-USDT-SWAP", 1)]


def test_an_exchange_asked_for_a_part_at_a_time_shows_all_its_contracts(conn):
    parts = [rate(f"T{number}-USDT-SWAP", observed_at=NOW + 300 * number) for number in range(5)]
    for number, part in enumerate(parts):
        save(conn, run(part, started_at=NOW + 300 * number))
    assert current(conn) == [f"okx:T{number}-USDT-SWAP" for number in range(5)]


def test_an_exchange_that_is_no_longer_declared_is_not_shown_until_it_is_again(conn):
    save(conn, run(rate()))
    save(conn, run(rate(exchange="xt"), exchange="xt"))
    declare(conn, [XT])
    assert current(conn) == ["xt:BTC-USDT-SWAP"]
    declare(conn, [OKX, XT])
    assert current(conn) == ["okx:BTC-USDT-SWAP", "xt:BTC-USDT-SWAP"]


FILTERS = [
    ({}, ["okx:ADA-USDT", "okx:BTC-USD", "okx:BTC-USDT", "xt:BTC-USDT"]),
    ({"exchanges": ["xt"]}, ["xt:BTC-USDT"]),
    ({"exchanges": ("xt", "okx"), "symbols": ("BTC-USDT",)}, ["okx:BTC-USDT", "xt:BTC-USDT"]),
    ({"assets": ("ADA", "DOGE")}, ["okx:ADA-USDT"]),
    ({"quotes": ("USD",)}, ["okx:BTC-USD"]),
    ({"kind": "inverse"}, ["okx:BTC-USD"]),
    ({"interval_hours": (1, 4.0)}, ["okx:ADA-USDT", "xt:BTC-USDT"]),
    ({"min_volume_usd": 100}, ["okx:ADA-USDT", "okx:BTC-USDT"]),
    ({"min_volume_usd": 0}, ["okx:ADA-USDT", "okx:BTC-USD", "okx:BTC-USDT"]),
    ({"min_open_interest_usd": 50.5}, ["okx:BTC-USDT"]),
    ({"assets": ("BTC",), "min_volume_usd": 1, "exchanges": ("okx",)}, ["okx:BTC-USD", "okx:BTC-USDT"]),
    ({"symbols": ("' OR 1=1 --",)}, []),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
def test_each_filter_keeps_its_rows_and_they_add_up(conn, wanted, expected):
    save(
        conn,
        run(
            rate("BTC-USDT", volume_24h_usd=1000.0, open_interest_usd=50.5, funding_interval_hours=8),
            rate("BTC-USD", quote="USD", kind="inverse", volume_24h_usd=1.0, open_interest_usd=50.4),
            rate("ADA-USDT", volume_24h_usd=100.0, funding_interval_hours=4),
        ),
    )
    save(conn, run(rate("BTC-USDT", exchange="xt", funding_interval_hours=1), exchange="xt"))
    assert current(conn, **wanted) == expected


def test_contracts_are_found_by_their_ids(conn):
    save(conn, run(rate("ADA-USDT-SWAP"), rate("BTC-USDT-SWAP"), rate("ETH-USDT-SWAP")))
    ids = {row["symbol"]: row["contract_id"] for row in select_current(conn)}
    assert current(conn, contract_ids=[ids["ETH-USDT-SWAP"], ids["ADA-USDT-SWAP"], 99]) == [
        "okx:ADA-USDT-SWAP",
        "okx:ETH-USDT-SWAP",
    ]


def test_some_columns_are_those_of_the_whole_rows_of_the_same_contracts(conn):
    save(conn, run(rate("OLD-USDT-SWAP"), FULL))
    save(conn, run(FULL, rate("ADA-USDT-SWAP"), started_at=NOW + 2 * DAY))
    save(conn, run(rate(exchange="xt"), exchange="xt"))
    conn.execute("UPDATE latest SET observed_at = observed_at + 2 * 86400 WHERE contract_id > 1")
    whole = list(select_current(conn))
    assert [row["symbol"] for row in whole] == ["ADA-USDT-SWAP", FULL.symbol, "BTC-USDT-SWAP"]
    assert list(select_columns(conn, *COLUMNS)) == [tuple(row[name] for name in COLUMNS) for row in whole]
    assert list(select_columns(conn, "symbol", "contract_id")) == [(row["symbol"], row["contract_id"]) for row in whole]
