"""Settled rates and observations in time: windows, buckets, pages, and what may be kept of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.history import SERIES
from funding.api.app import make_app
from funding.api.context import FREE, Clock, Settings
from funding.api.history import MOST_POINTS, SOURCES
from funding.store.contracts import select_contracts
from funding.store.observations import merge_hour, save_observations
from funding.store.packing import Observation
from funding.store.settlements import Charged, save_settlements
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored, rate

HOUR, DAY = 3600, 86_400
EIGHT = NOW - 5  # 2027-01-15 08:00 UTC
BTC = "/api/funding/history/BTC"


def contract_id(stored: Stored, symbol: str) -> int:
    [row] = select_contracts(stored.connection, symbols=(symbol,))
    found: int = row["contract_id"]
    return found


def charge(stored: Stored, symbol: str, charged: Iterable[tuple[int, float]], hours: float | None = 8.0) -> None:
    number = contract_id(stored, symbol)
    save_settlements(stored.connection, [Charged(number, at, rate, hours, None, "venue") for at, rate in charged])


def observe(stored: Stored, symbol: str, observed: Iterable[tuple[int, float]]) -> None:
    number = contract_id(stored, symbol)
    for at, quoted in observed:
        save_observations(stored.connection, at, [Observation(number, at, quoted, 8.0, EIGHT + 8 * HOUR)])


@pytest.fixture
def charged(stored: Stored) -> Stored:
    """Ten days of okx every eight hours, a day of bybit's every four."""
    stored.three_exchanges()
    charge(stored, "BTC-USDT-SWAP", [(EIGHT - n * 8 * HOUR, n / 1e6) for n in range(30)])
    charge(stored, "BTCUSDT", [(EIGHT - n * 4 * HOUR, -n / 1e6) for n in range(6)], 4.0)
    charge(stored, "1000PEPEUSDT", [(EIGHT, 0.5)])
    return stored


def rows(client: TestApp, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{BTC}?{query}").json["rows"]
    return found


def test_settled_rates_come_by_contract_and_time_in_an_envelope_that_says_what_it_holds(
    charged: Stored, client: TestApp
) -> None:
    answer = client.get(f"{BTC}?start={EIGHT - 8 * HOUR}&exchange=okx,bybit").json
    assert list(answer) == [
        "fetched_at", "count", "total", "asset", "series", "resolution", "start_time", "end_time", "next_cursor", "rows",
        "notices",
    ]  # fmt: skip
    assert (answer["count"], answer["total"], answer["next_cursor"], answer["notices"]) == (5, None, None, [])
    assert (answer["asset"], answer["series"], answer["resolution"]) == ("BTC", "settled", "raw")
    assert (answer["start_time"], answer["end_time"]) == (EIGHT - 8 * HOUR, EIGHT + 60)
    assert [(row["exchange"], row["funding_time"], row["funding_rate"]) for row in answer["rows"]] == [
        ("bybit", EIGHT - 8 * HOUR, -2e-6),
        ("bybit", EIGHT - 4 * HOUR, -1e-6),
        ("bybit", EIGHT, 0.0),
        ("okx", EIGHT - 8 * HOUR, 1e-6),
        ("okx", EIGHT, 0.0),
    ]
    assert tuple(answer["rows"][0]) == SERIES["settled"].columns
    assert {row["funding_interval_hours"] for row in answer["rows"] if row["exchange"] == "bybit"} == {4.0}


def test_it_begins_seven_days_ago_unless_it_is_said_otherwise(charged: Stored, client: TestApp) -> None:
    assert [row["funding_time"] for row in rows(client, "exchange=okx")] == [
        EIGHT - n * 8 * HOUR for n in range(21, -1, -1)
    ]
    assert len(rows(client, f"exchange=okx&start={EIGHT - 30 * DAY}")) == 30


@pytest.mark.parametrize("start", [EIGHT - DAY, (EIGHT - DAY) * 1000, "2027-01-14T08:00:00Z", "2027-01-14T09:00:00+01:00",
                                   "2027-01-14T08:00:00", "2027-01-14T09:00:00%2B01:00"])  # fmt: skip
@pytest.mark.parametrize("end", [EIGHT, EIGHT * 1000 + 999, "2027-01-15T08:00:00"])
def test_a_window_is_from_its_start_to_before_its_end_however_they_are_written(
    start: object, end: object, charged: Stored, client: TestApp
) -> None:
    found = rows(client, f"exchange=okx&start={start}&end={end}")
    assert [row["funding_time"] for row in found] == [EIGHT - n * 8 * HOUR for n in (3, 2, 1)]


def test_a_day_of_settlements_is_one_row_with_their_sum(charged: Stored, client: TestApp) -> None:
    midnight = EIGHT - 8 * HOUR
    found = rows(client, f"exchange=okx&resolution=1d&start={midnight - DAY}")
    assert found == [
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "start_time": midnight - DAY,
            "end_time": midnight,
            "settlements": 3,
            "funding_rate_sum": 9e-6,
            "funding_rate_sum_pct": 0.0009,
            "annualized_pct": 0.3285,
            "funding_interval_hours": 8.0,
            "hours_covered": 24.0,
        },
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "start_time": midnight,
            "end_time": midnight + DAY,
            "settlements": 2,
            "funding_rate_sum": 1e-6,
            "funding_rate_sum_pct": 0.0001,
            "annualized_pct": 0.05475,
            "funding_interval_hours": 8.0,
            "hours_covered": 16.0,
        },
    ]


