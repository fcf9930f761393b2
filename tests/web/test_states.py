"""Every state: loading, first run, empty, stale, offline and back, refused, without a key, held back."""

import time
from typing import Any

from bench.simulator import Simulator
from tests.programs import Program, until
from tests.web.browsing import EXCHANGES, ROW, ask_again, cells, market

PROBLEM = {
    "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": "Something went wrong on our side.",
    "instance": "/api/funding/current", "request_id": "c0ffee0123456789", "errors": [],
}  # fmt: skip
CURRENT = "**/api/funding/current"


def refuse(page, status, detail, **headers):
    body = PROBLEM | {"status": status, "detail": detail}
    page.route(CURRENT, lambda route: route.fulfill(status=status, json=body, headers=headers))


def test_while_it_loads_there_are_bones_and_then_rows(demo, tab):
    one = tab(demo)
    held: list[Any] = []
    one.page.route(CURRENT, lambda route: held.append(route))
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#panel[data-what=loading]")
    held[0].continue_()
    page.wait_for_selector(ROW)
    assert not page.locator("#panel").is_visible()


def test_an_empty_filter_says_so_and_can_be_cleared(demo, tab):
    page = tab(demo).open("/#contracts?oi=1e15&q=btc", rows=False)
    page.wait_for_selector("#panel[data-what=empty]")
    assert page.inner_text("#count") == "0 of 7,020 contracts"
    page.get_by_text("Clear filters and search").click()
    page.wait_for_selector(ROW)
    assert page.inner_text("#count") == "7,020 contracts"


def test_a_filter_that_the_api_answers_with_nothing_can_be_cleared_too(demo, tab):
    page = tab(demo).open("/#spreads?apr=99999", rows=False)
    page.wait_for_selector("#panel[data-what=empty]")
    page.get_by_text("Clear filters and search").click()
    page.wait_for_selector(ROW)
    assert page.url == f"{demo.url}/"


def test_a_refusal_shows_its_words_and_the_requests_id(demo, refused_tab):
    one = refused_tab(demo)
    refuse(one.page, 500, "Something went wrong on our side.")
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#panel[data-what=error]")
    assert "Something went wrong on our side." in page.inner_text("#panel")
    assert page.inner_text("#panel code") == "c0ffee0123456789"
    assert page.inner_text("#live-words") == "polling"
    page.unroute(CURRENT)
    page.get_by_text("Try now").click()
    page.wait_for_selector(ROW)


def test_old_rows_stay_while_the_server_fails_and_the_banner_says_so(demo, refused_tab):
    one = refused_tab(demo)
    page = one.open("/#contracts")
    refuse(page, 500, "Something went wrong on our side.")
    ask_again(page)
    page.wait_for_selector("#banner[data-kind=error]")
    assert "Request id c0ffee0123456789" in page.inner_text("#banner")
    assert page.locator(ROW).count() > 10


def test_offline_is_said_and_it_comes_back_by_itself(small, refused_tab):
    program, _ = small
    one = refused_tab(program)
    page = one.open("/#contracts")
    one.context.set_offline(True)
    page.wait_for_function("() => document.getElementById('live').dataset.state === 'offline'")
    one.context.set_offline(False)
    page.wait_for_function("() => document.getElementById('live').dataset.state === 'live'", timeout=20_000)
    assert page.locator(ROW).count() > 10


def test_offline_from_the_start_is_no_blank_page(demo, refused_tab):
    one = refused_tab(demo)
    one.page.route("**/api/**", lambda route: route.abort())
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#panel[data-what=offline]")
    assert "Not connected" in page.inner_text("#panel")


def test_a_401_asks_for_a_key_and_goes_on_with_it(demo, refused_tab):
    one = refused_tab(demo)

    def let_in(route):
        headers = route.request.headers
        if headers.pop("x-api-key", None) == "ff_right":
            route.continue_(headers=headers)
        else:
            route.fulfill(status=401, json=PROBLEM | {"status": 401, "detail": "This server wants a key."})

    one.page.route("**/api/**", let_in)
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#key-sheet[open]")
    assert "This server wants a key." in page.inner_text("#key-sheet")
    page.fill("#key", "ff_right")
    page.get_by_text("Use this key").click()
    page.wait_for_selector(ROW)
    page.wait_for_function("() => document.getElementById('well').textContent === '6/6 ok'")


