"""The keyboard alone: moving, opening, units, views, favourites, help; the focus is always to be seen."""

from tests.web.browsing import ROW, settle


def selected(page):
    return page.locator("#scroller tr[aria-selected=true]")


def test_j_and_k_move_the_selection_and_enter_opens_it(demo, tab):
    page = tab(demo).open("/#contracts?sort=symbol")
    for key in "jjjk":
        page.keyboard.press(key)
    assert selected(page).get_attribute("aria-rowindex") == "3"
    assert page.get_attribute("#scroller", "aria-activedescendant") == selected(page).get_attribute("id")
    coin = selected(page).locator(".coin").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail[open]")
    assert page.inner_text("#detail-title") == coin
    page.keyboard.press("Escape")
    page.wait_for_selector("#detail", state="hidden")
    assert page.evaluate("document.activeElement.id") == "scroller"
    assert selected(page).get_attribute("aria-rowindex") == "3"


def test_the_selection_is_followed_to_the_last_row(demo, tab):
    page = tab(demo).open("/#contracts")
    page.keyboard.press("j")
    page.keyboard.press("End")
    settle(page)
    assert selected(page).get_attribute("aria-rowindex") == "7021"
    assert selected(page).is_visible()


def test_u_changes_the_unit_and_1_to_4_the_view(demo, tab):
    page = tab(demo).open("/#contracts")
    page.keyboard.press("u")
    assert page.locator("#units input:checked").get_attribute("value") == "raw"
    for key, view in (("4", "exchanges"), ("3", "contracts"), ("2", "heatmap"), ("1", "spreads")):
        page.keyboard.press(key)
        assert page.get_attribute("[aria-current=page]", "data-view") == view


def test_f_stars_the_selected_coin_and_opens_the_filters_where_none_is(demo, tab):
    page = tab(demo).open("/#contracts?sort=symbol")
    page.keyboard.press("f")
    page.wait_for_selector("#filter-sheet[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("f")
    assert selected(page).locator(".star").get_attribute("aria-pressed") == "true"


def test_a_question_mark_explains_and_letters_typed_into_the_search_do_nothing_else(demo, tab):
    page = tab(demo).open("/#contracts")
    page.keyboard.press("?")
    page.wait_for_selector("#help-sheet[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("uj4f?")
    assert page.input_value("#search") == "uj4f?"
    assert page.get_attribute("[aria-current=page]", "data-view") == "contracts"


def test_sorting_works_from_the_keyboard(demo, tab):
    page = tab(demo).open("/#contracts")
    page.focus("[data-column=volume]")
    page.keyboard.press("Enter")
    page.focus("[data-column=oi]")
    page.keyboard.press("Shift+Enter")
    assert page.url.endswith("sort=-volume,-oi")


def test_the_focus_is_to_be_seen_wherever_tab_leads(demo, tab):
    page = tab(demo).open("/#contracts")
    page.wait_for_selector(ROW)
    seen = set()
    look = """() => {
        const one = document.activeElement;
        const style = getComputedStyle(one.matches('.units input') ? one.nextElementSibling : one);
        return [one.outerHTML.slice(0, 60), style.outlineStyle, parseFloat(style.outlineWidth)];
    }"""
    for _ in range(24):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(look)
        if "<body" not in name:
            assert style != "none", name
            assert width >= 2, name
            seen.add(name)
    assert len(seen) > 15
