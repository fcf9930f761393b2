"""Each view offers the filters that mean something in it, and shows no others."""

import pytest

from tests.web.browsing import ROW

SHEETS = {
    "spreads": ["oi", "volume", "apr", "fav", "hold", "fees", "quote", "kind", "exchange"],
    "heatmap": ["volume", "kind", "exchange"],
    "contracts": ["oi", "volume", "apr", "fav", "fresh", "interval", "quote", "kind", "exchange"],
}


@pytest.mark.parametrize("view", SHEETS)
def test_a_view_offers_the_filters_that_mean_something_in_it(demo, tab, view):
    page = tab(demo).open(f"/#{view}")
    page.click("#filters")
    names = page.evaluate("[...document.querySelectorAll('#filter-sheet input')].map(one => one.name)")
    assert list(dict.fromkeys(names)) == SHEETS[view]


def test_the_exchanges_have_no_filters(demo, tab):
    page = tab(demo).open("/#exchanges?exchange=okx")
    assert page.locator("#filters, #favourites, #chips button").locator("visible=true").count() == 0
    page.keyboard.press("f")
    assert not page.locator("#filter-sheet").is_visible()


ACTIVE = "exchange=okx&quote=USDT&kind=linear&interval=8&oi=2&volume=3&apr=4&fresh=1&fav=BTC&hold=24&fees=none"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("spreads", [
            "okx", "quoted in USDT", "linear", "open interest ≥ $2", "volume ≥ $3", "net APR ≥ 4%", "★ BTC", "held for 24 h",
            "without fees",
        ]),
        ("heatmap", ["okx", "linear", "volume ≥ $3"]),
        ("contracts", [
            "okx", "quoted in USDT", "linear", "every 8 h", "open interest ≥ $2", "volume ≥ $3", "|APR| ≥ 4%",
            "no stale, no suspect", "★ BTC",
        ]),
        ("exchanges", []),
    ],
)  # fmt: skip
def test_a_view_has_chips_of_these_alone(demo, tab, view, words):
    page = tab(demo).open(f"/#{view}?{ACTIVE}", rows=False)
    page.wait_for_selector(f"{ROW}, #panel:not([hidden], [data-what=loading])")
    assert page.locator("#chips button span").all_inner_texts() == words
