"""/api/funding/carry over a small stored market: every payment by hand, ahead and back."""

from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.carry import FIELDS, LEDGER_FIELDS, LEG_FIELDS
from funding.analysis.fees import AS_OF
from tests.api.market import DAY, EIGHT, HOUR, charge, fill
from tests.api.stored import NEXT, NOW, Stored

CARRY = "/api/funding/carry?long=okx:BTC-USDT-SWAP&short=bybit:BTCUSDT"


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def ledger(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(entry["paid_at"], entry["leg"], entry["what"], entry["amount"]) for entry in found["ledger"]]


def test_ahead_each_leg_pays_at_its_own_times_at_the_current_rate(client: TestApp) -> None:
    found = client.get(f"{CARRY}&hours=16").json
    assert tuple(found) == ("fetched_at", *FIELDS)
    assert tuple(found["legs"][0]) == LEG_FIELDS
    assert tuple(found["ledger"][0]) == LEDGER_FIELDS
    end = NOW + 16 * HOUR
    assert ledger(found) == [
        (NOW, "long", "fee in", -5.0),
        (NOW, "short", "fee in", -5.5),
        (NEXT, "long", "funding", -1.0),
        (NEXT, "short", "funding", 4.0),
        (NEXT + 8 * HOUR, "long", "funding", -1.0),
        (NEXT + 8 * HOUR, "short", "funding", 4.0),
        (end, "long", "fee out", -5.0),
        (end, "short", "fee out", -5.5),
    ]
    assert {entry["rate_source"] for entry in found["ledger"] if entry["what"] == "funding"} == {"current"}
    assert (found["start_at"], found["end_at"], found["hours"], found["notional"]) == (NOW, end, 16.0, 10_000.0)
    assert (found["funding_amount"], found["fees_amount"], found["net_amount"]) == (6.0, -21.0, -15.0)
    assert (found["funding_pct"], found["fees_pct"], found["net_pct"]) == (0.06, -0.21, -0.15)
    assert found["net_annualized_pct"] == -82.125  # -0.15 × 8760 / 16
    assert (found["fee_model"], found["notices"]) == (f"default {AS_OF}", [])
    assert [(leg["leg"], leg["settlements"], leg["net_amount"]) for leg in found["legs"]] == [
        ("long", 2, -12.0), ("short", 2, -3.0),
    ]  # fmt: skip


def test_back_it_is_what_was_charged(stored: Stored, client: TestApp) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0002, 3)
    charge(stored, "bybit", "BTCUSDT", 0.0005, 3)
    found = client.get(f"{CARRY}&start={EIGHT - DAY}&hours=24&fees=none&notional=1000").json
    assert [(entry["paid_at"], entry["rate_source"]) for entry in found["ledger"] if entry["leg"] == "short"] == [
        (EIGHT - DAY, None),
        (EIGHT - 16 * HOUR, "settled"),
        (EIGHT - 8 * HOUR, "settled"),
        (EIGHT, "settled"),  # who leaves at the moment has held until it, who enters at it has not
        (EIGHT, None),
    ]
    assert (found["funding_amount"], found["net_amount"]) == (0.9, 0.9)  # 3 × (0.5 - 0.2)
    assert (found["fees_amount"], found["fee_model"], found["notices"]) == (0.0, "none", [])


def test_from_the_past_into_the_future(stored: Stored, client: TestApp) -> None:
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0002, 3)
    charge(stored, "bybit", "BTCUSDT", 0.0005, 3)
    found = client.get(f"{CARRY}&start={EIGHT - 8 * HOUR}&hours=16&fees=none").json
    sources = [entry["rate_source"] for entry in found["ledger"] if entry["what"] == "funding"]
    assert sources == ["settled", "settled", "current", "current"]
    assert found["funding_amount"] == 6.0  # 5 - 2, then 4 - 1


