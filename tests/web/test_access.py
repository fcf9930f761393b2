"""Phones, other senses, less motion."""

import pytest

from tests.web.browsing import PHONE, ROW, settle

VIEWS = ["spreads", "heatmap", "contracts", "exchanges"]
TARGETS = """() => [...document.querySelectorAll('a[href], button, input, select, summary')].flatMap(one => {
    const hit = one.closest('label') ?? one;
    if (!hit.checkVisibility({ visibilityProperty: true }) || hit.closest('[hidden]')) return [];
    const box = hit.getBoundingClientRect();
    return box.height < 39.5 || box.width < 39.5 ? [`${one.outerHTML.slice(0, 80)} ${box.width}×${box.height}`] : [];
})"""


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(demo, tab, axe, view, theme):
    page = tab(demo, color_scheme=theme, bypass_csp=True).open(f"/#{view}")
    assert serious(page, axe) == []


@pytest.mark.parametrize("opened", ["#filters", "#help", "#well", ""])
def test_axe_finds_nothing_serious_in_the_sheets(demo, tab, axe, opened):
    page = tab(demo, bypass_csp=True).open("/#contracts" if opened else "/#contracts?coin=BTC", rows=bool(opened))
    if opened:
        page.click(opened)
    else:
        page.wait_for_selector("#detail .venues tbody tr")
    assert serious(page, axe) == []


def serious(page, axe):
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


FILTERED = "contracts?exchange=okx,gate,bybit,kraken&quote=USDT&oi=1000000&fresh=1&unit=8h"


@pytest.mark.parametrize("view", [*VIEWS, FILTERED])
def test_a_phone_has_no_sideways_scroll_and_targets_that_a_thumb_hits(demo, tab, view):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open(f"/#{view}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    outside = "wide => [...document.querySelectorAll('.tools > *, .told > *')].filter(one => one.getBoundingClientRect().right > wide)"
    assert page.evaluate(f"({outside})({PHONE['width']}).map(one => one.id || one.className)") == []
    assert page.evaluate(TARGETS) == []


def test_on_a_phone_the_filters_are_a_sheet_from_below(demo, tab):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open("/#contracts")
    page.tap("#filters")
    box = page.locator("#filter-sheet").bounding_box()
    assert box["width"] == PHONE["width"]
    assert box["y"] > 60
    assert abs(box["y"] + box["height"] - PHONE["height"]) <= 1
    assert page.evaluate(TARGETS.replace("document.q", "document.getElementById('filter-sheet').q")) == []


def test_on_a_phone_a_pairs_venues_stand_in_one_cell(demo, tab):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open("/")
    first = demo.get("/api/funding/arb?limit=1")[1]["rows"][0]
    cell = page.locator(ROW).first.locator("td.two-lines")
    assert cell.inner_text() == f"short {first['short']['exchange']}\nlong {first['long']['exchange']}"
    assert cell.bounding_box()["x"] + cell.bounding_box()["width"] <= PHONE["width"]


def test_on_a_phone_the_exchanges_panel_has_targets_that_a_thumb_hits(demo, tab):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open("/")
    page.tap("#well")
    page.wait_for_selector("#standing li")
    assert page.evaluate(TARGETS.replace("document.q", "document.getElementById('standing-sheet').q")) == []


def test_on_a_phone_the_detail_fills_the_screen_without_sideways_scroll(demo, tab):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open("/#contracts?coin=BTC", rows=False)
    page.wait_for_selector("#detail .venues tbody tr")
    assert page.evaluate("document.getElementById('detail').scrollWidth") <= PHONE["width"]
    assert page.evaluate(TARGETS.replace("document.q", "document.getElementById('detail').q")) == []


def test_links_elsewhere_are_behind_one_button_on_a_phone(demo, tab):
    page = tab(demo, viewport=PHONE, has_touch=True, is_mobile=True).open("/#contracts")
    assert not page.locator("#links").is_visible()
    page.tap("#more")
    assert page.locator("#links a").all_inner_texts() == ["API", "CSV", "Docs"]


def test_less_motion_is_honoured(demo, tab):
    page = tab(demo, reduced_motion="reduce").open("/#contracts")
    page.evaluate("() => { panel.hidden = false; panel.innerHTML = '<div class=bone></div>' }")
    settle(page)
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_count_is_read_out(demo, tab):
    page = tab(demo).open("/#contracts")
    page.fill("#search", "btc")
    page.wait_for_selector(ROW)
    assert page.get_attribute("#count", "aria-live") == "polite"
    assert page.inner_text("#count").endswith(" of 7,020 contracts")
