from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.analysis.current import FIELDS, current, pick_stored, together, value_of
from funding.rate import Rate

NOW = 1_800_000_005
LIMIT = 900


def stored(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "base": "BTC",
        "asset": "BTC",
        "asset_class": "crypto",
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_rate": 0.0003,
        "funding_interval_hours": 8.0,
        "next_funding_time": NOW + 3600,
        "observed_at": NOW - 7,
    }
    return asdict(Rate(**(usual | changes)))


def row(now: int = NOW, **changes: Any) -> dict[str, Any]:
    return current(stored(**changes), now, LIMIT)


def test_a_row_has_every_field_in_its_order_and_computes_what_follows() -> None:
    shown = row(
        last_settled_rate=0.0001,
        last_settled_at=NOW - 25_200,
        funding_rate_cap=0.003,
        funding_rate_floor=-0.003,
        mark_price=60_000.5,
        index_price=60_000.0,
        open_interest_usd=2e9,
        volume_24h_usd=5e9,
        exchange_at=NOW - 8,
    )
    assert tuple(shown) == FIELDS
    assert shown == {
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "unified_symbol": "BTC/USDT:USDT",
        "base": "BTC",
        "asset": "BTC",
        "asset_class": "crypto",
        "multiplier": 1.0,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_rate": 0.0003,
        "funding_rate_pct": 0.03,
        "rate_1h_pct": 0.00375,
        "rate_8h_pct": 0.03,
        "rate_1d_pct": 0.09,
        "annualized_pct": 32.85,
        "rate_kind": "predicted",
        "funding_interval_hours": 8.0,
        "interval_source": "reported",
        "next_funding_time": NOW + 3600,
        "next_funding_source": "reported",
        "last_settled_rate": 0.0001,
        "last_settled_at": NOW - 25_200,
        "funding_rate_cap": 0.003,
        "funding_rate_floor": -0.003,
        "at_cap": False,
        "mark_price": 60_000.5,
        "index_price": 60_000.0,
        "open_interest_usd": 2e9,
        "volume_24h_usd": 5e9,
        "exchange_at": NOW - 8,
        "observed_at": NOW - 7,
        "age_seconds": 7,
        "stale": False,
        "stale_reason": None,
        "suspect": None,
    }


def test_what_is_unknown_is_none_and_never_left_out() -> None:
    shown = row(funding_interval_hours=None, next_funding_time=None, settle=None, asset_class=None)
    assert tuple(shown) == FIELDS
    unknown = {field for field, value in shown.items() if value is None}
    assert unknown == {
        "unified_symbol", "asset_class", "settle", "rate_1h_pct", "rate_8h_pct", "rate_1d_pct",
        "annualized_pct", "funding_interval_hours", "interval_source", "next_funding_time", "next_funding_source",
        "last_settled_rate",
        "last_settled_at", "funding_rate_cap", "funding_rate_floor", "at_cap", "mark_price", "index_price",
        "open_interest_usd", "volume_24h_usd", "exchange_at", "stale_reason", "suspect",
    }  # fmt: skip


def test_one_field_can_be_had_without_the_others() -> None:
    row = pick_stored(stored())
    assert value_of("annualized_pct", NOW, LIMIT)(row) == 32.85
    assert value_of("symbol", NOW, LIMIT)(row) == "BTC-USDT-SWAP"


