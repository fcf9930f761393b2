"""What the views show is what the API gives."""

import pytest

from tests.web.browsing import ROW, Tab, cells, number

SHORT, SHORT_RATE, LONG, SPREAD, NET = 1, 2, 4, 7, 8


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
        "Min vol $", "Price gap", "Next in", "7 d settled", "Days +",
    ]  # fmt: skip


def test_the_filters_of_spreads_go_to_the_api(demo, tab):
    one: Tab = tab(demo)
    page = one.open("/#spreads?exchange=okx,gate&apr=20&oi=2000000")
    assert f"{demo.url}/api/funding/arb?limit=250&min_yield=20&min_open_interest=2000000&exchange=okx,gate" in one.asked
    assert {*cells(page, SHORT), *cells(page, LONG)} == {"okx", "gate"}
    assert min(number(text) for text in cells(page, NET)) >= 20


def test_a_pair_has_a_line_of_what_was_settled(small, tab):
    program, _ = small
    page = tab(program).open("/#spreads?volume=1")
    pair = page.locator(ROW, has=page.locator("svg.spark"))
    page.wait_for_function("() => document.querySelectorAll('td[title*=settled]').length > 0", timeout=20_000)
    for one in pair.all():
        assert "Settled spread of" in one.locator("td").nth(14).get_attribute("title")


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


def test_the_heatmaps_csv_link_gives_its_rates(demo, tab):
    page = tab(demo).open("/#heatmap?unit=8h&q=btc")
    status, text = demo.get(page.get_attribute("#csv", "href"))
    assert status == 200
    assert text.splitlines()[0] == "asset,exchange,symbol,rate_8h_pct,funding_interval_hours"