def test_a_key_that_is_none_is_refused_and_it_goes_on_without(demo, refused_tab):
    one = refused_tab(demo)
    one.page.add_init_script("localStorage['api-key'] ??= 'ff_of_nobody'")
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#key-sheet[open]")
    page.get_by_text("Go on without").click()
    page.wait_for_selector(ROW)


def test_a_429_waits_as_it_is_told_and_says_so(demo, refused_tab):
    one = refused_tab(demo)
    asked = []

    def limit(route):
        asked.append(time.monotonic())
        if len(asked) == 1:
            route.fulfill(
                status=429, json=PROBLEM | {"status": 429, "detail": "Too many."}, headers={"Retry-After": "3"}
            )
        else:
            route.continue_()

    one.page.route(CURRENT, limit)
    page = one.open("/#contracts", rows=False)
    page.wait_for_selector("#panel[data-what=held]")
    page.wait_for_function("() => /Goes on in [123] s/.test(document.getElementById('panel').textContent)")
    page.wait_for_selector(ROW)
    assert asked[1] - asked[0] >= 2.9


def test_the_limit_of_a_real_server_is_survived(browser, demo, refused_tab, tmp_path):
    settings = {
        "FUNDING_LIMIT_FREE": 2,
        "FUNDING_PORT": 0,
        "FUNDING_UPSTREAM": "http://127.0.0.1:9",
        "FUNDING_EXCHANGES": "okx",
    }
    with Program(tmp_path, "run", **settings) as program:
        page = refused_tab(program).open("/#exchanges", rows=False)
        page.wait_for_selector("#panel[data-what=held]")
        assert "Too many requests" in page.inner_text("#panel")


def test_a_first_run_counts_the_exchanges_that_have_answered(browser, refused_tab, tmp_path):
    with Simulator("--contracts", "12", "--exchanges", ",".join(EXCHANGES)) as simulator:
        for name in EXCHANGES[2:]:
            simulator.control(exchange=name, fault="hang")
        settings = {"FUNDING_UPSTREAM": simulator.url, "FUNDING_EXCHANGES": ",".join(EXCHANGES), "FUNDING_PORT": 0}
        with Program(tmp_path, "run", **settings, FUNDING_LIMIT_FREE=0) as program:
            page = refused_tab(program).open("/#contracts", rows=False)
            page.wait_for_function("() => document.getElementById('well').textContent === '2/6 ok'")
            page.wait_for_selector("#banner[data-kind=first]")
            assert page.inner_text("#banner") == "First round: 2 of 6 exchanges so far."
            page.wait_for_selector(ROW)
            assert page.inner_text("#count") == "24 contracts"


def test_before_the_first_answer_it_says_how_many_are_awaited(browser, refused_tab, tmp_path):
    settings = {"FUNDING_UPSTREAM": "http://127.0.0.1:9", "FUNDING_EXCHANGES": ",".join(EXCHANGES), "FUNDING_PORT": 0}
    with Program(tmp_path, "run", **settings) as program:
        page = refused_tab(program).open("/#contracts", rows=False)
        page.wait_for_selector("#panel[data-what=first]")
        assert page.inner_text("#panel h2") == "0 of 6 exchanges"


def test_a_stale_exchange_and_then_a_stale_snapshot_are_told_apart(browser, refused_tab, tmp_path):
    with market(tmp_path, 12, 3) as (program, simulator):
        page = refused_tab(program).open("/#contracts?sort=-trust")
        simulator.control(exchange="gate", fault="503")
        until(lambda: "gate" in program.get("/api/health")[1]["stale_exchanges"], "a stale exchange")
        ask_again(page)
        page.wait_for_selector("#well[data-state=some]")
        page.wait_for_selector(f"{ROW}.stale", timeout=30_000)
        assert set(cells(page, 9)[:3]) == {"stale"}
        assert not page.locator("#banner[data-kind=stale]").is_visible()
        page.click("#well")
        page.wait_for_selector("#standing li")
        assert page.locator("#standing li a").first.inner_text() == "Gate"
        assert "HTTP 503" in page.locator("#standing li p").inner_text()
        page.keyboard.press("Escape")
        simulator.control(exchange="*", fault="503")
        page.wait_for_selector("#banner[data-kind=stale]", timeout=30_000)
        assert "All rates are stale" in page.inner_text("#banner")
