"""The detail of a coin: its address, the venues, the chart, the download, the carry, the copies."""

import csv
import io
import time
from typing import Any

import pytest

from tests.web.browsing import ROW, Tab, number, settle

VENUES = "#detail .venues tbody tr"
CHART = "#detail .chart canvas"


@pytest.fixture
def detail(small, tab):
    """Of BTC, with the contracts ticked that have a history."""
    program, _ = small
    one = tab(program)
    page = one.open("/#contracts?coin=BTC&days=7&tick=bybit:BTCUSDT,bybit:BTCUSD")
    page.wait_for_selector(CHART)
    return page


def test_it_has_its_own_address_and_back_closes_it(demo, tab):
    page = tab(demo).open("/#contracts?q=doge")
    page.locator(ROW).first.locator("td").nth(1).click()
    page.wait_for_selector(VENUES)
    assert page.url.endswith("/#contracts?q=doge&coin=DOGE")
    assert page.title() == "DOGE · Funding Finder"
    page.go_back()
    page.wait_for_selector("#detail", state="hidden")
    assert page.url.endswith("/#contracts?q=doge")


def test_closing_what_was_opened_by_its_address_leaves_the_view(demo, tab):
    page = tab(demo).open("/#contracts?coin=DOGE", rows=False)
    page.wait_for_selector(VENUES)
    page.click("#detail [aria-label=Close]")
    page.wait_for_selector("#detail", state="hidden")
    assert page.url.endswith("/#contracts")


def test_all_venues_stand_side_by_side_with_what_was_settled(demo, tab):
    page = tab(demo).open("/#contracts?coin=BTC", rows=False)
    page.wait_for_selector(VENUES)
    rows = demo.get("/api/funding/symbol/BTC")[1]["rows"]
    assert page.locator(VENUES).count() == len(rows)
    heads = page.locator("#detail .venues th").all_inner_texts()
    assert heads[5:9] == ["Settled 1d", "3d", "7d", "30d"]
    rates = [number(text) for text in page.locator(f"{VENUES} td:nth-child(3)").all_inner_texts()]
    assert rates == sorted(rates, reverse=True)


def test_the_chart_shows_the_ticked_venues_and_the_spread_of_two(detail):
    labels = detail.locator("#detail .u-legend .u-label").all_inner_texts()
    assert labels == ["UTC", "bybit:BTCUSDT", "bybit:BTCUSD", "spread"]
    detail.locator(f"{VENUES} input[value='bybit:BTCUSD']").uncheck()
    detail.wait_for_function("() => document.querySelectorAll('#detail .u-legend .u-label').length === 2")
    assert "tick=bybit:BTCUSDT" in detail.url


@pytest.mark.parametrize("days", [1, 3, 30, 90])
def test_the_chart_goes_from_a_day_to_ninety(detail, days):
    detail.click(f"#detail [data-days='{days}']")
    detail.wait_for_selector(f"#detail [data-days='{days}'][aria-pressed=true]")
    detail.wait_for_selector(CHART)
    assert f"days={days}" in detail.url


def download(page) -> list[list[str]]:
    with page.expect_download() as coming:
        page.get_by_text("Download what is shown").click()
    return list(csv.reader(io.StringIO(coming.value.path().read_text("utf-8"))))


def test_what_is_shown_is_downloaded_and_dragging_zooms(detail):
    whole = download(detail)
    assert whole[0] == ["time", "bybit:BTCUSDT %/apr", "bybit:BTCUSD %/apr", "spread %/apr"]
    box = detail.locator("#detail .u-over").bounding_box()
    detail.locator("#detail .u-over").scroll_into_view_if_needed()
    box = detail.locator("#detail .u-over").bounding_box()
    middle = box["y"] + box["height"] / 2
    detail.mouse.move(box["x"] + box["width"] * 0.3, middle)
    detail.mouse.down()
    detail.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=8)
    detail.mouse.up()
    settle(detail)
    part = download(detail)
    assert 2 < len(part) < 0.5 * len(whole)
    assert part[1] in whole


