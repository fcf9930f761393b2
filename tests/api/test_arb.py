"""/api/funding/arb over a small stored market: every figure by hand."""

import csv
import io
from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.arb import FIELDS, LEG_FIELDS
from funding.analysis.fees import AS_OF
from funding.api.database import LATE_SECONDS
from funding.store.settlements import Charged, save_settlements
from tests.api.conftest import Ticks
from tests.api.market import DAY, EIGHT, HOUR, STALE, charge, fill, number_of
from tests.api.stored import NEXT, NOW, Stored

ARB = "/api/funding/arb"
LEFT_OUT = "4 rows left out: 1 of unknown interval, 1 stale, 1 suspect, 1 without known fees"
FEES_OF_ACME = "the fees of acme are not known: give your own, or ask without fees"


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def pairs(client: TestApp, query: str = "") -> list[tuple[Any, ...]]:
    rows = client.get(f"{ARB}?{query}").json["rows"]
    return [
        (row["asset"], row["short"]["exchange"], row["long"]["exchange"], row["net_annualized_pct"]) for row in rows
    ]


def test_a_pair_in_full(client: TestApp) -> None:
    answer = client.get(f"{ARB}?base=btc").json
    [row] = answer.pop("rows")
    assert answer == {
        "fetched_at": NOW,
        "count": 1,
        "total": 1,
        "notices": [STALE, "2 rows left out: 1 stale, 1 without known fees", FEES_OF_ACME],
    }
    assert (tuple(row), tuple(row["long"])) == (FIELDS, LEG_FIELDS)
    assert row == {
        "asset": "BTC",
        "long": {
            "exchange": "okx", "symbol": "BTC-USDT-SWAP", "funding_rate": 0.0001, "funding_interval_hours": 8.0,
            "annualized_pct": 10.95, "rate_kind": "fixed", "next_funding_time": NEXT, "mark_price": 80_000.0,
            "open_interest_usd": 2e9, "volume_24h_usd": 5e9, "taker_fee_pct": 0.05,
        },
        "short": {
            "exchange": "bybit", "symbol": "BTCUSDT", "funding_rate": 0.0004, "funding_interval_hours": 8.0,
            "annualized_pct": 43.8, "rate_kind": "predicted", "next_funding_time": NEXT, "mark_price": 80_080.0,
            "open_interest_usd": 3e9, "volume_24h_usd": 4e9, "taker_fee_pct": 0.055,
        },
        "spread_8h_pct": 0.03,  # 0.04 - 0.01
        "gross_annualized_pct": 32.85,
        "fees_pct": 0.21,  # 2 × (0.05 + 0.055)
        "net_annualized_pct": 21.9,  # 32.85 - 0.21 × 8760 / 168
        "breakeven_hours": 56.0,  # 7 × 8 h at 0.03
        "entry_price_gap_pct": 0.1,
        "min_volume_24h_usd": 4e9,
        "min_open_interest_usd": 2e9,
        "interval_mismatch": False,
        "settled_spread_7d_pct": None,
        "settled_spread_30d_pct": None,
        "settled_spread_daily_pct": [None] * 7,
        "days_positive_7d": None,
        "alive_since_at": None,
        "fee_model": f"default {AS_OF}",
    }  # fmt: skip


def test_the_best_pair_of_each_asset_the_highest_net_first_and_what_was_left_out(client: TestApp) -> None:
    assert pairs(client) == [("ETH", "bybit", "okx", 32.85), ("BTC", "bybit", "okx", 21.9)]
    assert client.get(ARB).json["notices"] == [STALE, LEFT_OUT, FEES_OF_ACME]


def test_what_was_settled_on_both_legs_tells_how_long_it_has_been_so(stored: Stored, client: TestApp) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 40)
    charge(stored, "bybit", "BTCUSDT", 0.0003, 40)
    [row] = client.get(f"{ARB}?base=BTC").json["rows"]
    assert row["settled_spread_7d_pct"] == 0.42  # 21 × 0.02
    assert row["settled_spread_30d_pct"] == 1.8  # 90 × 0.02
    assert row["settled_spread_daily_pct"] == [0.06] * 7
    assert row["days_positive_7d"] == 7
    assert row["alive_since_at"] == EIGHT - 31 * DAY - 8 * HOUR  # as far as it is looked back


