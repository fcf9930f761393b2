"""/api/funding/current?at=: what was known at a moment, and no more than that."""

from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.current import FIELDS
from funding.store.contracts import select_contracts
from funding.store.observations import save_observations
from funding.store.packing import Observation
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored

HOUR = 3600
CURRENT = "/api/funding/current"
THEN = NOW - 6 * HOUR
DUE = NOW - 5  # the settlement that was to come then


@pytest.fixture
def past(stored: Stored) -> Stored:
    """Two cycles, six hours ago and two days before."""
    stored.three_exchanges()
    numbers = {row["symbol"]: row["contract_id"] for row in select_contracts(stored.connection)}
    save_observations(
        stored.connection,
        THEN,
        [
            Observation(numbers["BTC-USDT-SWAP"], THEN - 3, 0.0007, 8.0, DUE),
            Observation(numbers["BTCUSDT"], THEN - 2, -0.0002, 4.0, None),
            Observation(numbers["BTC-PERPETUAL"], THEN - 1000, 0.00001, None, DUE),
        ],
    )
    save_observations(
        stored.connection, THEN - 172_800, [Observation(numbers["PEPE-USDT-SWAP"], THEN - 172_800, 0.5, 8.0, None)]
    )
    return stored


def rows(client: TestApp, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{CURRENT}?{query}").json["rows"]
    return found


def test_a_row_is_what_was_known_then_and_null_for_the_rest(past: Stored, client: TestApp) -> None:
    [row] = rows(client, f"at={THEN}&exchange=okx")
    assert tuple(row) == FIELDS
    assert {field: value for field, value in row.items() if value is not None} == {
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "unified_symbol": "BTC/USDT:USDT",
        "base": "BTC",
        "asset": "BTC",
        "multiplier": 1.0,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_rate": 0.0007,
        "funding_rate_pct": 0.07,
        "rate_1h_pct": 0.00875,
        "rate_8h_pct": 0.07,
        "rate_1d_pct": 0.21,
        "annualized_pct": 76.65,
        "funding_interval_hours": 8.0,
        "next_funding_time": DUE,
        "observed_at": THEN - 3,
        "age_seconds": 3,
        "stale": False,
    }


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        (f"at={THEN}", ["BTCUSDT", "BTC-PERPETUAL", "BTC-USDT-SWAP"]),
        (f"at={THEN - 1}", ["BTCUSDT", "BTC-PERPETUAL", "BTC-USDT-SWAP"]),
        (f"at={THEN - 3}", ["BTC-PERPETUAL", "BTC-USDT-SWAP"]),
        (f"at={THEN - 4}", ["BTC-PERPETUAL"]),
        (f"at={THEN - 172_800}", ["PEPE-USDT-SWAP"]),
        (f"at={THEN}000", ["BTCUSDT", "BTC-PERPETUAL", "BTC-USDT-SWAP"]),
        ("at=2027-01-15T02:00:05Z", ["BTCUSDT", "BTC-PERPETUAL", "BTC-USDT-SWAP"]),
        (f"at={THEN}&base=xbt&quote=usdt", ["BTCUSDT", "BTC-USDT-SWAP"]),
        (f"at={THEN}&kind=inverse", ["BTC-PERPETUAL"]),
        (f"at={THEN}&symbol=okx:BTC-USDT-SWAP", ["BTC-USDT-SWAP"]),
        (f"at={THEN}&interval_hours=4", ["BTCUSDT"]),
        (f"at={THEN}&search=btc+okx", ["BTC-USDT-SWAP"]),
        (f"at={THEN}&min_annualized=76.65", ["BTC-USDT-SWAP"]),
        (f"at={THEN}&stale=exclude", ["BTCUSDT", "BTC-USDT-SWAP"]),
        (f"at={THEN}&sort=-annualized_pct", ["BTC-USDT-SWAP", "BTCUSDT", "BTC-PERPETUAL"]),
        (f"at={THEN}&sort=age_seconds&limit=1&offset=1", ["BTC-USDT-SWAP"]),
        (f"at={THEN}&min_volume=0", ["BTCUSDT", "BTC-PERPETUAL", "BTC-USDT-SWAP"]),
    ],
)
def test_it_is_filtered_sorted_and_cut_like_the_present(
    query: str, symbols: list[str], past: Stored, client: TestApp
) -> None:
    assert [row["symbol"] for row in rows(client, query)] == symbols


def test_a_settlement_that_passed_between_observation_and_moment_is_moved_on_as_it_was_shown_then(
    past: Stored, client: TestApp
) -> None:
    [row] = rows(client, f"at={DUE + 1}&exchange=okx")
    assert (row["next_funding_time"], row["next_funding_source"]) == (DUE + 8 * HOUR, "derived")


def test_ages_are_those_of_the_moment_whenever_they_are_asked_for(past: Stored, client: TestApp, ticks: Ticks) -> None:
    ticks.go_on(5 * HOUR)
    [row] = rows(client, f"at={THEN + 900}&exchange=okx")
    assert (row["age_seconds"], row["stale"], row["stale_reason"]) == (903, True, "not observed for more than 900 s")


def test_a_moment_of_which_nothing_was_kept_is_an_empty_list_that_says_so(past: Stored, client: TestApp) -> None:
    answer = client.get(f"{CURRENT}?at=2020-01-01").json
    assert (answer["rows"], answer["total"]) == ([], 0)
    assert answer["notices"] == ["No observation is kept of that moment."]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (f"at={NOW + 1}", {"at": "lies in the future"}),
        (f"at={THEN}&min_volume=5", {"min_volume": "cannot be asked together with at: it is not kept"}),
        (f"at={THEN}&suspect=exclude", {"suspect": "cannot be asked together with at: it is not kept"}),
        (
            f"at={NOW + 1}&min_open_interest=5",
            {"min_open_interest": "cannot be asked together with at: it is not kept", "at": "lies in the future"},
        ),
        (f"at={THEN}&exchange=okxx", {"exchange": "okxx is not an exchange collected here; did you mean okx?"}),
    ],
)
def test_what_cannot_be_known_is_refused(query: str, errors: dict[str, str], past: Stored, client: TestApp) -> None:
    found = client.get(f"{CURRENT}?{query}", status=400).json["errors"]
    assert {error["parameter"]: error["detail"] for error in found} == errors


@pytest.mark.parametrize(("at", "seconds"), [(THEN, 86_400), (NOW - HOUR, 86_400), (NOW - HOUR + 1, 15), (NOW, 15)])
def test_a_moment_that_is_over_may_be_kept_for_a_day(at: int, seconds: int, past: Stored, client: TestApp) -> None:
    assert client.get(f"{CURRENT}?at={at}").headers["Cache-Control"].startswith(f"public, max-age={seconds}")


def test_the_whole_of_the_present_is_not_what_is_given_for_a_moment(past: Stored, client: TestApp) -> None:
    assert client.get(CURRENT).json["total"] == 5
    assert client.get(f"{CURRENT}.csv?at={THEN}").text.count("\r\n") == 4
