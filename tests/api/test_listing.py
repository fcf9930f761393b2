from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from webtest import TestApp

from funding.api.listing import MANY, Counted, Page, in_place, tuples
from tests.api.stored import Stored, rate

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


@given(rows=rows, sort=sorts, offset=st.integers(0, 12), limit=st.integers(1, 12))
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
    page = Page(["bb", "a", "ccc"], {"sort": ("-length",), "offset": 1, "limit": 1}, lambda field: len)
    assert (list(page), page.count, page.total) == (["bb"], 1, 3)


def test_what_passes_is_counted() -> None:
    counted = Counted("abc")
    assert counted.number == 0
    assert list(counted) == ["a", "b", "c"]
    assert counted.number == 3


def test_a_long_page_is_the_same_as_the_cached_list(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", *(rate(f"C{number}-USDT-SWAP", f"C{number}", number / 1e6) for number in range(MANY + 1)))
    answer = client.get("/api/funding/current?kind=linear").json
    assert answer == client.get("/api/funding/current").json
    assert (answer["count"], answer["total"]) == (MANY + 1, MANY + 1)
    symbols = [row["symbol"] for row in answer["rows"]]
    assert symbols == sorted(symbols)