def test_what_is_not_known_of_the_past_is_no_sum(client: TestApp) -> None:
    found = client.get(f"{CARRY}&start={EIGHT - DAY}&hours=24").json
    assert (found["funding_amount"], found["net_amount"], found["net_annualized_pct"]) == (None, None, None)
    assert found["notices"] == [
        "okx:BTC-USDT-SWAP: not every settlement of the time up to now is known",
        "bybit:BTCUSDT: not every settlement of the time up to now is known",
    ]


def test_other_terms_are_named(client: TestApp) -> None:
    path = "/api/funding/carry?hours=1&fees=none"
    found = client.get(f"{path}&long=okx:PEPE-USDT-SWAP&short=xt:btc_usdt").json
    assert found["notices"][0].startswith("okx:PEPE-USDT-SWAP: ")  # suspect, and why
    assert "xt:btc_usdt: its current rate is stale" in found["notices"]
    assert "the legs are of different assets: BTC, PEPE" in found["notices"]
    found = client.get("/api/funding/carry?long=acme:BTC&short=bybit:BTCUSDT").json
    assert (found["fees_amount"], found["net_amount"]) == (None, None)
    assert "acme:BTC: its fees are not known" in found["notices"]


def test_a_year_and_a_start_far_away_are_bounded(client: TestApp) -> None:
    found = client.get(f"{CARRY}&hours=8760&fees=none").json
    assert len(found["ledger"]) == 2 * (1095 + 2)
    assert client.get(f"{CARRY}&start=2011-01-01&hours=8760").json["funding_amount"] is None
    assert client.get(f"{CARRY}&start={NOW + 3600}&hours=8").json["ledger"][2]["paid_at"] == NEXT


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            "",
            [
                ("long", "is missing. The contract that is bought, as exchange:symbol."),
                ("short", "is missing. The contract that is sold, as exchange:symbol."),
            ],
        ),
        (
            "long=okx&short=bybit:",
            [
                ("long", "is not a contract as exchange:symbol, such as okx:BTC-USDT-SWAP"),
                ("short", "is not a contract as exchange:symbol, such as okx:BTC-USDT-SWAP"),
            ],
        ),
        ("long=okx:BTC-USDT-SWAP&short=bybit:BTCUSDT&hours=8761", [("hours", "is not a number from 0.016 to 8760")]),
        ("long=okx:BTC-USDT-SWAP&short=bybit:BTCUSDT&notional=0", [("notional", "is not a number from 0.01 to 1e+12")]),
        (
            "long=okx:BTC-USDT-SWAP&short=bybit:BTCUSDT&fee_pct=zzz:1",
            [("fee_pct", "zzz is not an exchange collected here")],
        ),
    ],
)
def test_what_is_wrong_is_named(query: str, errors: list[tuple[str, str]], client: TestApp) -> None:
    found = client.get(f"/api/funding/carry?{query}", status=400).json["errors"]
    assert [(error["parameter"], error["detail"]) for error in found] == errors


def test_one_contract_on_both_legs_is_refused(client: TestApp) -> None:
    query = "long=bybit:BTCUSDT&short=bybit:BTCUSDT"
    [error] = client.get(f"/api/funding/carry?{query}", status=400).json["errors"]
    assert (error["parameter"], error["detail"]) == ("short", "is the same contract as long")


@pytest.mark.parametrize(
    ("long", "detail"),
    [
        ("okx:BTC-USD-SWAP", "long: okx:BTC-USD-SWAP is not a current contract; did you mean BTC-USDT-SWAP"),
        ("okex:BTC-USDT-SWAP", "long: okex:BTC-USDT-SWAP is not a current contract; did you mean okx?"),
    ],
)
def test_a_contract_that_there_is_not_is_not_found(long: str, detail: str, client: TestApp) -> None:
    answer = client.get(f"/api/funding/carry?long={long}&short=bybit:BTCUSDT", status=404)
    assert answer.json["detail"].startswith(detail)


def test_it_is_kept_while_nothing_changes(client: TestApp) -> None:
    tag = client.get(CARRY).headers["ETag"]
    client.get(CARRY, headers={"If-None-Match": tag}, status=304)
    client.get(f"{CARRY}&hours=1", headers={"If-None-Match": tag}, status=200)