@pytest.mark.parametrize(
    ("rate", "hours", "pct", "one_hour", "eight_hours", "day", "year"),
    [
        (-0.0001, 8.0, -0.01, -0.00125, -0.01, -0.03, -10.95),
        (0.0000125, 1.0, 0.00125, 0.00125, 0.01, 0.03, 10.95),
        (0.0002, 4.0, 0.02, 0.005, 0.04, 0.12, 43.8),
        (0.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_percentages_are_simple_and_free_of_float_noise(
    rate: float, hours: float, pct: float, one_hour: float, eight_hours: float, day: float, year: float
) -> None:
    shown = row(funding_rate=rate, funding_interval_hours=hours)
    assert shown["funding_rate"] == rate
    names = ("funding_rate_pct", "rate_1h_pct", "rate_8h_pct", "rate_1d_pct", "annualized_pct")
    assert [shown[name] for name in names] == [pct, one_hour, eight_hours, day, year]


def test_the_rate_itself_is_never_rounded() -> None:
    assert row(funding_rate=0.00012345678901234)["funding_rate"] == 0.00012345678901234


@pytest.mark.parametrize(
    ("changes", "symbol"),
    [
        ({"base": "1000PEPE", "quote": "USDC", "settle": "USDC"}, "1000PEPE/USDC:USDC"),
        ({"kind": "inverse", "quote": "USD", "settle": "BTC"}, "BTC/USD:BTC"),
        ({"kind": "inverse", "quote": "USD", "settle": None}, "BTC/USD:BTC"),  # inverse means: settled in the base
        ({"quote": "USD", "settle": None}, None),
    ],
)
def test_the_unified_symbol_names_base_quote_and_settlement(changes: dict[str, Any], symbol: str | None) -> None:
    assert row(**changes)["unified_symbol"] == symbol


@pytest.mark.parametrize(
    ("rate", "cap", "floor", "expected"),
    [
        (0.003, 0.003, -0.003, True),
        (0.1 * 3, 0.3, -0.3, True),  # 0.30000000000000004
        (-0.003, 0.003, -0.003, True),
        (0.0029, 0.003, -0.003, False),
        (0.003, 0.003, None, True),
        (0.001, 0.003, None, None),
        (0.001, None, None, None),
    ],
)
def test_a_rate_at_one_of_its_limits_is_said_to_be(
    rate: float, cap: float | None, floor: float | None, expected: bool | None
) -> None:
    assert row(funding_rate=rate, funding_rate_cap=cap, funding_rate_floor=floor)["at_cap"] is expected


@pytest.mark.parametrize(
    ("due", "hours", "expected"),
    [
        (NOW + 1, 8.0, (NOW + 1, "reported")),
        (NOW, 8.0, (NOW + 28_800, "derived")),
        (NOW - 10, 8.0, (NOW + 28_790, "derived")),
        (NOW - 3600, 1.0, (NOW + 3600, "derived")),  # exactly one interval: two steps lead into the future
        (NOW - 3601, 1.0, (NOW - 3601, "reported")),
        (NOW - 10, None, (None, None)),
        (None, 8.0, (None, None)),
    ],
)
def test_a_next_time_up_to_one_interval_past_is_moved_on(
    due: int | None, hours: float | None, expected: tuple[int | None, str | None]
) -> None:
    shown = row(next_funding_time=due, funding_interval_hours=hours)
    assert (shown["next_funding_time"], shown["next_funding_source"]) == expected


@given(past=st.integers(0, 700_000), hours=st.floats(0.1, 168.0))
def test_a_next_time_lies_in_the_future_by_at_most_an_interval_or_the_row_is_stale(past: int, hours: float) -> None:
    shown = row(next_funding_time=NOW - past, funding_interval_hours=hours)
    if shown["stale"]:
        assert shown["next_funding_time"] == NOW - past
    else:
        assert NOW < shown["next_funding_time"] <= NOW + hours * 3600 + 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"observed_at": NOW - 900}, None),
        ({"observed_at": NOW - 901}, "not observed for more than 900 s"),
        ({"exchange_at": NOW - 3600}, None),
        ({"exchange_at": NOW - 3601}, "the exchange's own stamp is more than an hour old"),
        ({"next_funding_time": NOW - 28_800}, None),
        ({"next_funding_time": NOW - 28_801}, "its next funding time lies more than one interval in the past"),
        ({"next_funding_time": NOW - 999_999, "funding_interval_hours": None}, None),  # nothing to judge it by
    ],
)
def test_a_row_is_stale_for_a_reason(changes: dict[str, Any], reason: str | None) -> None:
    shown = row(**changes)
    assert (shown["stale"], shown["stale_reason"]) == (reason is not None, reason)


def test_an_age_is_never_negative_when_the_clock_was_set_back() -> None:
    shown = row(now=NOW - 86_400)
    assert (shown["age_seconds"], shown["stale"]) == (0, False)


def test_an_asset_is_summed_up_from_the_rows_that_are_fresh_not_suspect_and_have_an_interval() -> None:
    rows = [
        row(funding_rate=0.0001),
        row(funding_rate=0.0004),
        row(funding_rate=-0.0002),
        row(funding_rate=0.5, observed_at=NOW - 901),
        row(funding_rate=0.5, funding_interval_hours=None),
        row(funding_rate=0.5) | {"suspect": "its price is that of something else"},
    ]
    assert together(rows) == {"median_annualized_pct": 10.95, "spread_annualized_pct": 65.7}
    assert together([]) == {"median_annualized_pct": None, "spread_annualized_pct": None}