def test_a_day_of_which_a_settlement_is_missing_has_no_spread(stored: Stored, client: TestApp) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 40)
    charge(stored, "bybit", "BTCUSDT", 0.0003, 40)
    missing = EIGHT - 2 * DAY - 8 * HOUR
    number = number_of(stored, "bybit", "BTCUSDT")
    stored.connection.execute("DELETE FROM settlement WHERE contract_id = ? AND funding_time = ?", (number, missing))
    [row] = client.get(f"{ARB}?base=BTC").json["rows"]
    assert row["settled_spread_daily_pct"] == [0.06, 0.06, 0.06, 0.06, None, 0.06, 0.06]
    assert (row["settled_spread_7d_pct"], row["days_positive_7d"]) == (None, None)


def test_the_last_day_ends_with_what_was_charged_a_quarter_of_an_hour_ago(
    stored: Stored, client: TestApp, ticks: Ticks
) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 40)
    charge(stored, "bybit", "BTCUSDT", 0.0003, 40)
    latest = Charged(number_of(stored, "bybit", "BTCUSDT"), EIGHT, 0.0013, 8.0, None, "venue")
    save_settlements(stored.connection, [latest])
    assert client.get(f"{ARB}?base=BTC").json["rows"][0]["settled_spread_daily_pct"] == [0.06] * 7
    ticks.go_on(895)
    assert client.get(f"{ARB}?base=BTC").json["rows"][0]["settled_spread_daily_pct"] == [*[0.06] * 6, 0.16]


def test_another_interval_is_said_and_the_figures_are_of_the_same_length(client: TestApp) -> None:
    [row] = client.get(f"{ARB}?base=ETH").json["rows"]
    assert row["interval_mismatch"] is True
    assert (row["spread_8h_pct"], row["breakeven_hours"]) == (0.04, 42.0)
    assert (row["min_open_interest_usd"], row["entry_price_gap_pct"]) == (None, 0.0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("min_yield=30", [("ETH", "bybit", "okx", 32.85)]),
        ("min_volume=3e9", [("BTC", "bybit", "okx", 21.9)]),
        ("min_open_interest=1", [("BTC", "bybit", "okx", 21.9)]),
        ("exchange=deribit", [("BTC", "bybit", "deribit", 16.8942857143)]),
        ("exchange=okx,deribit", []),
        ("exclude_exchange=okx", [("BTC", "bybit", "deribit", 16.8942857143)]),
        ("kind=linear&base=BTC&exchange=bybit", [("BTC", "bybit", "okx", 21.9)]),
        ("kind=inverse", []),
        ("search=btc", [("BTC", "bybit", "okx", 21.9)]),
        ("search=OKX+eth", [("ETH", "bybit", "okx", 32.85)]),
        ("search=deribit", []),
        ("search=deribit&pairs=all", [("BTC", "bybit", "deribit", 16.8942857143)]),
        ("quote=usdt&base=xbt", [("BTC", "bybit", "okx", 21.9)]),
        ("holding_hours=336&base=BTC", [("BTC", "bybit", "okx", 27.375)]),
        ("fees=none&base=BTC", [("BTC", "acme", "okx", 98.55)]),
        ("fee_pct=acme:0.05&base=BTC", [("BTC", "acme", "okx", 88.1214285714)]),
        ("fee_pct=okx:0,bybit:0&base=BTC", [("BTC", "bybit", "okx", 32.85)]),
        ("limit=1&offset=1", [("BTC", "bybit", "okx", 21.9)]),
        ("sort=asset", [("BTC", "bybit", "okx", 21.9), ("ETH", "bybit", "okx", 32.85)]),
    ],
)
def test_what_may_be_asked_for(query: str, found: list[tuple[Any, ...]], client: TestApp) -> None:
    assert pairs(client, query) == found


