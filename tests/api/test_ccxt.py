"""format=ccxt: what fetch_funding_rates of ccxt would give, now and at an earlier moment."""

import pytest
from webtest import TestApp

from funding.analysis.ccxt_form import FIELDS
from funding.store.observations import save_observations
from funding.store.packing import Observation
from tests.api.market import EIGHT, fill, number_of
from tests.api.stored import NEXT, Stored, rate

CCXT = "/api/funding/current?format=ccxt"


@pytest.fixture
def client(stored: Stored, client: TestApp) -> TestApp:
    fill(stored)
    return client


def test_by_exchange_and_unified_symbol(client: TestApp) -> None:
    found = client.get(CCXT).json
    assert list(found) == ["acme", "bybit", "deribit", "okx", "xt"]
    assert list(found["bybit"]) == ["BTC/USDT:USDT", "ETH/USDT:USDT", "PEPE/USDT:USDT"]
    assert list(found["deribit"]) == ["BTC/USD:BTC"]


def test_of_one_exchange_it_is_what_ccxt_returns(client: TestApp) -> None:
    answer = client.get(f"{CCXT}&exchange=bybit&base=BTC")
    assert answer.headers["Content-Type"] == "application/json"
    [(symbol, found)] = answer.json.items()
    assert tuple(found) == FIELDS
    info = found.pop("info")
    assert (info["exchange"], info["symbol"], info["annualized_pct"]) == ("bybit", "BTCUSDT", 43.8)
    assert found == {
        "symbol": symbol,
        "markPrice": 80_080.0,
        "indexPrice": None,
        "interestRate": None,
        "estimatedSettlePrice": None,
        "timestamp": EIGHT * 1000,
        "datetime": "2027-01-15T08:00:00.000Z",
        "fundingRate": 0.0004,
        "fundingTimestamp": NEXT * 1000,
        "fundingDatetime": "2027-01-15T16:00:00.000Z",
        "nextFundingRate": None,
        "nextFundingTimestamp": None,
        "nextFundingDatetime": None,
        "previousFundingRate": None,
        "previousFundingTimestamp": None,
        "previousFundingDatetime": None,
        "interval": "8h",
    }


def test_a_second_contract_of_the_same_unified_symbol_goes_under_its_own(stored: Stored, client: TestApp) -> None:
    stored.good("acme", rate("BTC", "BTC", 0.0001), rate("BTC-B", "BTC", 0.0002))
    assert list(client.get(f"{CCXT}&exchange=acme").json) == ["BTC/USDT:USDT", "BTC-B"]


def test_filters_order_and_pages_hold(client: TestApp) -> None:
    found = client.get(f"{CCXT}&base=BTC&sort=-funding_rate&limit=2&stale=exclude").json
    assert {exchange: list(symbols) for exchange, symbols in found.items()} == {
        "acme": ["BTC/USDT:USDT"], "bybit": ["BTC/USDT:USDT"],
    }  # fmt: skip
    assert client.get(f"{CCXT}&base=NONE").json == {}
    assert client.get(f"{CCXT}&base=NONE&exchange=okx").json == {}


def test_by_suffix_or_accept_it_is_the_same(client: TestApp) -> None:
    whole = client.get(CCXT).json
    assert client.get("/api/funding/current.ccxt").json == whole
    assert client.get("/api/funding/current", headers={"Accept": "application/vnd.ccxt+json"}).json == whole


def test_at_a_moment_it_is_what_was_known_then(stored: Stored, client: TestApp) -> None:
    at = EIGHT - 600
    number = number_of(stored, "okx", "BTC-USDT-SWAP")
    save_observations(stored.connection, at, [Observation(number, at, 0.0007, 8.0, EIGHT)])
    [(symbol, found)] = client.get(f"{CCXT}&exchange=okx&at={at}").json.items()
    assert (symbol, found["fundingRate"], found["fundingTimestamp"], found["markPrice"]) == (
        "BTC/USDT:USDT", 0.0007, EIGHT * 1000, None,
    )  # fmt: skip


def test_it_is_kept_while_nothing_changes(client: TestApp) -> None:
    tag = client.get(CCXT).headers["ETag"]
    assert tag != client.get("/api/funding/current").headers["ETag"]
    client.get(CCXT, headers={"If-None-Match": tag}, status=304)
