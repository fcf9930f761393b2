from pathlib import Path
from typing import Any

from webtest import TestApp

from funding.store.outbox import Letter, give_up, mark_failed, save_judgement
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored, rate


def health(client: TestApp, status: int = 200) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/health", status=status).json
    return found


def test_all_is_well_while_every_exchange_has_a_fresh_good_run(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    assert health(client) == {
        "ok": True,
        "status": "ok",
        "data_age_seconds": 6,
        "stale_threshold_seconds": 900,
        "exchanges": [
            {"exchange": "bybit", "symbols": 2, "age_seconds": 6, "status": "ok"},
            {"exchange": "deribit", "symbols": 1, "age_seconds": 6, "status": "ok"},
            {"exchange": "okx", "symbols": 2, "age_seconds": 6, "status": "ok"},
        ],
        "stale_exchanges": [],
        "total_rows": 5,
        "notices": [],
    }


def test_one_stale_and_one_missing_exchange_degrade_it(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.declare("bybit", "gate", "okx")
    stored.good("bybit", rate("A", "A"))
    ticks.go_on(895)
    stored.good("okx", rate("A", "A"), at=NOW + 890)
    shown = health(client)
    assert (shown["ok"], shown["status"], shown["data_age_seconds"]) == (False, "degraded", 5)
    assert shown["exchanges"] == [
        {"exchange": "bybit", "symbols": 1, "age_seconds": 901, "status": "stale"},
        {"exchange": "gate", "symbols": 0, "age_seconds": None, "status": "never"},
        {"exchange": "okx", "symbols": 1, "age_seconds": 5, "status": "ok"},
    ]
    assert shown["stale_exchanges"] == ["bybit"]
    assert shown["notices"] == ["1 exchange without data yet: gate", "1 exchange stale: bybit"]


def test_an_exchange_that_answers_with_old_figures_alone_is_stale(stored: Stored, client: TestApp) -> None:
    stored.declare("bybit", "okx")
    stored.good("bybit", rate("A", "A", exchange_at=NOW - 3700), rate("B", "B", next_funding_time=NOW - 30_000))
    stored.good("okx", rate("A", "A", exchange_at=NOW - 3700), rate("B", "B"))
    shown = health(client)
    assert (shown["status"], shown["stale_exchanges"]) == ("degraded", ["bybit"])
    assert [one["status"] for one in shown["exchanges"]] == ["stale", "ok"]
    assert shown["notices"] == ["1 exchange stale: bybit"]
    assert 'funding_exchange_up{exchange="bybit"} 0' in client.get("/metrics").text


def test_it_is_down_when_all_are_stale(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    ticks.go_on(895)
    shown = health(client, 503)
    assert (shown["ok"], shown["status"], shown["data_age_seconds"]) == (False, "down", 901)
    assert shown["stale_exchanges"] == ["bybit", "deribit", "okx"]


def test_it_is_down_before_the_first_run_and_names_what_is_awaited(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    shown = health(client, 503)
    assert (shown["status"], shown["data_age_seconds"], shown["total_rows"]) == ("down", None, 0)
    assert shown["exchanges"] == [{"exchange": "okx", "symbols": 0, "age_seconds": None, "status": "never"}]


def test_it_is_down_without_a_database(client: TestApp) -> None:
    shown = health(client, 503)
    assert (shown["status"], shown["exchanges"]) == ("down", [])
    assert shown["notices"] == ["The database cannot be read at the moment; it is tried again every second."]


def test_the_process_is_alive_whatever_the_data(client: TestApp, path: Path) -> None:
    assert not path.exists()
    answer = client.get("/livez")
    assert (answer.body, answer.headers["Content-Type"]) == (b"ok\n", "text/plain; charset=utf-8")


def test_it_is_ready_once_there_are_fresh_data(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.declare("gate", "okx")
    assert client.get("/readyz", status=503).text == "not ready\n2 exchanges without data yet: gate, okx\n"
    stored.good("okx", rate("A", "A"))
    assert client.get("/readyz").text == "ready\n"
    ticks.go_on(1000)
    assert client.get("/readyz", status=503).text.startswith("not ready\n")


def test_health_is_never_kept(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    for path in ("/api/health", "/livez", "/readyz"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "ETag" not in headers


def test_alerts_that_were_given_up_are_a_notice_that_names_nobody(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    letters = [Letter("telegram", chat, {"key": "x", "kind": "raised"}) for chat in ("-100123", "-100456")]
    save_judgement(stored.connection, [], letters, NOW)
    mark_failed(stored.connection, [2], "Telegram: 429", NOW + 9, unsure=False)
    assert health(client)["notices"] == []
    give_up(stored.connection, [1], "Telegram: 403 Forbidden: bot was blocked by the user", NOW)
    assert health(client)["notices"] == ["alerts by telegram do not arrive; funding alerts list says why"]
    assert health(client)["ok"]
