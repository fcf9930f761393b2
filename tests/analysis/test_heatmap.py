"""Exchanges by assets."""

import pytest

from funding.analysis.eligible import among
from funding.analysis.heatmap import heatmap
from tests.analysis.given import row, stale

ROWS = [
    row("okx:BTC-USDT-SWAP", 0.0001, volume_24h_usd=5e9),
    row("bybit:BTCUSDT", 0.0002, volume_24h_usd=4e9),
    row("bybit:1000PEPEUSDT", 0.0003, asset="PEPE", volume_24h_usd=9e9, funding_interval_hours=4.0),
    row("okx:ETH-USDT-SWAP", 0.0004, asset="ETH", volume_24h_usd=None),
    row("gate:SOL_USDT", 0.0005, asset="SOL", volume_24h_usd=1e9),
]


def test_cells_stand_by_exchange_and_asset_and_assets_by_volume() -> None:
    found = heatmap(ROWS, "apr")
    assert found.exchanges == ["bybit", "gate", "okx"]
    assert found.bases == ["BTC", "PEPE", "SOL", "ETH"]  # 9e9 each: by name; then 1e9; then unknown
    assert found.cells == [
        [21.9, 65.7, None, None],
        [None, None, 54.75, None],
        [10.95, None, None, 43.8],
    ]
    assert found.spreads == [10.95, None, None, None]  # 21.9 - 10.95; the others stand alone
    assert found.left_out == {}


@pytest.mark.parametrize(
    ("unit", "cell"), [("raw", 0.0003), ("1h", 0.0075), ("8h", 0.06), ("1d", 0.18), ("apr", 65.7)]
)  # of PEPE: 0.03 % every 4 h
def test_a_cell_is_in_the_unit_asked_for(unit: str, cell: float) -> None:
    found = heatmap(ROWS, unit)
    assert found.cells[0][found.bases.index("PEPE")] == cell


def test_no_more_assets_than_asked_for_and_no_exchange_without_one_of_them() -> None:
    found = heatmap(ROWS, "8h", 2)
    assert (found.bases, found.exchanges) == (["BTC", "PEPE"], ["bybit", "okx"])
    assert found.cells == [[0.02, 0.06], [0.01, None]]


def test_a_difference_of_raw_rates_is_none_since_their_intervals_differ() -> None:
    assert heatmap(ROWS, "raw").spreads == [None] * 4
    assert heatmap(ROWS, "8h").spreads == [0.01, None, None, None]


def test_only_what_is_chosen_is_a_cell() -> None:
    found = heatmap(ROWS, "8h", chosen=among(("okx", "bybit"), search="t"))
    assert (found.exchanges, found.bases) == ([], [])
    found = heatmap(ROWS, "8h", chosen=among(("okx", "bybit"), search="et"))
    assert (found.exchanges, found.bases, found.cells) == (["okx"], ["ETH"], [[0.04]])


def test_of_several_contracts_on_an_exchange_the_deepest_is_shown() -> None:
    rows = [
        row("okx:A", 0.0001, open_interest_usd=1e6, volume_24h_usd=9e9),
        row("okx:B", 0.0002, open_interest_usd=2e6),
        row("okx:C", 0.0003, open_interest_usd=None),
    ]
    assert heatmap(rows, "raw").cells == [[0.0002]]
    assert heatmap([rows[0] | {"open_interest_usd": None}, rows[2]], "raw").cells == [[0.0001]]  # then by volume
    assert heatmap([row("okx:B", 0.0002), row("okx:A", 0.0001)], "raw").cells == [[0.0001]]  # then by symbol


def test_what_is_stale_suspect_or_without_interval_is_no_cell() -> None:
    rows = [
        row("okx:A"),
        stale("gate:A"),
        row("mexc:A", suspect="why"),
        row("xt:A", 0.0002, funding_interval_hours=None),
    ]
    found = heatmap(rows, "8h")
    assert (found.exchanges, found.left_out) == (["okx"], {"stale": 1, "suspect": 1, "of unknown interval": 1})
    assert heatmap(rows, "raw").exchanges == ["okx", "xt"]  # its own rate needs no interval


def test_no_rows_make_an_empty_map() -> None:
    found = heatmap([])
    assert (found.exchanges, found.bases, found.cells, found.spreads) == ([], [], [], [])


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="24h is not a unit: raw, 1h, 8h, 1d, apr"):
        heatmap([], "24h")
