"""How far a contract is from its asset's median. 0.0001 every 8 h is 10.95 % a year."""

from typing import Any

import pytest

from funding.analysis.divergence import FIELDS, divergence, robust_z
from tests.analysis.given import Row, row, stale

FOUR = [row("a:X", 0.0001), row("b:X", 0.0002), row("c:X", 0.0003), row("d:X", 0.0016)]


def shown(rows: list[Row], *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(one[field] for field in fields) for one in divergence(rows).rows]


def test_a_row_has_every_field_and_the_farthest_comes_first() -> None:
    first = divergence(FOUR).rows[0]
    assert tuple(first) == FIELDS
    assert first == {
        "exchange": "d",
        "symbol": "X",
        "asset": "BTC",
        "funding_rate": 0.0016,
        "funding_interval_hours": 8.0,
        "annualized_pct": 175.2,
        "median_annualized_pct": 27.375,  # of 10.95, 21.9, 32.85 and 175.2
        "difference_annualized_pct": 147.825,
        "robust_z": 9.1056252529,  # differences 5.475, 5.475, 16.425, 147.825: MAD 10.95; 147.825 / 16.23447
        "contracts": 4,
        "exchanges": 4,
        "open_interest_usd": 1e7,
        "volume_24h_usd": 1e7,
    }
    assert shown(FOUR, "exchange", "difference_annualized_pct") == [
        ("d", 147.825),
        ("a", -16.425),
        ("b", -5.475),
        ("c", 5.475),
    ]


@pytest.mark.parametrize(
    ("difference", "deviation", "z"),
    [(28.5, 1.0, 19.2229866451), (-1.4826, 1.0, -1.0), (0.0, 2.0, 0.0), (0.0, 0.0, 0.0), (1e-9, 0.0, None)],
)
def test_the_robust_z_is_none_where_nothing_but_this_deviates(
    difference: float, deviation: float, z: float | None
) -> None:
    assert robust_z(difference, deviation) == z


def test_where_most_agree_exactly_they_are_at_zero_and_the_other_has_no_z() -> None:
    rows = [row("a:X"), row("b:X"), row("c:X"), row("d:X", 0.0003)]
    assert shown(rows, "exchange", "difference_annualized_pct", "robust_z") == [
        ("d", 21.9, None), ("a", 0.0, 0.0), ("b", 0.0, 0.0), ("c", 0.0, 0.0),
    ]  # fmt: skip


def test_two_contracts_differ_by_the_same_from_their_middle() -> None:
    assert shown([row("b:X", 0.0003), row("a:X", 0.0001)], "exchange", "difference_annualized_pct", "robust_z") == [
        ("a", -10.95, -0.6744907595),
        ("b", 10.95, 0.6744907595),
    ]


def test_an_asset_on_one_exchange_alone_has_nothing_to_differ_from() -> None:
    rows = [row("a:X"), row("a:Y", 0.0009), row("b:Z", asset="ETH")]
    assert divergence(rows).rows == []


def test_a_small_contract_is_left_out_of_the_list_and_not_of_the_median() -> None:
    rows = [row("a:X", volume_24h_usd=5.0), row("b:X", 0.0002, volume_24h_usd=None), row("c:X", 0.0006)]
    assert len(divergence(rows, min_volume_usd=5.0).rows) == 2
    found = divergence(rows, min_volume_usd=6.0).rows
    assert [(one["exchange"], one["median_annualized_pct"], one["contracts"]) for one in found] == [("c", 21.9, 3)]


def test_stale_and_suspect_rows_are_in_no_median_and_are_counted() -> None:
    rows = [row("a:X"), row("b:X", 0.0003), stale("c:X", 0.9), row("d:X", 0.9, suspect="why"),
            row("e:X", 0.9, funding_interval_hours=None)]  # fmt: skip
    found = divergence(rows)
    assert [one["median_annualized_pct"] for one in found.rows] == [21.9, 21.9]
    assert found.left_out == {"stale": 1, "suspect": 1, "of unknown interval": 1}
