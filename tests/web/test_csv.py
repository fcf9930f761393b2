"""The CSV link of each view gives exactly the rows that are shown, in their order as far as the API has one."""

import csv
import io
import json

import pytest

from tests.web.browsing import cells, settle

SHORT, LONG, EXCHANGE, SYMBOL = 1, 4, 1, 10
CONTRACTS = [
    "q=btc",
    "q=b okx&sort=coin",
    "q=sim1&exchange=okx,gate&interval=8&unit=8h",
    "q=btc&quote=USD,USDC&kind=linear&unit=raw",
    "kind=inverse&q=btc",
    "oi=900000000&volume=900000000&sort=-volume&unit=1d",
    "apr=215&sort=-interval,apr&unit=1h",
    "q=sim11&fresh=1",
]


def download(program, page) -> list[dict[str, str]]:
    status, text = program.get(page.get_attribute("#csv", "href"))
    assert status == 200, text
    return list(csv.DictReader(io.StringIO(text)))


def shown(page) -> int:
    return int(page.inner_text("#count").split()[0].replace(",", ""))


def contracts(page) -> list[tuple[str, str]]:
    return list(zip(cells(page, EXCHANGE), cells(page, SYMBOL), strict=True))


@pytest.mark.parametrize("query", CONTRACTS)
def test_contracts_are_downloaded_as_they_are_filtered_and_sorted(demo, tab, query):
    page = tab(demo).open(f"/#contracts?{query}")
    rows = download(demo, page)
    assert len(rows) == shown(page) > 0
    visible = contracts(page)
    assert [(row["exchange"], row["symbol"]) for row in rows[: len(visible)]] == visible


def test_hidden_contracts_are_not_downloaded(doubtful, tab):
    program, suspect = doubtful
    page = tab(program).open(f"/#contracts?q={suspect['asset']}")
    assert suspect["symbol"] in cells(page, SYMBOL)
    page.evaluate("() => { location.hash += '&fresh=1'; }")
    settle(page)
    assert suspect["symbol"] not in cells(page, SYMBOL)
    assert [(row["exchange"], row["symbol"]) for row in download(program, page)] == contracts(page)


@pytest.fixture
def doubtful(demo):
    """A contract that is suspect; the invented market has one whose price is not its asset's."""
    rows = demo.get("/api/funding/current?fields=asset,exchange,symbol,suspect&sort=suspect&limit=1")[1]["rows"]
    assert rows[0]["suspect"]
    return demo, rows[0]


@pytest.mark.parametrize("way", ["", "-"])
def test_contracts_are_downloaded_in_the_order_of_any_column(demo, tab, way):
    page = tab(demo).open("/#contracts?q=btc")
    columns = page.evaluate("[...document.querySelectorAll('[data-column]')].map(one => one.dataset.column)")
    assert len(columns) == 31
    columns.remove("trust")  # the API orders stale rows, but not suspect ones between these and the sound
    for column in columns:
        page.evaluate("hash => { location.hash = hash; }", f"#contracts?q=btc&sort={way}{column}")
        page.wait_for_selector(f"th[aria-sort={'descending' if way else 'ascending'}] [data-column={column}]")
        rows = [(row["exchange"], row["symbol"]) for row in download(demo, page)]
        visible = contracts(page)
        assert rows[: len(visible)] == visible, column


@pytest.mark.parametrize(
    "query",
    [
        "q=btc",
        "q=sim2 okx",
        "sort=-oi",
        "sort=-lasts",
        "sort=gap",
        "kind=linear&quote=USDT&apr=60&sort=coin",
        "exchange=okx",
    ],
)
def test_pairs_are_downloaded_as_they_are_filtered_and_sorted(demo, tab, query):
    page = tab(demo).open(f"/#spreads?{query}&volume=5000000&hold=72")
    rows = download(demo, page)
    assert len(rows) == shown(page) > 0
    visible = list(zip(cells(page, 0), cells(page, SHORT), cells(page, LONG), strict=True))
    given = [(f"☆{row['asset']}", *(json.loads(row[leg])["exchange"] for leg in ("short", "long"))) for row in rows]
    assert given[: len(visible)] == visible


@pytest.mark.parametrize(
    "query", ["q=b", "unit=1d&exchange=okx,gate,kraken", "kind=inverse", "volume=500000000&unit=8h"]
)
def test_the_heatmap_is_downloaded_as_it_stands(demo, tab, query):
    page = tab(demo).open(f"/#heatmap?{query}")
    rows = download(demo, page)
    assert len(rows) == shown(page) > 0
    assert list(rows[0]) == ["base", *page.locator("#scroller th span").all_inner_texts()[2:], "spread"]
    visible = cells(page, 0)
    assert [f"☆{row['base']}" for row in rows[: len(visible)]] == visible


def test_the_exchanges_are_downloaded(demo, tab):
    page = tab(demo).open("/#exchanges?sort=-name")
    assert [row["title"] for row in download(demo, page)] == cells(page, 0)
