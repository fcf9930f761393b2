import pytest
from webtest import TestApp

from funding.analysis.fees import published
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored, rate


def test_an_exchange_is_shown_with_its_runs(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", rate("A", "A"), rate("B", "B"), skipped={"no funding_rate": 3}, notices=("a list was partial",))
    stored.failed("okx", "timeout", "no answer within 10 s", at=NOW - 2)
    row = {
        "exchange": "okx",
        "title": "Okx",
        "kind": "cex",
        "status": "failing",
        "contracts": 2,
        "hosts": 1,
        "calls_per_cycle": 3,
        "budget": "10 a second",
        "budget_share": 0.25,
        "last_run_at": NOW - 2,
        "last_success_at": NOW - 6,
        "age_seconds": 6,
        "fetch_seconds": 0.5,
        "calls": 1,
        "skipped": {},
        "failures": {},
        "notices": [],
        "consecutive_failures": 1,
        "last_error_at": NOW - 2,
        "last_error_kind": "timeout",
        "last_error": "no answer within 10 s",
        "fees": published("okx"),
        "link_pattern": "https://www.okx.com/trade-swap/{symbol_lower}",
    }
    assert client.get("/api/exchanges/okx").json == {"fetched_at": NOW, **row}
    assert client.get("/api/exchanges").json == {
        "fetched_at": NOW,
        "count": 1,
        "total": 1,
        "rows": [row],
        "notices": ["1 exchange failing, with rows that are still fresh: okx"],
    }


def test_skipped_rows_and_notices_of_the_last_run_are_given_as_they_are(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", rate("A", "A"), skipped={"no funding_rate": 3}, notices=("a list was partial",))
    shown = client.get("/api/exchanges/okx").json
    assert (shown["skipped"], shown["notices"]) == ({"no funding_rate": 3}, ["a list was partial"])


def test_exchanges_are_paged_sorted_and_reduced_like_every_list(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get("/api/exchanges?sort=-contracts,-exchange&fields=exchange,contracts&limit=2")
    assert answer.json["rows"] == [{"exchange": "okx", "contracts": 2}, {"exchange": "bybit", "contracts": 2}]
    assert answer.headers["Link"] == (
        '</api/exchanges?sort=-contracts%2C-exchange&fields=exchange%2Ccontracts&limit=2&offset=2>; rel="next"'
    )


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("sort=skipped", "may not be skipped"),
        ("limit=1001", "is not a whole number from 1 to 1000"),
        ("exchange=okx", "is not a parameter of this path"),
    ],
)
def test_what_has_no_order_or_is_too_much_is_refused(query: str, detail: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    [error] = client.get(f"/api/exchanges?{query}", status=400).json["errors"]
    assert error["detail"].startswith(detail)


def test_an_exchange_that_is_not_collected_is_not_found(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get("/api/exchanges/byibt", status=404)
    assert answer.json["detail"] == "byibt is not an exchange collected here; did you mean bybit?"


def status(client: TestApp) -> str:
    found: str = client.get("/api/exchanges/okx").json["status"]
    return found


def test_the_status_tells_why_an_exchange_is_not_well(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.declare("okx", "other")
    stored.good("other")
    assert status(client) == "never"
    stored.failed("okx", "timeout", "no answer")
    assert status(client) == "never"
    stored.failed("okx", "blocked", "HTTP 451")
    assert status(client) == "blocked"
    stored.failed("okx", "banned", "HTTP 418")
    assert status(client) == "banned"
    stored.good("okx", rate("A", "A"))
    assert status(client) == "ok"
    stored.failed("okx", "timeout", "no answer")
    assert status(client) == "failing"
    ticks.go_on(900 - 6)
    assert status(client) == "failing"
    ticks.go_on(1)
    assert status(client) == "stale"
    stored.failed("okx", "blocked", "HTTP 451")
    assert status(client) == "blocked"
    stored.good("okx", rate("A", "A"), at=NOW + 894)
    assert status(client) == "ok"
