"""What the views show is what the API gives."""

from urllib.parse import urlsplit

import pytest

from tests.web.browsing import ROW, Tab, cells, number, settle

SHORT, SHORT_RATE, LONG, SPREAD, NET, SETTLED = 1, 2, 4, 7, 8, 14


def test_spreads_shows_the_pairs_that_pay_most_with_both_venues(demo, tab):
    page = tab(demo).open("/")
    body = demo.get("/api/funding/arb?limit=250")[1]
    first = body["rows"][0]
    row = [page.locator(ROW).first.locator("td").nth(at).inner_text() for at in range(15)]
    assert row[0].removeprefix("☆") == first["asset"]
    assert (row[SHORT], row[LONG]) == (first["short"]["exchange"], first["long"]["exchange"])
    assert number(row[SHORT_RATE]) == pytest.approx(first["short"]["annualized_pct"], abs=0.01)
    assert number(row[SPREAD]) == pytest.approx(first["gross_annualized_pct"], abs=0.01)
    assert number(row[NET]) == pytest.approx(first["net_annualized_pct"], abs=0.01)
    assert row[9].endswith(" h")
    assert page.inner_text("#count") == f"250 of {body['total']:,} pairs"
    assert page.locator("#scroller th span").all_inner_texts() == [
        "Coin", "Short", "APR", "Every", "Long", "APR", "Every", "Spread APR", "Net APR", "Breakeven", "Min OI $",
        "Min vol $", "Price gap", "Next in", "7 d settled", "Lasts",
    ]  # fmt: skip


def test_the_filters_of_spreads_go_to_the_api(demo, tab):
    one: Tab = tab(demo)
    page = one.open("/#spreads?exchange=okx,gate&apr=20&oi=2000000")
    assert f"{demo.url}/api/funding/arb?limit=250&min_yield=20&min_open_interest=2000000&exchange=okx,gate" in one.asked
    assert {*cells(page, SHORT), *cells(page, LONG)} == {"okx", "gate"}
    assert min(number(text) for text in cells(page, NET)) >= 20


def test_a_pair_has_a_bar_for_each_settled_day(demo, tab):
    one: Tab = tab(demo)
    days = [0.5, None, -0.25, 0, 0.125, 1, None]

    def settled(route):
        body = route.fetch().json()
        body["rows"] = [
            row | {"settled_spread_daily_pct": days if at == 0 else [None] * 7} for at, row in enumerate(body["rows"])
        ]
        route.fulfill(json=body)

    one.page.route("**/api/funding/arb*", settled)
    page = one.open("/")
    known, unknown = (page.locator(ROW).nth(at).locator("td").nth(SETTLED) for at in (0, 1))
    assert [known.locator(f"path.{way}").get_attribute("d").count("M") for way in ("paid", "lost")] == [3, 1]
    assert "+0.500%  unknown  −0.250%  ±0.000%  +0.125%  +1.000%  unknown" in known.get_attribute("title")
    assert known.get_attribute("title").endswith("Paid on 3 of 5 days, +1.375% in all")
    assert unknown.text_content() == "–"


def test_pairs_that_are_scrolled_through_cost_no_further_requests(demo, tab):
    one: Tab = tab(demo)
    page = one.open("/")
    for top in range(0, 7500, 500):
        page.evaluate("top => document.getElementById('scroller').scrollTo(0, top)", top)
        settle(page)
    assert page.locator(ROW).last.get_attribute("aria-rowindex") == "251"
    assert {urlsplit(url).path for url in one.asked if "/api/" in url} == {"/api/funding/arb", "/api/health"}


def test_the_heatmap_is_the_apis_and_marks_the_lowest_and_the_highest(demo, tab):
    page = tab(demo).open("/#heatmap")
    body = demo.get("/api/funding/heatmap?limit=200&unit=apr")[1]
    assert page.locator("#scroller th span").all_inner_texts()[2:] == body["exchanges"]
    assert cells(page, 0)[0] == f"☆{body['bases'][0]}"
    column = [venue[0] for venue in body["cells"]]
    first = page.locator(ROW).first
    shown = first.locator("td").all_text_contents()[2:]
    assert [number(text) for text in shown] == pytest.approx(column, abs=0.01)
    high, low = first.locator("td.high"), first.locator("td.low")
    assert number(high.text_content()) == pytest.approx(max(column), abs=0.01)
    assert number(low.text_content()) == pytest.approx(min(column), abs=0.01)
    assert "the highest" in high.get_attribute("title")


@pytest.mark.parametrize("unit", ["raw", "8h"])
def test_the_heatmap_in_other_units_is_the_apis_too(demo, tab, unit):
    page = tab(demo).open(f"/#heatmap?unit={unit}")
    body = demo.get(f"/api/funding/heatmap?limit=200&unit={unit}")[1]
    scale = 100 if unit == "raw" else 1
    shown = page.locator(ROW).first.locator("td").all_text_contents()[2:]
    assert [number(text) for text in shown] == pytest.approx([venue[0] * scale for venue in body["cells"]], abs=0.0001)


def test_an_exchange_tells_its_state_in_words_and_leads_to_its_contracts(demo, tab):
    page = tab(demo).open("/#exchanges")
    assert page.locator("#scroller th span").all_inner_texts()[:9] == [
        "Exchange", "State", "Age", "Contracts", "Calls", "Bad rows", "Took", "Failures", "Last error",
    ]  # fmt: skip
    page.locator(ROW, has_text="Gate").click()
    page.wait_for_function("() => location.hash === '#contracts?exchange=gate'")
    page.wait_for_selector(ROW)
    assert set(cells(page, 1)) == {"gate"}
