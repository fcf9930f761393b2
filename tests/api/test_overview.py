"""Extremes, sentiment, divergence, heatmap and volumes over a small stored market: figures by hand."""

from typing import Any

import pytest
from webtest import TestApp

from funding.analysis import by_volume, divergence, sentiment
from funding.analysis.current import FIELDS
from funding.store.observations import save_observations
from funding.store.packing import Observation
from tests.api.conftest import Ticks
from tests.api.market import DAY, EIGHT, STALE, fill, number_of
from tests.api.stored import NEXT, NOW, Stored

LEFT_OUT = "3 rows left out: 1 of unknown interval, 1 stale, 1 suspect"
LEFT_OUT_WITH_ANY_INTERVAL = "2 rows left out: 1 stale, 1 suspect"
PATHS = [f"/api/funding/{name}" for name in ("extremes", "sentiment", "divergence", "heatmap", "by_volume")]


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def ask(client: TestApp, path: str) -> Any:
    return client.get(f"/api/funding/{path}").json


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['exchange']}:{row['symbol']}" for row in rows]


# Extremes


def test_the_extremes_are_whole_rows_of_current_the_most_extreme_first(client: TestApp) -> None:
    found = ask(client, "extremes?limit=2")
    assert list(found) == ["fetched_at", "highest", "lowest", "notices"]
    assert names(found["highest"]) == ["acme:BTC", "bybit:ETHUSDT"]
    assert names(found["lowest"]) == ["okx:BTC-USDT-SWAP", "bybit:PEPEUSDT"]  # 10.95 both; more volume first
    assert tuple(found["highest"][0]) == FIELDS
    assert found["highest"][0]["annualized_pct"] == 109.5
    assert found["notices"] == [STALE, LEFT_OUT]


def test_extremes_of_some_exchanges_and_of_a_size(client: TestApp) -> None:
    found = ask(client, "extremes?exchange=okx,bybit&min_volume=2e9")
    assert names(found["highest"]) == ["bybit:BTCUSDT", "okx:ETH-USDT-SWAP", "okx:BTC-USDT-SWAP"]
    assert names(found["lowest"]) == ["okx:BTC-USDT-SWAP", "okx:ETH-USDT-SWAP", "bybit:BTCUSDT"]


def test_an_exchange_that_is_given_up_within_the_minute_is_no_longer_an_extreme(
    stored: Stored, client: TestApp
) -> None:
    ask(client, "extremes")
    stored.connection.execute("UPDATE exchange SET declared = 0 WHERE id = 'acme'")
    assert names(ask(client, "extremes?limit=2")["highest"]) == ["bybit:ETHUSDT"]


# Sentiment


def test_the_markets_sentiment_is_weighted_by_what_is_open_and_by_what_is_traded(client: TestApp) -> None:
    found = ask(client, "sentiment?base=BTC")
    market = found["market"]
    assert market["asset"] is None
    assert market["contracts"] == market["positive"] == 4
    # (9 × 109.5 + 3 × 43.8 + 1 × 17.52 + 2 × 10.95) / 15 and (9 × 109.5 + 4 × 43.8 + 1 × 17.52 + 5 × 10.95) / 19
    assert market["oi_weighted_annualized_pct"] == 77.088
    assert market["volume_weighted_annualized_pct"] == 64.8931578947
    assert market["open_interest_usd"] == 15e9
    assert market["oi_weighted_annualized_before_24h_pct"] is None
    [asset] = found["rows"]
    assert tuple(asset) == sentiment.FIELDS
    assert asset == market | {"asset": "BTC"}


def test_assets_with_most_open_interest_come_first(client: TestApp) -> None:
    found = ask(client, "sentiment")
    assert [(row["asset"], row["contracts"]) for row in found["rows"]] == [("BTC", 4), ("ETH", 2), ("PEPE", 1)]
    assert found["market"]["contracts"] == 7
    assert found["notices"] == [STALE, LEFT_OUT]


