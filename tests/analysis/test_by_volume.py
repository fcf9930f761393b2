"""Assets by what is traded."""

from funding.analysis.by_volume import FIELDS, by_volume
from tests.analysis.given import row, stale


def test_an_asset_adds_up_its_contracts_on_all_exchanges() -> None:
    rows = [
        row("okx:A", volume_24h_usd=6.0, open_interest_usd=3.0),
        row("okx:B", volume_24h_usd=2.0, open_interest_usd=None),
        row("bybit:A", volume_24h_usd=2.0, open_interest_usd=1.0),
        row("gate:A", volume_24h_usd=None, open_interest_usd=1.0, asset_class="crypto"),
        row("gate:E", asset="ETH", volume_24h_usd=11.0, open_interest_usd=5.0),
    ]
    found = by_volume(rows)
    assert [one["asset"] for one in found.rows] == ["ETH", "BTC"]
    assert tuple(found.rows[1]) == FIELDS
    assert found.rows[1] == {
        "asset": "BTC",
        "asset_class": "crypto",
        "volume_24h_usd": 10.0,
        "open_interest_usd": 5.0,
        "contracts": 4,
        "exchanges": 3,
        "contracts_without_volume": 1,
        "largest_exchange": "okx",
        "largest_share_pct": 80.0,
    }


def test_a_volume_of_which_nothing_is_known_is_unknown_and_comes_after_zero() -> None:
    rows = [
        row("okx:A", asset="A", volume_24h_usd=None, open_interest_usd=None),
        row("okx:Z", asset="Z", volume_24h_usd=0.0),
    ]
    found = by_volume(rows).rows
    shown = ("asset", "volume_24h_usd", "largest_exchange", "largest_share_pct")
    assert [tuple(one[name] for name in shown) for one in found] == [("Z", 0.0, None, None), ("A", None, None, None)]
    assert found[1]["open_interest_usd"] is None


def test_equal_volumes_stand_by_name_and_so_do_equal_exchanges() -> None:
    rows = [row("okx:B", asset="B"), row("bybit:A", asset="A"), row("aster:A", asset="A", volume_24h_usd=0.0),
            row("okx:A", asset="A", volume_24h_usd=0.0)]  # fmt: skip
    assert [one["asset"] for one in by_volume(rows).rows] == ["A", "B"]
    tie = by_volume([row("okx:A"), row("bybit:A")]).rows[0]
    assert (tie["largest_exchange"], tie["largest_share_pct"]) == ("bybit", 50.0)


def test_stale_and_suspect_volumes_do_not_count_and_an_unknown_interval_does_not_matter() -> None:
    rows = [row("a:A", funding_interval_hours=None), stale("b:A"), row("c:A", suspect="another asset")]
    found = by_volume(rows)
    assert (found.rows[0]["volume_24h_usd"], found.left_out) == (1e7, {"stale": 1, "suspect": 1})


def test_no_rows_have_no_volume() -> None:
    assert by_volume([]).rows == []
