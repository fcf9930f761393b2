"""Coming settlements, from 8:00:05 on. Times in hours after midnight."""

from typing import Any

from funding.analysis.calendar import FIELDS, calendar, calendar_row
from tests.analysis.given import NEXT, NOW, Row, row, stale

H = 3600
MIDNIGHT = NEXT - 16 * H


def coming(rows: list[Row], hours: float = 24, **chosen: Any) -> list[tuple[float, str]]:
    return [((one.funding_time - MIDNIGHT) / H, one.symbol) for one in calendar(rows, NOW, hours, **chosen).rows]


def hourly(where: str, **changes: Any) -> Row:
    return row(where, 0.00001, funding_interval_hours=1.0, next_funding_time=MIDNIGHT + 9 * H, **changes)


def test_settlements_stand_by_time_exchange_and_symbol() -> None:
    rows = [row("okx:B"), row("okx:A"), row("bybit:C"), hourly("xt:D")]
    assert coming(rows, 9) == [
        *((float(hour), "D") for hour in range(9, 16)),
        (16.0, "C"),
        (16.0, "A"),
        (16.0, "B"),
        (16.0, "D"),
        (17.0, "D"),
    ]


def test_the_end_is_in_it_and_the_present_moment_is_not() -> None:
    assert calendar([row("okx:A")], NEXT - 3600, 1).rows[0].funding_time == NEXT
    assert calendar([row("okx:A")], NEXT - 3601, 1).rows == []
    assert calendar([row("okx:A")], NEXT, 7).rows == []


def test_a_row_has_the_rate_with_the_next_settlement_alone() -> None:
    first, second = map(calendar_row, calendar([row("okx:BTC-USDT-SWAP")], NOW, 16).rows)
    assert tuple(first) == FIELDS
    assert first == {
        "funding_time": NEXT,
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "asset": "BTC",
        "funding_rate": 0.0001,
        "funding_rate_pct": 0.01,
        "rate_kind": "predicted",
        "funding_interval_hours": 8.0,
        "time_source": "reported",
    }
    assert second == first | {
        "funding_time": NEXT + 8 * H,
        "funding_rate": None,
        "funding_rate_pct": None,
        "rate_kind": None,
        "time_source": "derived",
    }


def test_without_an_interval_the_next_alone_is_known() -> None:
    assert coming([row("okx:A", funding_interval_hours=None)], 48) == [(16.0, "A")]


def test_exchanges_and_assets_may_be_chosen() -> None:
    rows = [row("okx:A"), row("bybit:B"), row("okx:C", asset="ETH")]
    assert coming(rows, 8, exchanges=("okx",)) == [(16.0, "A"), (16.0, "C")]
    assert coming(rows, 8, exchanges=("okx",), assets=("ETH",)) == [(16.0, "C")]


def test_what_is_stale_or_has_no_time_is_left_out_and_counted_but_a_suspect_price_settles_too() -> None:
    rows = [
        stale("okx:A"),
        stale("okx:E"),
        row("okx:B", next_funding_time=None),
        row("okx:C", suspect="why"),
        stale("xt:D"),
    ]
    found = calendar(rows, NOW, 8, exchanges=("okx",))
    assert [one.symbol for one in found.rows] == ["C"]
    assert found.left_out == {"stale": 2, "without a next time": 1}