def test_all_pairs_of_an_asset_may_be_asked_for(client: TestApp) -> None:
    assert pairs(client, "pairs=all&base=BTC&fees=none&exclude_exchange=acme") == [
        ("BTC", "bybit", "okx", 32.85),
        ("BTC", "bybit", "deribit", 26.28),
        ("BTC", "deribit", "okx", 6.57),
    ]


def test_ones_own_fees_are_named(client: TestApp) -> None:
    [row] = client.get(f"{ARB}?base=BTC&fee_pct=okx:0.02").json["rows"]
    assert (row["fee_model"], row["fees_pct"]) == (f"default {AS_OF}, own okx 0.02", 0.15)


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("exchange=okex", "exchange", "okex is not an exchange collected here; did you mean okx?"),
        ("exclude_exchange=gate", "exclude_exchange", "gate is not an exchange collected here"),
        ("fee_pct=gate:0", "fee_pct", "gate is not an exchange collected here"),
        ("fee_pct=okx", "fee_pct", "is not a list of exchange:per cent, each up to 10, such as okx:0.05"),
        ("fee_pct=okx:11", "fee_pct", "is not a list of exchange:per cent, each up to 10, such as okx:0.05"),
        ("holding_hours=0", "holding_hours", "is not a number from 0.016 to 8760"),
        ("limit=1001", "limit", "is not a whole number from 1 to 1000"),
        ("sort=long", "sort", "may not be long"),
        ("sort=settled_spread_daily_pct", "sort", "may not be settled_spread_daily_pct"),
        ("kind=quanto", "kind", "may not be quanto; it is one of linear, inverse"),
        ("search=", "search", "is not one word or more, together at most 80 characters"),
        ("min_yeild=1", "min_yeild", "is not a parameter of this path; did you mean min_yield?"),
    ],
)
def test_what_is_wrong_is_named(query: str, parameter: str, detail: str, client: TestApp) -> None:
    [error] = client.get(f"{ARB}?{query}", status=400).json["errors"]
    assert error["parameter"] == parameter
    assert error["detail"].startswith(detail)


def test_in_csv_a_leg_is_its_json(client: TestApp) -> None:
    head, row = csv.reader(io.StringIO(client.get(f"{ARB}.csv?base=BTC").text))
    assert tuple(head) == FIELDS
    assert row[1].startswith('{"exchange":"okx","symbol":"BTC-USDT-SWAP"')
    assert row[FIELDS.index("net_annualized_pct")] == "21.9"


def test_in_csv_a_list_is_its_json(stored: Stored, client: TestApp) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 3)
    charge(stored, "bybit", "BTCUSDT", 0.0003, 3)
    head, row = csv.reader(io.StringIO(client.get(f"{ARB}.csv?base=BTC&fields=asset,settled_spread_daily_pct").text))
    assert (head, row) == (["asset", "settled_spread_daily_pct"], ["BTC", "[null,null,null,null,0.06,0.06,0.06]"])


def test_it_is_not_sent_again_until_a_moment_after_a_new_run(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    tag = client.get(ARB).headers["ETag"]
    client.get(ARB, headers={"If-None-Match": tag}, status=304)
    stored.failed("okx", "timeout", "no answer")
    client.get(ARB, headers={"If-None-Match": tag}, status=304)
    assert client.get(ARB).headers["ETag"] != tag, "who has nothing yet is given the newest"
    ticks.go_on(2 * LATE_SECONDS)
    assert client.get(ARB, headers={"If-None-Match": tag}).headers["ETag"] != tag


def test_a_rate_that_went_stale_forms_no_pair(client: TestApp, ticks: Ticks) -> None:
    ticks.go_on(1000)
    answer = client.get(ARB).json
    assert (answer["rows"], answer["notices"][-1]) == ([], "10 rows left out: 10 stale")
