"""The frame: where requests go, the header, the views and their addresses, the state in the address, themes, no scripts."""

import re

import pytest

from tests.web.browsing import DESK, ROW, cells, settle

VIEWS = ["spreads", "heatmap", "contracts", "exchanges"]


def test_requests_go_to_its_own_origin_alone(demo, tab):
    one = tab(demo)
    page = one.open("/#contracts")
    page.keyboard.press("Enter")
    page.locator(ROW).first.click()
    page.wait_for_selector("#detail .venues tbody tr")
    assert len(one.asked) > 10
    assert [url for url in one.asked if not url.startswith(demo.url)] == []


def test_the_headers_age_ticks_and_the_exchanges_are_told_apart(demo, tab):
    page = tab(demo).open("/#contracts")
    assert page.inner_text("#well") == "6/6 ok"
    before = page.inner_text("#age")
    assert re.fullmatch(r"(\d+ m )?\d+ s old", before)
    page.wait_for_function("before => document.getElementById('age').textContent !== before", arg=before)
    assert page.inner_text("#live-words") in ("live", "polling")
    page.click("#well")
    page.wait_for_selector("#standing li")
    assert page.inner_text("#standing-title") == "6 of 6 exchanges are ok"
    names = page.locator("#standing li a").all_inner_texts()
    assert names == ["Binance USDⓈ-M Futures", "Bybit", "Gate", "Hyperliquid", "Kraken Futures", "OKX"]
    assert [link.get_attribute("href") for link in page.locator("#links a").all()] == [
        "/openapi.json", "/api/funding/current?format=csv", "/docs",
    ]  # fmt: skip


def test_the_exchanges_panel_leads_to_the_contracts_of_one_and_to_the_figures_of_all(demo, tab):
    page = tab(demo).open("/")
    page.click("#well")
    page.locator("#standing a", has_text="Gate").click()
    page.wait_for_function("() => location.hash === '#contracts?exchange=gate'")
    assert not page.locator("#standing-sheet").is_visible()
    page.click("#well")
    page.click("#standing-more")
    page.wait_for_function("() => document.title.startsWith('Exchanges')")
    page.wait_for_selector(ROW)
    assert not page.locator("#standing-sheet").is_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_its_own_link(demo, tab, view):
    page = tab(demo).open(f"/#{view}")
    assert page.get_attribute(f"[data-view={view}]", "aria-current") == "page"
    page.click("[data-view=exchanges]" if view != "exchanges" else "[data-view=contracts]")
    page.wait_for_selector(ROW)
    page.go_back()
    page.wait_for_selector(f"[data-view={view}][aria-current=page]")


def test_the_default_state_is_a_clean_address_and_comes_back_to_it(demo, tab):
    page = tab(demo).open("/")
    assert page.url == f"{demo.url}/"
    page.keyboard.press("u")
    assert "unit=raw" in page.url
    for _ in range(4):
        page.keyboard.press("u")
    assert page.url == f"{demo.url}/"


def test_an_address_shows_the_same_first_rows_in_a_fresh_profile(demo, tab):
    first = tab(demo).open("/#contracts")
    first.fill("#search", "b")
    first.click("[data-column=coin]")
    first.click("[data-column=mark]", modifiers=["Shift"])
    first.keyboard.press("u")
    settle(first)
    second = tab(demo).open(first.url.removeprefix(demo.url))
    assert cells(second, 10)[:10] == cells(first, 10)[:10]
    assert second.input_value("#search") == "b"
    assert second.inner_text("#count") == first.inner_text("#count")


def test_the_colours_are_those_that_were_chosen_before_anything_is_painted(demo, tab):
    one = tab(demo, color_scheme="light")
    page = one.open("/#exchanges")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    dark = page.evaluate(ground)
    assert light != dark
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ window.first = ({ground})(); }})")
    page.reload()
    assert page.evaluate("first") == dark
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.click("#theme")
    assert page.evaluate(ground) == light
    page.click("#theme")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) == dark


def test_loading_moves_nothing(demo, tab):
    one = tab(demo)
    one.page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true })"
    )
    page = one.open("/#contracts")
    settle(page)
    assert page.evaluate("shift") < 0.02


def test_without_scripts_there_are_pairs_and_links(demo, browser):
    context = browser.new_context(java_script_enabled=False, viewport=DESK, base_url=demo.url)
    page = context.new_page()
    page.goto("/")
    text = page.inner_text("body")
    links = [link.get_attribute("href") for link in page.locator(".plain a").all()]
    pairs = page.locator(".plain tbody tr").count()
    context.close()
    assert "Funding Finder" in text
    assert pairs == 20
    assert "/api/funding/current?format=csv" in links
    assert "/docs" in links
