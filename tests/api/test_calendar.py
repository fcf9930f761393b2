"""/api/funding/calendar over a small stored market, as a list and as an iCalendar."""

from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.calendar import FIELDS
from tests.api.conftest import Ticks
from tests.api.market import EIGHT, HOUR, STALE, fill
from tests.api.stored import NEXT, NOW, Stored, rate

CALENDAR = "/api/funding/calendar"
HOURLY: dict[str, Any] = {
    "kind": "inverse", "quote": "USD", "settle": "BTC", "funding_interval_hours": 1.0, "next_funding_time": EIGHT + HOUR,
}  # fmt: skip


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def times(client: TestApp, query: str) -> list[tuple[float, str, str]]:
    """(hours from 08:00, exchange, symbol)."""
    rows = client.get(f"{CALENDAR}?{query}").json["rows"]
    return [((row["funding_time"] - EIGHT) / HOUR, row["exchange"], row["symbol"]) for row in rows]


def test_settlements_come_by_time_exchange_and_symbol(client: TestApp) -> None:
    assert times(client, "hours=3&base=BTC") == [
        (1, "deribit", "BTC-PERPETUAL"), (2, "deribit", "BTC-PERPETUAL"), (3, "deribit", "BTC-PERPETUAL"),
    ]  # fmt: skip
    assert times(client, "hours=8&base=ETH") == [
        (4, "bybit", "ETHUSDT"), (8, "bybit", "ETHUSDT"), (8, "okx", "ETH-USDT-SWAP"),
    ]  # fmt: skip


def test_a_rate_is_given_for_the_next_settlement_alone(client: TestApp) -> None:
    answer = client.get(f"{CALENDAR}?hours=8&exchange=bybit&base=ETH").json
    first, second = answer["rows"]
    assert tuple(first) == FIELDS
    assert first == {
        "funding_time": EIGHT + 4 * HOUR, "exchange": "bybit", "symbol": "ETHUSDT", "asset": "ETH",
        "funding_rate": 0.0003, "funding_rate_pct": 0.03, "rate_kind": "predicted", "funding_interval_hours": 4.0,
        "time_source": "reported",
    }  # fmt: skip
    assert second == first | {
        "funding_time": NEXT, "funding_rate": None, "funding_rate_pct": None, "rate_kind": None, "time_source": "derived",
    }  # fmt: skip


def test_a_page_says_how_many_there_are_in_all_and_what_was_left_out(client: TestApp) -> None:
    answer = client.get(f"{CALENDAR}?limit=2&offset=1")
    assert (answer.json["count"], answer.json["fetched_at"]) == (2, NOW)
    deribits, bybits_eth, every_8_hours = 24, 6, 6 * 3
    assert answer.json["total"] == deribits + bybits_eth + every_8_hours
    assert answer.json["notices"] == [STALE, "2 rows left out: 1 stale, 1 without a next time"]
    assert answer.headers["Link"] == f'<{CALENDAR}?limit=2&offset=3>; rel="next"'
    assert "Link" not in client.get(f"{CALENDAR}?limit=1000").headers


def test_pages_follow_one_another(client: TestApp) -> None:
    whole = times(client, "limit=1000")
    assert whole == sorted(whole)
    assert [one for start in range(0, len(whole), 7) for one in times(client, f"limit=7&offset={start}")] == whole
    assert times(client, "offset=1000") == []


def test_it_can_be_sorted_otherwise_and_reduced(client: TestApp) -> None:
    assert times(client, "sort=-exchange,funding_time&limit=2&hours=8") == [
        (8, "okx", "BTC-USDT-SWAP"), (8, "okx", "ETH-USDT-SWAP"),
    ]  # fmt: skip
    rows = client.get(f"{CALENDAR}?sort=-funding_rate&fields=symbol,funding_rate&limit=3").json["rows"]
    assert rows == [
        {"symbol": "BTC", "funding_rate": 0.001},
        {"symbol": "PEPE-USDT-SWAP", "funding_rate": 0.0009},
        {"symbol": "BTCUSDT", "funding_rate": 0.0004},
    ]


