"""The table: virtual, sticky, sorted, searched, filtered, and changed in place."""

import pytest

from tests.web.browsing import ROW, ask_again, cells, number, settle

RATE, INTERVAL, OPEN_INTEREST, VOLUME = 2, 3, 5, 6
FEWER_NODES_THAN = 3000


def scroll_to(page, top):
    page.evaluate("top => { document.getElementById('scroller').scrollTop = top; }", top)
    settle(page)


def test_seven_thousand_rows_take_fewer_than_three_thousand_nodes_and_the_last_is_reachable(demo, tab):
    page = tab(demo).open("/#contracts")
    assert page.inner_text("#count") == "7,020 contracts"
    assert page.locator("#scroller thead th").count() >= 30
    scroll_to(page, 1e9)
    assert page.locator(ROW).last.get_attribute("aria-rowindex") == "7021"
    assert page.locator(ROW).last.is_visible()
    assert page.evaluate("document.querySelectorAll('#scroller *').length") < FEWER_NODES_THAN
    assert page.evaluate("document.querySelectorAll('*').length") < FEWER_NODES_THAN


def test_the_header_and_the_first_column_stay_in_sight(demo, tab):
    page = tab(demo).open("/#contracts")
    page.evaluate("() => document.getElementById('scroller').scrollTo(900, 50000)")
    settle(page)
    box = page.locator("#scroller").bounding_box()
    assert page.locator("#scroller thead th").nth(3).bounding_box()["y"] - box["y"] < 3
    assert page.locator(ROW).nth(10).locator("td").first.bounding_box()["x"] - box["x"] < 2


def test_a_column_sorts_down_up_and_not_at_all(demo, tab):
    page = tab(demo).open("/#contracts")
    head = page.locator("#scroller th", has=page.locator("[data-column=volume]"))
    page.click("[data-column=volume]")
    assert head.get_attribute("aria-sort") == "descending"
    assert cells(page, VOLUME)[0].endswith("B")
    page.click("[data-column=volume]")
    assert head.get_attribute("aria-sort") == "ascending"
    page.click("[data-column=volume]")
    assert head.get_attribute("aria-sort") is None
    assert page.url.endswith("/#contracts")


@pytest.mark.parametrize("order", ["oi", "-oi"])
def test_unknown_values_come_last_whichever_way_it_is_sorted(demo, tab, order):
    page = tab(demo).open(f"/#contracts?sort={order}")
    assert "–" not in cells(page, OPEN_INTEREST)
    scroll_to(page, 1e9)
    assert set(cells(page, OPEN_INTEREST)) == {"–"}


def test_it_sorts_by_one_column_and_then_another(demo, tab):
    page = tab(demo).open("/#contracts")
    page.click("[data-column=interval]")
    page.click("[data-column=rate]", modifiers=["Shift"])
    assert page.locator("#scroller th[aria-sort=descending]").count() == 2
    assert page.url.endswith("sort=-interval,-rate")
    assert set(cells(page, INTERVAL)) == {"8 h"}
    rates = [number(text) for text in cells(page, RATE)]
    assert rates == sorted(rates, reverse=True)


def test_the_search_answers_from_the_first_letter(demo, tab):
    page = tab(demo).open("/#contracts")
    page.keyboard.press("/")
    page.keyboard.type("d")
    settle(page)
    assert page.inner_text("#count") != "7,020 contracts"
    assert all(name[1:].startswith("D") for name in cells(page, 0))
    page.keyboard.type("oge okx")
    settle(page)
    assert set(cells(page, 0)) == {"☆DOGE"}
    assert set(cells(page, 1)) == {"okx"}
    page.keyboard.press("Escape")
    settle(page)
    assert page.inner_text("#count") == "7,020 contracts"


def test_filters_are_chips_that_can_be_removed(demo, tab):
    page = tab(demo).open("/#contracts")
    page.click("#filters")
    sheet = page.locator("#filter-sheet")
    sheet.locator("input[name=exchange][value=okx]").check()
    sheet.locator("input[name=interval][value='8']").check()
    sheet.locator("input[name=quote][value=USDT]").check()
    sheet.locator("input[name=kind][value=linear]").check()
    sheet.locator("input[name=oi]").fill("5M")
    sheet.locator("input[name=volume]").fill("1m")
    sheet.locator("input[name=apr]").fill("3")
    sheet.locator("input[name=fresh]").check()
    sheet.get_by_text("Done").click()
    assert page.locator("#chips button span").all_inner_texts() == [
        "okx", "quoted in USDT", "linear", "every 8 h", "open interest ≥ $5.00M", "volume ≥ $1.00M", "|APR| ≥ 3%",
        "no stale, no suspect",
    ]  # fmt: skip
    assert set(cells(page, 1)) == {"okx"}
    assert set(cells(page, INTERVAL)) == {"8 h"}
    assert all(abs(number(text)) >= 3 for text in cells(page, RATE))
    assert page.inner_text("#count").endswith(" of 7,020 contracts")
    while page.locator("#chips button").count():
        page.locator("#chips button").first.click()
    assert page.inner_text("#count") == "7,020 contracts"
    assert page.url.endswith("/#contracts")


def test_favourites_are_kept_and_a_link_to_them_holds_elsewhere(demo, tab):
    page = tab(demo).open("/#contracts?q=btc")
    page.locator(ROW).first.locator(".star").click()
    page.fill("#search", "")
    page.click("#favourites")
    settle(page)
    assert set(cells(page, 0)) == {"★BTC"}
    assert page.locator("#chips button span").all_inner_texts() == ["★ BTC"]
    elsewhere = tab(demo).open(page.url.removeprefix(demo.url))
    assert set(cells(elsewhere, 0)) == {"☆BTC"}
    page.reload()
    page.wait_for_selector(ROW)
    assert set(cells(page, 0)) == {"★BTC"}


def test_a_new_snapshot_changes_changed_cells_only_and_keeps_scroll_selection_and_focus(small, tab):
    program, _ = small
    page = tab(program).open("/#contracts?sort=symbol")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.evaluate("() => document.getElementById('scroller').scrollTo(300, 400)")
    settle(page)
    state = (
        "() => [scroller.scrollTop, scroller.scrollLeft, document.activeElement.id,"
        " document.querySelector('[aria-selected]')?.textContent.slice(0, 8) ?? scroller.getAttribute('aria-activedescendant')]"
    )
    before = page.evaluate(state)
    page.evaluate(
        """() => {
            window.touched = [];
            const note = records => { for (const one of records) {
                const cell = (one.target.nodeType === 1 ? one.target : one.target.parentElement).closest('td');
                window.touched.push(cell ? cell.cellIndex : one.target.nodeName);
            } };
            new MutationObserver(note).observe(document.querySelector('#scroller table'),
                { subtree: true, childList: true, characterData: true, attributes: true });
        }"""
    )
    for _ in range(10):
        ask_again(page)
        page.wait_for_timeout(1000)
        if RATE in page.evaluate("touched"):
            break
    assert RATE in page.evaluate("touched")
    assert page.evaluate(state) == before
    unchanging = {0, 1, INTERVAL, 9, 10, 11, 12, 13}
    assert set(page.evaluate("touched")) & unchanging == set()
