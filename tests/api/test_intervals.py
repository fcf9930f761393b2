import pytest
from webtest import TestApp

from tests.api.stored import NOW, Stored, rate

INTERVALS = "/api/funding/intervals"


@pytest.fixture
def changed(stored: Stored) -> Stored:
    """okx's BTC went from 8 to 4 hours and back, bybit's PEPE from 4 to 1."""
    stored.three_exchanges()
    for at, hours in [(NOW - 4, 4.0), (NOW - 2, 8.0)]:
        stored.good("okx", rate("BTC-USDT-SWAP", "BTC", funding_interval_hours=hours, observed_at=at), at=at)
    pepe = rate("1000PEPEUSDT", "1000PEPE", asset="PEPE", multiplier=1000.0, funding_interval_hours=1.0)
    stored.good("bybit", pepe)
    return stored


def test_changes_come_the_newest_first_with_what_was_and_what_is(changed: Stored, client: TestApp) -> None:
    answer = client.get(INTERVALS).json
    assert (answer["count"], answer["total"]) == (3, 3)
    assert answer["rows"] == [
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "base": "BTC",
            "asset": "BTC",
            "from_interval_hours": 4.0,
            "to_interval_hours": 8.0,
            "first_seen_at": NOW - 2,
        },
        {
            "exchange": "okx",
            "symbol": "BTC-USDT-SWAP",
            "base": "BTC",
            "asset": "BTC",
            "from_interval_hours": 8.0,
            "to_interval_hours": 4.0,
            "first_seen_at": NOW - 4,
        },
        {
            "exchange": "bybit",
            "symbol": "1000PEPEUSDT",
            "base": "1000PEPE",
            "asset": "PEPE",
            "from_interval_hours": 4.0,
            "to_interval_hours": 1.0,
            "first_seen_at": NOW - 5,
        },
    ]


@pytest.mark.parametrize(
    ("query", "times"),
    [
        ("exchange=okx", [NOW - 2, NOW - 4]),
        ("base=kpepe", [NOW - 5]),
        ("base=DOGE", []),
        (f"since={NOW - 4}", [NOW - 2, NOW - 4]),
        ("since=2027-01-15T08:00:03Z", [NOW - 2]),
        ("sort=first_seen_at&limit=1&offset=1", [NOW - 4]),
    ],
)
def test_they_are_filtered_sorted_and_cut(query: str, times: list[int], changed: Stored, client: TestApp) -> None:
    assert [row["first_seen_at"] for row in client.get(f"{INTERVALS}?{query}").json["rows"]] == times


def test_a_page_leads_to_the_next(changed: Stored, client: TestApp) -> None:
    answer = client.get(f"{INTERVALS}?limit=2")
    assert (answer.json["count"], answer.json["total"]) == (2, 3)
    assert answer.headers["Link"] == f'<{INTERVALS}?limit=2&offset=2>; rel="next"'


def test_an_exchange_that_is_not_collected_is_named(changed: Stored, client: TestApp) -> None:
    [error] = client.get(f"{INTERVALS}?exchange=okxx", status=400).json["errors"]
    assert error["detail"] == "okxx is not an exchange collected here; did you mean okx?"