def test_csv_and_ndjson_have_the_same_rows(client: TestApp) -> None:
    assert (
        client.get(f"{CALENDAR}.csv?hours=3")
        .text.split("\r\n")[1]
        .startswith(f"{EIGHT + HOUR},deribit,BTC-PERPETUAL,BTC,")
    )
    assert client.get(f"{CALENDAR}.ndjson?hours=3").text.count("\n") == 3


def test_as_an_icalendar_it_can_be_subscribed_to(client: TestApp) -> None:
    answer = client.get(f"{CALENDAR}.ics?hours=8&exchange=bybit&base=ETH")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.text == "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Funding Finder//Funding calendar//EN", "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT", f"UID:{EIGHT + 4 * HOUR}-bybit-ETHUSDT@funding-finder", "DTSTAMP:20270115T080000Z",
            "DTSTART:20270115T120000Z", "SUMMARY:ETH funding on bybit +0.03 %",
            "DESCRIPTION:bybit:ETHUSDT\\nRate: predicted\\; above 0\\, longs pay. Every 4 h", " .",
            "TRANSP:TRANSPARENT", "END:VEVENT",
            "BEGIN:VEVENT", f"UID:{NEXT}-bybit-ETHUSDT@funding-finder", "DTSTAMP:20270115T080000Z",
            "DTSTART:20270115T160000Z", "SUMMARY:ETH funding on bybit",
            "DESCRIPTION:bybit:ETHUSDT\\nRate: not quoted yet. Every 4 h.",
            "TRANSP:TRANSPARENT", "END:VEVENT",
            "END:VCALENDAR", "",
        ]
    )  # fmt: skip
    assert client.get(f"{CALENDAR}?format=ics&hours=8&exchange=bybit&base=ETH").text == answer.text
    by_accept = client.get(f"{CALENDAR}?hours=8", headers={"Accept": "text/calendar"})
    assert by_accept.content_type == "text/calendar"


def test_an_icalendar_keeps_the_order_that_was_asked_for(client: TestApp) -> None:
    text = client.get(f"{CALENDAR}.ics?hours=8&sort=-exchange&limit=1").text
    assert text.count("BEGIN:VEVENT") == 1
    assert "-okx-" in text


def test_it_is_kept_while_nothing_changes(client: TestApp, ticks: Ticks) -> None:
    for url in (CALENDAR, f"{CALENDAR}.ics"):
        tag = client.get(url).headers["ETag"]
        client.get(url, headers={"If-None-Match": tag}, status=304)
    tag = client.get(CALENDAR).headers["ETag"]
    ticks.go_on(60)
    client.get(CALENDAR, headers={"If-None-Match": tag}, status=200)


def test_what_was_paid_is_over(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    assert times(client, "hours=0.5&base=BTC") == []
    ticks.go_on(HOUR - 10)
    stored.good("deribit", rate("BTC-PERPETUAL", "BTC", **HOURLY, observed_at=NOW + 3580), at=NOW + 3580)
    assert times(client, "hours=1&base=BTC") == [(1, "deribit", "BTC-PERPETUAL")]
    ticks.go_on(60)
    assert times(client, "hours=1&base=BTC") == [(2, "deribit", "BTC-PERPETUAL")]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("exchange=okex", "okex is not an exchange collected here; did you mean okx?"),
        ("hours=73", "is not a number from 0.016 to 72"),
        ("hours=0", "is not a number from 0.016 to 72"),
        ("format=ical", "may not be ical"),
    ],
)
def test_what_is_wrong_is_named(query: str, detail: str, client: TestApp) -> None:
    [error] = client.get(f"{CALENDAR}?{query}", status=400).json["errors"]
    assert error["detail"].startswith(detail)
