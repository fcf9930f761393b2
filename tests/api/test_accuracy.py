"""/api/funding/accuracy over stored settlements: what was quoted against what was charged, by hand."""

import pytest
from webtest import TestApp

from funding.analysis.accuracy import FIELDS
from funding.store.settlements import Charged, save_settlements
from tests.api.conftest import Ticks
from tests.api.market import DAY, EIGHT, HOUR, fill, number_of
from tests.api.stored import Stored

ACCURACY = "/api/funding/accuracy"


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    okx, bybit = number_of(stored, "okx", "BTC-USDT-SWAP"), number_of(stored, "bybit", "BTCUSDT")
    save_settlements(
        stored.connection,
        [
            Charged(okx, EIGHT - 16 * HOUR, 0.0002, 8.0, None, "venue", 0.0003, 0.0002, None),
            Charged(okx, EIGHT - 8 * HOUR, 0.0002, 8.0, None, "venue", 0.0001, 0.0006, None),
            Charged(okx, EIGHT - 8 * DAY, 0.01, 8.0, None, "venue", 0.5, 0.5, 0.5),  # too long ago
            Charged(okx, EIGHT, 0.01, 8.0, None, "venue", 0.5, 0.5, 0.5),  # not in a full hour yet
            Charged(bybit, EIGHT - 8 * HOUR, 0.0002, 8.0, None, "observed", 0.0002, 0.0002, 0.0002),
        ],
    )
    return client


def test_the_mean_error_and_its_sign_by_how_long_before_it_was_quoted(client: TestApp) -> None:
    answer = client.get(ACCURACY).json
    assert answer["notices"] == ["settlements of the 7 days up to the last full hour"]
    bybit, okx = answer["rows"]
    assert tuple(okx) == FIELDS
    assert okx == {
        "exchange": "okx",
        "settlements": 2,
        "not_confirmed": 0,
        "mean_absolute_error_10m_pct": 0.01,
        "bias_10m_pct": 0.0,
        "settlements_10m": 2,
        "mean_absolute_error_1h_pct": 0.02,
        "bias_1h_pct": 0.02,
        "settlements_1h": 2,
        "mean_absolute_error_4h_pct": None,
        "bias_4h_pct": None,
        "settlements_4h": 0,
    }
    assert (bybit["settlements"], bybit["not_confirmed"], bybit["bias_10m_pct"]) == (0, 1, None)


def test_it_is_made_anew_each_hour(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    assert client.get(f"{ACCURACY}?exchange=okx").json["rows"][0]["settlements"] == 2
    ticks.go_on(HOUR)
    assert client.get(f"{ACCURACY}?exchange=okx").json["rows"][0]["settlements"] == 3


def test_it_may_be_filtered_sorted_and_saved(client: TestApp) -> None:
    assert [row["exchange"] for row in client.get(f"{ACCURACY}?sort=-exchange").json["rows"]] == ["okx", "bybit"]
    assert [row["exchange"] for row in client.get(f"{ACCURACY}?exchange=bybit").json["rows"]] == ["bybit"]
    assert (
        client.get(f"{ACCURACY}.csv?fields=exchange,settlements").text == "exchange,settlements\r\nbybit,0\r\nokx,2\r\n"
    )
    assert client.get(f"{ACCURACY}.ndjson?exchange=okx&fields=settlements").text == '{"settlements":2}\n'
    [error] = client.get(f"{ACCURACY}?exchange=okex", status=400).json["errors"]
    assert error["detail"] == "okex is not an exchange collected here; did you mean okx?"


def test_it_is_kept_while_nothing_changes(client: TestApp) -> None:
    tag = client.get(ACCURACY).headers["ETag"]
    client.get(ACCURACY, headers={"If-None-Match": tag}, status=304)
