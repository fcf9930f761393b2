from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webtest import TestApp

from funding.analysis.current import FIELDS
from funding.api.listing import MANY, Counted, Page, in_place, tuples
from tests.api.stored import NOW, Stored, rate

values = st.integers(-3, 3) | st.none()
rows = st.lists(st.fixed_dictionaries({"a": values, "b": st.sampled_from(["x", "y", None]), "c": st.booleans()}))
sorts = st.lists(st.sampled_from(["a", "-a", "b", "-b", "c", "-c"]), max_size=3).map(tuple)


def plainly(rows: list[dict[str, Any]], sort: tuple[str, ...]) -> list[dict[str, Any]]:
    """The same by stable sorts, from the last field to the first."""
    for key in reversed(sort):
        field = key.lstrip("-")
        known = [row for row in rows if row[field] is not None]
        known.sort(key=lambda row: row[field], reverse=key.startswith("-"))
        rows = known + [row for row in rows if row[field] is None]
    return rows


limits = st.integers(1, 12) | st.just(MANY + 1)  # beyond MANY, rows are sorted another way


@given(rows=rows, sort=sorts, offset=st.integers(0, 12), limit=limits)
def test_a_page_is_what_sorting_all_and_cutting_would_give(
    rows: list[dict[str, Any]], sort: tuple[str, ...], offset: int, limit: int
) -> None:
    numbered = [{**row, "place": place} for place, row in enumerate(rows)]
    columns = ("a", "b", "c", "place")
    values = {"sort": sort, "offset": offset, "limit": limit}
    page = Page(tuples(columns, numbered), values, in_place(columns))
    found = [dict(zip(columns, row, strict=True)) for row in page]
    assert found == plainly(numbered, sort)[offset : offset + limit]
    assert (page.count, page.total) == (len(found), len(rows))


def test_a_row_may_be_anything_whose_fields_can_be_got() -> None:
    rows = [("bb",), ("a",), ("ccc",)]
    page = Page(rows, {"sort": ("-length",), "offset": 1, "limit": 1}, lambda field: lambda row: len(row[0]))
    assert (list(page), page.count, page.total) == ([("bb",)], 1, 3)


def test_what_passes_is_counted() -> None:
    counted = Counted("abc")
    assert counted.number == 0
    assert list(counted) == ["a", "b", "c"]
    assert counted.number == 3


@pytest.mark.parametrize("query", ["kind=linear", "sort=exchange,symbol", "sort=symbol&stale=exclude"])
def test_a_long_page_is_the_same_as_the_cached_list(query: str, stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", *(rate(f"C{number}-USDT-SWAP", f"C{number}", number / 1e6) for number in range(MANY + 1)))
    answer = client.get(f"/api/funding/current?{query}").json
    assert answer == client.get("/api/funding/current").json
    assert (answer["count"], answer["total"]) == (MANY + 1, MANY + 1)
    symbols = [row["symbol"] for row in answer["rows"]]
    assert symbols == sorted(symbols)


def test_many_rows_come_by_a_rate_from_the_greatest_down(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", *(rate(f"C{number}-USDT-SWAP", f"C{number}", number % 7 / 1e6) for number in range(MANY + 1)))
    rows = client.get("/api/funding/current?sort=-annualized_pct,-symbol").json["rows"]
    assert len(rows) == MANY + 1
    assert rows == sorted(rows, key=lambda row: (row["funding_rate"], row["symbol"]), reverse=True)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_sorts_by_what_is_shown_of_it(field: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    stored.good("okx", rate("BTC-USDT-SWAP", "BTC", 0.0004, mark_price=60_000.0, open_interest_usd=2e9, funding_rate_cap=0.0001,
                            exchange_at=NOW - 4000, last_settled_rate=0.1, last_settled_at=NOW - 60))  # fmt: skip
    stored.good("bybit", rate("BTCUSDT", "BTC", mark_price=6.0, funding_interval_hours=None, next_funding_time=None))
    rows = client.get("/api/funding/current").json["rows"]
    for down in ("", "-"):
        assert client.get(f"/api/funding/current?sort={down}{field}").json["rows"] == plainly(rows, (f"{down}{field}",))