def test_observations_are_a_series_of_their_own(charged: Stored, client: TestApp) -> None:
    observe(charged, "BTC-USDT-SWAP", [(EIGHT - 600, 0.5), (EIGHT - 300, 0.25)])
    found = rows(client, "series=observed")
    assert found == [
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "observed_at": EIGHT - 600 + 300 * n,
            "funding_rate": rate,
            "funding_rate_pct": rate * 100,
            "annualized_pct": rate * 109_500,
            "funding_interval_hours": 8.0,
            "next_funding_time": EIGHT + 8 * HOUR,
        }
        for n, rate in enumerate([0.5, 0.25])
    ]
    assert not {row["funding_rate"] for row in rows(client, "start=2020-01-01")} & {0.5, 0.25}


def test_a_bucket_of_observations_is_its_last_one(charged: Stored, client: TestApp) -> None:
    observe(charged, "BTC-USDT-SWAP", [(EIGHT - 7200, 0.1), (EIGHT - 1, 0.2), (EIGHT, 0.3)])
    found = rows(client, "series=observed&resolution=8h")
    assert [(row["start_time"], row["observations"], row["observed_at"], row["funding_rate"]) for row in found] == [
        (EIGHT - 8 * HOUR, 2, EIGHT - 1, 0.2),
        (EIGHT, 1, EIGHT, 0.3),
    ]


def test_observations_of_many_days_merged_and_not_come_in_one_series(charged: Stored, client: TestApp) -> None:
    times = [EIGHT - n * 5 * HOUR for n in range(150, -1, -1)]
    observe(charged, "BTC-USDT-SWAP", [(at, at % 1000 / 1e6) for at in times])
    while merge_hour(charged.connection, EIGHT - 20 * DAY):
        pass
    found = rows(client, "series=observed&start=2010-01-01")
    assert [(row["observed_at"], row["funding_rate"]) for row in found] == [(at, at % 1000 / 1e6) for at in times]


def test_no_observation_is_lost_where_one_part_of_a_long_window_ends_and_the_next_begins(
    charged: Stored, client: TestApp
) -> None:
    start = EIGHT - 20 * DAY
    times = [start, *(start + days * DAY + seconds for days in (3, 9) for seconds in (-1, 0, 1))]
    observe(charged, "BTC-USDT-SWAP", [(at, 0.0001) for at in times])
    assert [row["observed_at"] for row in rows(client, f"series=observed&start={start}")] == times


@pytest.mark.parametrize("base", ["xbt", "btc", "BTC"])
def test_an_asset_is_found_by_any_of_its_names(base: str, charged: Stored, client: TestApp) -> None:
    assert client.get(f"/api/funding/history/{base}").json["count"] == 22 + 6
    assert client.get("/api/funding/history/kpepe").json["rows"][0]["symbol"] == "1000PEPEUSDT"


