"""Weighted means. 0.0001 every 8 h is 10.95 % a year."""

from typing import Any

from funding.analysis.sentiment import FIELDS, sentiment
from tests.analysis.given import Row, row, stale

# 10.95, 21.9 and -10.95 % a year
A = row("okx:A", 0.0001, open_interest_usd=3e6, volume_24h_usd=1e6)
B = row("bybit:B", 0.0002, open_interest_usd=1e6, volume_24h_usd=4e6)
C = row("gate:C", -0.0001, open_interest_usd=None, volume_24h_usd=5e6)
THREE = [A, B, C]


Yields = dict[tuple[str, str], float]


def market(rows: list[Row], day_ago: Yields | None = None, week_ago: Yields | None = None) -> dict[str, Any]:
    return sentiment(rows, day_ago or {}, week_ago or {}).market


def test_a_row_has_every_field_in_its_order() -> None:
    found = sentiment(THREE)
    assert tuple(found.market) == tuple(found.assets[0]) == FIELDS
    assert found.market == {
        "asset": None,
        "contracts": 3,
        "positive": 2,
        "negative": 1,
        "zero": 0,
        "positive_share_pct": 66.6666666667,
        "open_interest_usd": 4e6,
        "volume_24h_usd": 1e7,
        "oi_weighted_annualized_pct": 13.6875,  # (3 × 10.95 + 21.9) / 4
        "volume_weighted_annualized_pct": 4.38,  # (10.95 + 4 × 21.9 - 5 × 10.95) / 10
        "oi_weighted_annualized_before_24h_pct": None,
        "oi_weighted_change_24h_pct": None,
        "volume_weighted_annualized_before_24h_pct": None,
        "volume_weighted_change_24h_pct": None,
        "oi_weighted_annualized_before_7d_pct": None,
        "oi_weighted_change_7d_pct": None,
        "volume_weighted_annualized_before_7d_pct": None,
        "volume_weighted_change_7d_pct": None,
        "positive_share_before_24h_pct": None,
        "positive_share_before_7d_pct": None,
    }
    assert found.assets == [found.market | {"asset": "BTC"}]


def test_a_change_is_over_the_contracts_known_at_both_times_with_todays_weights() -> None:
    day_ago = {("okx", "A"): -5.0, ("bybit", "B"): 11.0, ("xt", "gone"): 99.0}
    week_ago = {("gate", "C"): -0.95}
    now = market(THREE, day_ago, week_ago)
    assert now["oi_weighted_annualized_before_24h_pct"] == -1.0  # (3 × -5 + 11) / 4
    assert now["oi_weighted_change_24h_pct"] == 14.6875
    assert now["volume_weighted_annualized_before_24h_pct"] == 7.8  # (-5 + 4 × 11) / 5
    assert now["volume_weighted_change_24h_pct"] == 11.91  # (10.95 + 4 × 21.9) / 5 = 19.71
    assert now["positive_share_before_24h_pct"] == 50.0
    assert now["oi_weighted_annualized_before_7d_pct"] is None  # C's open interest is not known
    assert now["oi_weighted_change_7d_pct"] is None
    assert now["volume_weighted_annualized_before_7d_pct"] == -0.95
    assert now["volume_weighted_change_7d_pct"] == -10.0
    assert now["positive_share_before_7d_pct"] == 0.0
    assert now["oi_weighted_annualized_pct"] == 13.6875  # today's own mean is over all


def test_a_rate_of_zero_is_neither_positive_nor_negative() -> None:
    now = market([row("a:X", 0.0), row("b:X", -0.0), row("c:X", 1e-9), row("d:X", -1e-9)])
    assert [now[name] for name in ("contracts", "positive", "negative", "zero", "positive_share_pct")] == [
        4,
        1,
        1,
        2,
        25.0,
    ]


def test_weights_that_come_to_nothing_have_no_mean() -> None:
    now = market([row("a:X", open_interest_usd=0.0, volume_24h_usd=None)])
    assert (now["open_interest_usd"], now["oi_weighted_annualized_pct"]) == (0.0, None)
    assert (now["volume_24h_usd"], now["volume_weighted_annualized_pct"]) == (None, None)


def test_assets_stand_by_what_is_open_and_the_market_is_all_of_them() -> None:
    rows = [
        *THREE,
        row("okx:E", 0.0005, asset="ETH", open_interest_usd=4e6),
        row("okx:S", asset="SOL", open_interest_usd=None),
    ]
    found = sentiment(rows)
    assert [one["asset"] for one in found.assets] == ["BTC", "ETH", "SOL"]
    assert found.market["contracts"] == 5
    assert found.market["oi_weighted_annualized_pct"] == 34.21875  # (4 × 13.6875 + 4 × 54.75) / 8
    only = sentiment(rows, assets=("ETH",))
    assert [one["asset"] for one in only.assets] == ["ETH"]
    assert only.market["contracts"] == 1


def test_what_is_stale_suspect_or_without_interval_is_in_no_mean_and_counted() -> None:
    rows = [A, stale("b:X", 0.9), row("c:X", 0.9, suspect="why"), row("d:X", 0.9, funding_interval_hours=None)]
    found = sentiment(rows)
    assert found.market["oi_weighted_annualized_pct"] == 10.95
    assert found.left_out == {"stale": 1, "suspect": 1, "of unknown interval": 1}


def test_no_rows_have_no_sentiment() -> None:
    found = sentiment([])
    assert found.assets == []
    assert (found.market["contracts"], found.market["positive_share_pct"], found.market["open_interest_usd"]) == (
        0,
        None,
        None,
    )