def test_sentiment_remembers_a_day_and_a_week_ago(stored: Stored, client: TestApp) -> None:
    number = number_of(stored, "okx", "BTC-USDT-SWAP")
    for days, quoted in ((1, 0.0003), (7, -0.0001)):
        at = EIGHT - days * DAY - 60
        save_observations(stored.connection, at, [Observation(number, at, quoted, 8.0, NEXT - days * DAY)])
    market = ask(client, "sentiment?base=BTC")["market"]
    assert market["oi_weighted_annualized_before_24h_pct"] == 32.85
    assert market["oi_weighted_change_24h_pct"] == -21.9  # of okx alone: 10.95 - 32.85
    assert market["oi_weighted_annualized_before_7d_pct"] == -10.95
    assert market["volume_weighted_change_7d_pct"] == 21.9
    assert (market["positive_share_before_24h_pct"], market["positive_share_before_7d_pct"]) == (100.0, 0.0)


# Divergence


def test_the_farthest_from_its_assets_median_comes_first(client: TestApp) -> None:
    found = ask(client, "divergence")
    assert [(row["symbol"], row["difference_annualized_pct"]) for row in found["rows"]] == [
        ("BTC", 78.84),  # the median of 10.95, 17.52, 43.8 and 109.5 is 30.66
        ("ETHUSDT", 21.9),
        ("ETH-USDT-SWAP", -21.9),
        ("BTC-USDT-SWAP", -19.71),
        ("BTCUSDT", 13.14),
        ("BTC-PERPETUAL", -13.14),
    ]
    first = found["rows"][0]
    assert tuple(first) == divergence.FIELDS
    assert first["median_annualized_pct"] == 30.66
    assert first["robust_z"] == round(78.84 / (1.4826 * (13.14 + 19.71) / 2), 10)
    assert (first["contracts"], first["exchanges"]) == (4, 4)
    assert found["notices"] == [STALE, LEFT_OUT]


def test_a_least_volume_leaves_out_of_the_list_and_not_of_the_median(client: TestApp) -> None:
    rows = ask(client, "divergence?min_volume=5e9")["rows"]
    assert [(row["exchange"], row["median_annualized_pct"]) for row in rows] == [("acme", 30.66), ("okx", 30.66)]


# Heatmap


def test_the_heatmap_is_aligned_assets_by_volume(client: TestApp) -> None:
    found = ask(client, "heatmap?unit=apr")
    assert (found["fetched_at"], found["unit"]) == (NOW, "apr")
    assert found["exchanges"] == ["acme", "bybit", "deribit", "okx"]
    assert found["bases"] == ["BTC", "ETH", "PEPE"]
    assert found["cells"] == [[109.5, None, None], [43.8, 65.7, 10.95], [17.52, None, None], [10.95, 21.9, None]]
    assert found["spreads"] == [98.55, 43.8, None]  # 109.5 - 10.95, 65.7 - 21.9; PEPE is on one exchange alone
    assert found["notices"] == [STALE, LEFT_OUT]


@pytest.mark.parametrize(("unit", "cell"), [("raw", 0.0003), ("1h", 0.0075), ("8h", 0.06), ("1d", 0.18), ("apr", 65.7)])
def test_a_cell_is_in_the_unit_that_was_asked_for(unit: str, cell: float, client: TestApp) -> None:
    found = ask(client, f"heatmap?unit={unit}&limit=2")
    assert found["bases"] == ["BTC", "ETH"]
    assert found["cells"][found["exchanges"].index("bybit")][1] == cell


def test_a_contract_of_unknown_interval_has_a_raw_rate(client: TestApp) -> None:
    found = ask(client, "heatmap?unit=raw")
    assert found["cells"][found["exchanges"].index("okx")][found["bases"].index("DOGE")] == 0.0001
    assert found["notices"] == [STALE, LEFT_OUT_WITH_ANY_INTERVAL]


def table(client: TestApp, query: str) -> list[str]:
    text: str = client.get(f"/api/funding/heatmap?format=csv&{query}").text
    return text.splitlines()


def test_as_csv_it_is_a_row_an_asset_and_a_column_an_exchange(client: TestApp) -> None:
    assert table(client, "unit=apr") == [
        "base,acme,bybit,deribit,okx,spread",
        "BTC,109.5,43.8,17.52,10.95,98.55",
        "ETH,,65.7,,21.9,43.8",
        "PEPE,,10.95,,,",
    ]
    answer = client.get("/api/funding/heatmap.csv?limit=1&unit=raw")
    assert answer.text == "base,acme,bybit,deribit,okx,spread\r\nBTC,0.001,0.0004,2e-05,0.0001,\r\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="funding-heatmap.csv"'


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("exchange=okx,deribit", ["base,deribit,okx,spread", "BTC,17.52,10.95,6.57", "ETH,,21.9,"]),
        ("search=Et", ["base,bybit,okx,spread", "ETH,65.7,21.9,43.8"]),
        ("search=b&kind=inverse", ["base,deribit,spread", "BTC,17.52,"]),
        ("min_volume=4e9", ["base,acme,bybit,okx,spread", "BTC,109.5,43.8,10.95,98.55"]),
        ("search=doge", ["base,spread"]),  # its interval is not known
    ],
)
def test_the_heatmap_may_be_of_a_part(query: str, lines: list[str], client: TestApp) -> None:
    assert table(client, f"unit=apr&{query}") == lines


