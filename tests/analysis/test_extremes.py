"""The highest and the lowest."""

from collections.abc import Mapping, Sequence
from typing import Any

from funding.analysis.extremes import extremes
from tests.analysis.given import row, stale

ROWS = [
    row("okx:A", 0.0001),
    row("okx:B", 0.0009, volume_24h_usd=5.0),
    row("bybit:C", -0.0004),
    row("bybit:D", 0.0003),
    row("gate:E", 0.0004, funding_interval_hours=4.0),  # 87.6 a year: more than D's 32.85, though not by much a time
    stale("gate:F", 0.5),
    row("gate:G", 0.5, suspect="why"),
    row("gate:H", 0.5, funding_interval_hours=None),
]


def symbols(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(one["symbol"] for one in rows)


def test_rows_are_ranked_by_the_year_and_what_cannot_be_is_counted() -> None:
    found = extremes(ROWS)
    assert symbols(found.highest) == "BEDAC"
    assert symbols(found.lowest) == "CADEB"
    assert found.left_out == {"stale": 1, "suspect": 1, "of unknown interval": 1}
    assert found.highest[0] is ROWS[1]


def test_at_most_so_many_are_given_of_each() -> None:
    found = extremes(ROWS, 2)
    assert (symbols(found.highest), symbols(found.lowest)) == ("BE", "CA")


def test_twenty_are_given_unless_it_is_said_how_many() -> None:
    assert len(extremes([row(f"okx:{place}") for place in range(30)]).lowest) == 20


def test_small_contracts_and_other_exchanges_may_be_left_away() -> None:
    assert symbols(extremes(ROWS, min_volume_usd=6.0).highest) == "EDAC"
    found = extremes(ROWS, exchanges=("okx",))
    assert (symbols(found.highest), found.left_out) == ("BA", {})


def test_of_equal_rates_the_one_with_more_volume_comes_first_and_then_the_name() -> None:
    rows = [row("okx:B"), row("okx:A"), row("okx:C", volume_24h_usd=9e9), row("bybit:D", volume_24h_usd=None)]
    assert symbols(extremes(rows).highest) == "CABD"
    assert symbols(extremes(rows).lowest) == "CABD"


def test_no_rows_have_no_extremes() -> None:
    assert (extremes([]).highest, extremes([]).lowest) == ([], [])
