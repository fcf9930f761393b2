"""Units and what a cell says of its figure."""

import re

import pytest

from tests.web.browsing import ROW, cells, number, settle

RATE, INTERVAL = 2, 3
SIGNED = re.compile(r"[+−±][\d,]+\.\d+%|–")
FIELDS = {"1h": "rate_1h_pct", "8h": "rate_8h_pct", "1d": "rate_1d_pct"}


@pytest.mark.parametrize(("unit", "days"), [("1h", 1 / 24), ("8h", 1 / 3), ("1d", 1)])
def test_a_unit_changes_every_rate_the_tooltips_and_the_csv_link_at_once(demo, tab, unit, days):
    page = tab(demo).open("/#contracts?sort=symbol&exchange=okx")
    yearly = [number(text) for text in cells(page, RATE)]
    page.locator("#units label", has_text=unit).click()
    settle(page)
    shown = [number(text) for text in cells(page, RATE)]
    assert shown == pytest.approx([value * days / 365 for value in yearly], abs=0.01)
    assert all(SIGNED.fullmatch(text) for text in cells(page, RATE))
    words = {"1h": "per hour", "8h": "per 8 hours", "1d": "per day"}[unit]
    assert words in page.locator(ROW).first.locator("td").nth(RATE).get_attribute("title")
    assert page.get_attribute("#csv", "href").count(FIELDS[unit]) == 1
    assert f"unit={unit}" in page.url


def test_raw_is_what_is_charged_per_interval(demo, tab):
    page = tab(demo).open("/#contracts?unit=raw&sort=symbol&exchange=okx")
    raw = [number(text) for text in cells(page, RATE)]
    hours = [float(text.split()[0]) for text in cells(page, INTERVAL)]
    page.locator("#units label", has_text="APR").click()
    settle(page)
    yearly = [number(text) for text in cells(page, RATE)]
    assert yearly == pytest.approx(
        [one * 8760 / every for one, every in zip(raw, hours, strict=True)], rel=0.02, abs=0.6
    )


@pytest.mark.parametrize("view", ["spreads", "heatmap", "contracts"])
def test_a_sign_is_always_written_and_digits_stand_below_each_other(demo, tab, view):
    page = tab(demo).open(f"/#{view}")
    texts = page.locator(f"{ROW} td.rate").all_inner_texts()
    assert len(texts) > 20
    assert [text for text in texts if not SIGNED.fullmatch(re.sub("^[▲▼] ?", "", text))] == []
    assert page.evaluate("getComputedStyle(document.querySelector('td.rate')).fontVariantNumeric") == "tabular-nums"


def test_the_colour_goes_from_blue_to_orange_and_repeats_the_sign(demo, tab):
    page = tab(demo).open("/#contracts?sort=rate")
    assert "n4" in page.locator(ROW).first.locator("td").nth(RATE).get_attribute("class")
    page.click("[data-column=rate]")
    settle(page)
    assert "p4" in page.locator(ROW).first.locator("td").nth(RATE).get_attribute("class")


def test_missing_stale_and_suspect_look_different_and_say_why(demo, tab):
    one = tab(demo)

    def doubtful(route):
        body = route.fetch().json()
        body["rows"] = body["rows"][:4]
        body["rows"][0] |= {"annualized_pct": None, "funding_interval_hours": None, "open_interest_usd": None}
        body["rows"][1] |= {"stale": True, "stale_reason": "not observed for more than 900 s"}
        body["rows"][2] |= {"suspect": "its price is 40 % off the others'"}
        route.fulfill(json=body)

    one.page.route("**/api/funding/current", doubtful)
    page = one.open("/#contracts?sort=trust")
    titles = [cell.get_attribute("title") for cell in page.locator(f"{ROW} td.rate, {ROW} td.missing").all()]
    text = "\n".join(filter(None, titles))
    assert "The funding interval is unknown" in text
    assert "Not published by the exchange" in text
    assert "Stale: not observed for more than 900 s" in text
    assert "Suspect: its price is 40 % off the others'" in text
    look = "one => { const s = getComputedStyle(one); return [s.fontStyle, s.textDecorationLine, s.backgroundImage !== 'none'] }"
    rates = {name: page.locator(f"{ROW}.{name} td.rate").evaluate(look) for name in ("stale", "suspect")}
    assert rates == {"stale": ["italic", "none", True], "suspect": ["normal", "underline", False]}
    assert sorted(page.locator(f"{ROW} td.tag").all_text_contents()) == ["stale", "suspect"]