def test_of_a_part_what_was_left_out_is_said_of_that_part(client: TestApp) -> None:
    assert ask(client, "heatmap?search=pepe")["notices"] == [STALE, "1 row left out: 1 suspect"]


# By volume


def test_assets_by_what_is_traded_of_them(client: TestApp) -> None:
    found = ask(client, "by_volume")
    assert [(row["asset"], row["volume_24h_usd"]) for row in found["rows"]] == [
        ("BTC", 19e9), ("ETH", 3e9), ("PEPE", 5e8), ("DOGE", 1e8),
    ]  # fmt: skip
    assert tuple(found["rows"][0]) == by_volume.FIELDS
    assert found["rows"][0] == {
        "asset": "BTC",
        "asset_class": "crypto",
        "volume_24h_usd": 19e9,
        "open_interest_usd": 15e9,
        "contracts": 4,
        "exchanges": 4,
        "contracts_without_volume": 0,
        "largest_exchange": "acme",
        "largest_share_pct": 47.3684210526,  # 9 / 19
    }
    assert found["notices"] == [STALE, LEFT_OUT_WITH_ANY_INTERVAL]


# All of them


@pytest.mark.parametrize("url", PATHS)
def test_it_is_kept_while_nothing_changes(url: str, client: TestApp, ticks: Ticks) -> None:
    first = client.get(url)
    assert first.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"
    client.get(url, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    ticks.go_on(60)
    client.get(url, headers={"If-None-Match": first.headers["ETag"]}, status=200)


@pytest.mark.parametrize("name", ["sentiment", "divergence", "by_volume"])
def test_a_list_comes_as_a_table_and_line_by_line(name: str, client: TestApp) -> None:
    rows = ask(client, name)["rows"]
    table = client.get(f"/api/funding/{name}.csv")
    assert table.headers["Content-Disposition"] == f'attachment; filename="funding-{name}.csv"'
    assert table.text.count("\r\n") == len(rows) + 1
    assert client.get(f"/api/funding/{name}?format=ndjson").text.count("\n") == len(rows)
    assert len(ask(client, f"{name}?limit=1&offset=1")["rows"]) == 1


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("extremes?exchange=okex", "okex is not an exchange collected here; did you mean okx?"),
        ("extremes?limit=1001", "is not a whole number from 1 to 1000"),
        ("heatmap?unit=h8", "may not be h8; it is one of raw, 1h, 8h, 1d, apr"),
        ("heatmap?format=xlsx", "may not be xlsx; it is one of json, csv"),
        ("heatmap?exchange=okex", "okex is not an exchange collected here; did you mean okx?"),
        ("heatmap?search=%20", "is not one word or more, together at most 80 characters"),
        ("heatmap?min_volume=-1", "is not a number such as 1000000 or 0.5"),
        ("heatmap?kind=spot", "may not be spot; it is one of linear, inverse"),
        ("heatmap?offset=1", "is not a parameter of this path"),
        ("divergence?sort=robust", "may not be robust; did you mean robust_z, -robust_z?"),
        ("sentiment?asset=BTC", "is not a parameter of this path"),
        ("by_volume?fields=volume", "may not be volume"),
    ],
)
def test_what_is_wrong_is_named(query: str, detail: str, client: TestApp) -> None:
    [error] = client.get(f"/api/funding/{query}", status=400).json["errors"]
    assert error["detail"].startswith(detail)


@pytest.mark.parametrize("url", PATHS)
def test_before_the_first_run_there_is_nothing_to_say(url: str, stored: Stored, client: TestApp) -> None:
    stored.connection.execute("DELETE FROM latest")
    stored.connection.execute("DELETE FROM run")
    assert client.get(url, status=503).json["detail"].startswith("Nothing has been collected yet")