def test_the_figures_of_the_download_are_those_of_the_api(detail, small):
    program, _ = small
    start = (
        int(time.time()) - 8 * 86_400
    )  # a day more than the chart shows: it may have begun at a settlement just before
    query = f"exchange=bybit&symbol=BTCUSDT&start={start}&limit=10000"
    points = program.get(f"/api/funding/history/BTC?{query}")[1]["rows"]
    known = {f"{point['annualized_pct']:.6f}" for point in points}
    shown = {f"{float(line[1]):.6f}" for line in download(detail)[1:] if line[1]}
    assert shown
    assert shown <= known


def test_the_carry_is_reckoned_with_own_fees_and_has_a_ledger(demo, tab):
    page = tab(demo).open("/#contracts?coin=BTC&hours=24&notional=5000&fee=0.01", rows=False)
    page.wait_for_selector("#detail .carry-result dl")
    assert "−$2.00 −0.0400%" in page.inner_text("#detail .carry-result")
    page.click("#detail .ledger summary")
    assert page.locator("#detail .ledger tbody tr").count() >= 4
    page.fill("#detail input[name=hours]", "48")
    page.wait_for_function("() => location.hash.includes('hours=48')")


def test_it_is_copied_as_curl_and_as_pandas(demo, tab):
    page = tab(demo).open("/#contracts?coin=BTC", rows=False)
    page.wait_for_selector(VENUES)
    copied = "async text => (await navigator.clipboard.readText()) === text"
    address = f"{demo.url}/api/funding/symbol/BTC"
    page.locator("#detail .copies").get_by_text("Copy as curl").click()
    page.wait_for_function(copied, arg=f"curl -s --compressed '{address}'")
    page.locator("#detail .copies").get_by_text("Copy as pandas").click()
    page.wait_for_function(copied, arg=f'import pandas as pd\n\nrates = pd.read_csv("{address}?format=csv")')


def test_what_comes_late_moves_nothing_under_a_click(small, tab):
    program, _ = small
    one: Tab = tab(program)
    late: list[Any] = []
    one.page.route("**/api/funding/history/**", lambda route: late.append(route))
    page = one.open("/#contracts?coin=BTC&days=7&tick=bybit:BTCUSDT,bybit:BTCUSD", rows=False)
    page.wait_for_selector("#detail .carry-result dl")
    place = "document.querySelector('#detail .copies button').getBoundingClientRect().top"
    before = page.evaluate(place)
    late[-1].continue_()
    page.wait_for_selector(CHART)
    settle(page)
    assert page.evaluate(place) == before


def test_a_venues_name_leads_to_the_contract_there(demo, tab):
    page = tab(demo).open("/#contracts?coin=BTC", rows=False)
    page.wait_for_selector(f"{VENUES} a[href]")
    links = {
        row.locator("input").get_attribute("value"): row.locator("a").get_attribute("href")
        for row in page.locator(VENUES).all()
    }
    assert links["okx:BTC-USDT-SWAP"] == "https://www.okx.com/trade-swap/btc-usdt-swap"
    assert links["bybit:BTCUSDT"] == "https://www.bybit.com/trade/usdt/BTCUSDT"
    assert links["hyperliquid:hyna:BTC"] == "https://app.hyperliquid.xyz/trade/hyna:BTC"
    assert links["bybit:BTCUSD"] == "https://www.bybit.com/trade/inverse/BTCUSD"
    assert links["gate:BTC_USD"] is None  # that page is not known
    first = page.locator(f"{VENUES} a[href]").first
    assert (first.get_attribute("target"), first.get_attribute("rel")) == ("_blank", "noopener noreferrer")


def test_the_unit_changes_in_it_too(demo, tab):
    page = tab(demo).open("/#contracts?coin=BTC", rows=False)
    page.wait_for_selector(VENUES)
    page.click("#detail-unit")
    assert page.inner_text("#detail-unit") == "raw"
    assert "per funding interval" in page.locator(f"{VENUES} td.rate").first.get_attribute("title")


def test_a_coin_that_nobody_lists_is_said_to_be_unknown(demo, refused_tab):
    one: Tab = refused_tab(demo)
    page = one.open("/#contracts?coin=NOSUCHCOIN", rows=False)
    page.wait_for_selector("#detail .problem:not([hidden])")
    assert "No contract of NOSUCHCOIN" in page.inner_text("#detail .problem")
