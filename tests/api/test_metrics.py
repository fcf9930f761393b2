"""/metrics: what a Prometheus is told, word by word, and that no request can make it grow."""

import shutil
import subprocess

import pytest
from webtest import TestApp

from funding.api.counters import BOUNDS
from tests.api.conftest import Ticks
from tests.api.stored import NOW, Stored, rate

PROMTOOL = shutil.which("promtool")


def samples(client: TestApp) -> dict[str, str]:
    lines = client.get("/metrics").text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_its_type_is_exactly_that_of_the_text_format(client: TestApp) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"})
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.endswith("\n")


def test_each_exchange_tells_how_it_stands(stored: Stored, client: TestApp) -> None:
    stored.declare("bybit", "gate", "okx")
    stored.good("okx", rate("A", "A"), rate("B", "B"), skipped={"no funding_rate": 3, "delisting": 1})
    stored.good("bybit", rate("A", "A"), at=NOW - 100)
    stored.failed("bybit", "timeout", "no answer")
    found = samples(client)
    of_exchanges = {
        name.removeprefix("funding_exchange_"): value for name, value in found.items() if "exchange=" in name
    }
    assert of_exchanges == {
        'up{exchange="bybit"}': "0",
        'up{exchange="gate"}': "0",
        'up{exchange="okx"}': "1",
        'last_success_age_seconds{exchange="bybit"}': "100",
        'last_success_age_seconds{exchange="okx"}': "6",
        'rows{exchange="bybit"}': "1",
        'rows{exchange="gate"}': "0",
        'rows{exchange="okx"}': "2",
        'consecutive_failures{exchange="bybit"}': "1",
        'consecutive_failures{exchange="gate"}': "0",
        'consecutive_failures{exchange="okx"}': "0",
        'last_run_seconds{exchange="bybit"}': "0.5",
        'last_run_seconds{exchange="okx"}': "1.5",
        'skipped_rows{exchange="bybit"}': "0",
        'skipped_rows{exchange="okx"}': "4",
    }
    assert found["funding_data_age_seconds"] == "6"
    assert found["funding_database_up"] == "1"


def test_without_a_database_it_says_so(client: TestApp) -> None:
    found = samples(client)
    assert found["funding_database_up"] == "0"
    assert not any("exchange" in name for name in found)


def test_answers_are_counted_by_the_routes_pattern(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    client.get("/api/exchanges/okx")
    client.get("/api/exchanges/bybit")
    client.get("/api/exchanges/none", status=404)
    client.head("/api/exchanges")
    client.get("/nothing", status=404)
    client.request("/livez", method="PATCH", status=405)
    client.get("/api/funding/current.csv?limit=1")
    found = {name: value for name, value in samples(client).items() if "http_requests_total" in name}
    start = "funding_http_requests_total"
    assert found == {
        start + '{route="/api/exchanges",method="HEAD",status="200"}': "1",
        start + '{route="/api/exchanges/<id>",method="GET",status="200"}': "2",
        start + '{route="/api/exchanges/<id>",method="GET",status="404"}': "1",
        start + '{route="/api/funding/current.csv",method="GET",status="200"}': "1",
        start + '{route="none",method="GET",status="404"}': "1",
        start + '{route="none",method="other",status="405"}': "1",
    }


def test_durations_are_a_histogram(client: TestApp) -> None:
    for _ in range(3):
        client.get("/livez")
    found = samples(client)
    buckets = [found[f'funding_http_request_duration_seconds_bucket{{route="/livez",le="{one}"}}'] for one in BOUNDS]
    assert buckets == ["3"] * len(BOUNDS)
    assert found['funding_http_request_duration_seconds_bucket{route="/livez",le="+Inf"}'] == "3"
    assert found['funding_http_request_duration_seconds_count{route="/livez"}'] == "3"
    assert found['funding_http_request_duration_seconds_sum{route="/livez"}'] == "0"


def test_no_request_adds_a_label_of_its_own(client: TestApp) -> None:
    client.get("/warm", status=404)
    before = len(samples(client))
    for number in range(25):
        client.get(f"/nothing/{number}", status=404)
        client.get(f"/api/funding/symbol/X{number}", status="*")
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        client.request("/livez", method=method, status=405)
    assert len(samples(client)) <= before + 24  # two routes more, and two more statuses


def test_a_backslash_or_a_quote_cannot_break_a_line(stored: Stored, client: TestApp) -> None:
    stored.declare('o"k\\x\ny')
    stored.good('o"k\\x\ny', rate("A", "A"))
    assert samples(client)['funding_exchange_up{exchange="o\\"k\\\\x\\ny"}'] == "1"


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool: apt-get install prometheus")
def test_promtool_finds_nothing_wrong(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    stored.failed("okx", "timeout", "no answer")
    for path in ("/livez", "/nothing", "/api/exchanges", "/api/funding/symbol/BTC"):
        client.get(path, status="*")
    text = client.get("/metrics").body
    checked = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, timeout=30, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