def test_one_contract_or_one_exchange_may_be_asked_for(charged: Stored, client: TestApp) -> None:
    assert {row["exchange"] for row in rows(client, "exchange=bybit")} == {"bybit"}
    assert {row["symbol"] for row in rows(client, "symbol=okx:BTC-USDT-SWAP")} == {"BTC-USDT-SWAP"}
    assert rows(client, "exchange=deribit") == []
    assert rows(client, "symbol=PEPE-USDT-SWAP") == []


def test_the_history_of_a_contract_that_is_no_longer_listed_is_kept(
    charged: Stored, client: TestApp, ticks: Ticks
) -> None:
    ticks.go_on(2 * DAY)
    charged.good("okx", at=int(ticks.now) - 6)
    assert client.get("/api/funding/current?exchange=okx").json["rows"] == []
    assert len(rows(client, f"exchange=okx&start={EIGHT - DAY}")) == 4


def test_an_unknown_asset_is_not_found_and_the_near_ones_are_named(charged: Stored, client: TestApp) -> None:
    answer = client.get("/api/funding/history/pepee", status=404)
    assert answer.json["detail"] == "No contract of PEPEE; did you mean PEPE?"


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("exchange=okxx", "exchange", "okxx is not an exchange collected here; did you mean okx?"),
        ("series=both", "series", "may not be both; it is one of settled, observed"),
        ("resolution=4h", "resolution", "may not be 4h; it is one of raw, 1h, 8h, 1d"),
        ("limit=10001", "limit", "is not a whole number from 1 to 10000"),
        ("offset=1", "offset", "is not a parameter of this path"),
        ("start=yesterday", "start", "is not a time between 2010 and 2100, as Unix seconds, milliseconds or ISO 8601 in UTC"),
        ("start=1", "start", "is not a time between 2010 and 2100, as Unix seconds, milliseconds or ISO 8601 in UTC"),
        (f"start={EIGHT}&end={EIGHT}", "end", "is not after start"),
        (f"end={EIGHT - 8 * DAY}", "end", "is not after start, which is 7 days ago where it is not given"),
        (f"start={EIGHT + DAY}", "start", "lies in the future"),
        ("fields=symbol,next_funding_time", "fields", "next_funding_time is not in this series at this resolution"),
        ("cursor=x", "cursor", "is not the next_cursor of a page"),
        ("cursor=%C3%A9", "cursor", "is not the next_cursor of a page"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(
    query: str, parameter: str, detail: str, charged: Stored, client: TestApp
) -> None:
    [error] = client.get(f"{BTC}?{query}", status=400).json["errors"]
    assert (error["parameter"], error["detail"].partition("; did you mean funding")[0]) == (parameter, detail)


# Pages


def pages(client: TestApp, query: str, path: str = BTC) -> list[list[dict[str, Any]]]:
    """By cursor, as the body has it; the link leads to the same."""
    found, link = [], f"{path}?{query}"
    while link:
        answer = client.get(link)
        found.append(answer.json["rows"])
        cursor = answer.json["next_cursor"]
        following = answer.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
        assert following == ("" if cursor is None else f"{path}?{query}&cursor={cursor.replace('=', '%3D')}")
        link = following
    return found


@pytest.mark.parametrize("resolution", ["raw", "8h", "1d"])
@pytest.mark.parametrize("series", sorted(SERIES))
def test_the_pages_together_are_the_whole(series: str, resolution: str, charged: Stored, free_client: TestApp) -> None:
    """The window begins in the middle of a day of which there are points before it, too."""
    observe(charged, "BTC-USDT-SWAP", [(EIGHT - n * 3 * HOUR, n / 1e6) for n in range(80)])
    observe(charged, "BTC-PERPETUAL", [(EIGHT - n * 7 * HOUR, n / 1e6) for n in range(9)])
    query = f"series={series}&resolution={resolution}&start={EIGHT - 5 * DAY}"
    [whole] = pages(free_client, query)
    for limit in (1, 2, 3, 5, len(whole) - 1, len(whole)):
        parts = pages(free_client, f"{query}&limit={limit}")
        assert [row for part in parts for row in part] == whole
        assert all(len(part) == limit for part in parts[:-1])


@pytest.fixture
def free_client(path: Path, ticks: Ticks) -> TestApp:
    """Without a limit of requests."""
    return TestApp(make_app(Settings(database=path, limits={FREE: 0}), Clock(ticks.wall, ticks.monotonic)))


def test_a_cursor_keeps_the_window_of_its_first_page(charged: Stored, client: TestApp, ticks: Ticks) -> None:
    first = client.get(f"{BTC}?limit=1").json
    ticks.go_on(2 * DAY)
    charge(charged, "BTC-USDT-SWAP", [(EIGHT + DAY, 0.9)])
    second = client.get(f"{BTC}?limit=1000&cursor={first['next_cursor']}").json
    assert (second["start_time"], second["end_time"]) == (first["start_time"], first["end_time"])
    assert second["count"] == 27
    assert second["rows"][-1]["funding_time"] == EIGHT


def test_a_cursor_is_good_for_its_own_query_alone(charged: Stored, client: TestApp) -> None:
    cursor = client.get(f"{BTC}?limit=1").json["next_cursor"]
    assert client.get(f"{BTC}?limit=3&fields=funding_time&format=csv&cursor={cursor}").text.count("\r\n") == 4
    for other in (
        f"{BTC}?exchange=okx",
        f"{BTC}?resolution=1d",
        f"{BTC}?series=observed",
        "/api/funding/history/PEPE?limit=9",
    ):
        address = other + ("&" if "?" in other else "?") + f"cursor={cursor}"
        [error] = client.get(address, status=400).json["errors"]
        assert error["detail"] == "is of another query: only limit, fields and format may change from page to page"


def test_a_page_ends_early_where_much_was_read_and_the_next_goes_on(charged: Stored, free_client: TestApp) -> None:
    """A day's row may be made of hundreds of observations: a page is bounded by what is read for it."""
    contracts = MOST_POINTS // SOURCES["observed"].seeking + 5
    charged.good("okx", *(rate(f"DOGE-{n}", "DOGE") for n in range(contracts)))
    for n in range(contracts):
        observe(charged, f"DOGE-{n}", [(EIGHT - n, 0.0001)])
    url = "/api/funding/history/DOGE?series=observed&resolution=1d"
    first = free_client.get(url).json
    second = free_client.get(f"{url}&cursor={first['next_cursor']}").json
    assert (first["count"] + second["count"], second["next_cursor"]) == (contracts, None)
    assert len({row["symbol"] for row in first["rows"] + second["rows"]}) == contracts


def test_contracts_without_a_point_are_looked_through_a_part_at_a_time(charged: Stored, free_client: TestApp) -> None:
    contracts = 2 * MOST_POINTS // SOURCES["observed"].seeking + 1
    charged.good("okx", *(rate(f"DOGE-{n:02}", "DOGE") for n in range(contracts)))
    observe(charged, f"DOGE-{contracts - 1:02}", [(EIGHT, 0.0001)])
    found = pages(free_client, "series=observed", "/api/funding/history/DOGE")
    assert [len(page) for page in found] == [0, 0, 1]


# Caching


def test_a_window_that_is_over_may_be_kept_for_a_day(charged: Stored, client: TestApp) -> None:
    over = f"{BTC}?start={EIGHT - 2 * DAY}&end={EIGHT - DAY}"
    answer = client.get(over)
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get(over, headers={"If-None-Match": answer.headers["ETag"]}, status=304)
    assert again.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    "query",
    ["", f"start={EIGHT - DAY}", f"start={EIGHT - DAY}&end={EIGHT + DAY}", f"start={EIGHT - DAY}&end={NOW - HOUR + 1}"],
)
def test_a_window_that_is_open_or_has_just_ended_is_kept_for_moments(
    query: str, charged: Stored, client: TestApp
) -> None:
    assert client.get(f"{BTC}?{query}").headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"
