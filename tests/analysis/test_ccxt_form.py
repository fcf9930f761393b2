"""Rows as ccxt's FundingRate."""

import pytest

from funding.analysis.ccxt_form import FIELDS, by_exchange, funding_rate, interval
from tests.analysis.given import NEXT, NOW, row


def test_a_row_is_exactly_this() -> None:
    one = row(
        "okx:BTC-USDT-SWAP", 0.0003, mark_price=60_000.5, index_price=60_000.0, exchange_at=NOW - 8,
        last_settled_rate=0.0001, last_settled_at=NEXT - 28_800,
    )  # fmt: skip
    made = funding_rate(one)
    assert tuple(made) == FIELDS
    assert made == {
        "info": one,
        "symbol": "BTC/USDT:USDT",
        "markPrice": 60_000.5,
        "indexPrice": 60_000.0,
        "interestRate": None,
        "estimatedSettlePrice": None,
        "timestamp": 1_799_999_997_000,
        "datetime": "2027-01-15T07:59:57.000Z",
        "fundingRate": 0.0003,
        "fundingTimestamp": 1_800_028_800_000,
        "fundingDatetime": "2027-01-15T16:00:00.000Z",
        "nextFundingRate": None,
        "nextFundingTimestamp": None,
        "nextFundingDatetime": None,
        "previousFundingRate": 0.0001,
        "previousFundingTimestamp": 1_800_000_000_000,
        "previousFundingDatetime": "2027-01-15T08:00:00.000Z",
        "interval": "8h",
    }


def test_what_is_not_known_is_none_and_the_observation_stands_in_for_a_missing_stamp() -> None:
    made = funding_rate(row("okx:X", next_funding_time=None, funding_interval_hours=None, mark_price=None))
    assert (made["timestamp"], made["datetime"]) == ((NOW - 5) * 1000, "2027-01-15T08:00:00.000Z")
    unknown = (
        "fundingTimestamp",
        "fundingDatetime",
        "previousFundingRate",
        "previousFundingTimestamp",
        "interval",
        "markPrice",
    )
    assert [made[name] for name in unknown] == [None] * 6


def test_a_rate_of_zero_is_a_rate() -> None:
    assert funding_rate(row("okx:X", 0.0))["fundingRate"] == 0.0


@pytest.mark.parametrize(
    ("hours", "text"),
    [(8.0, "8h"), (1.0, "1h"), (24.0, "24h"), (0.5, "30m"), (1.5, "90m"), (0.01, "36s"), (None, None)],
)
def test_an_interval_is_written_in_whole_units(hours: float | None, text: str | None) -> None:
    assert interval(hours) == text


def test_rates_stand_under_exchange_and_unified_symbol() -> None:
    inverse = row("okx:BTC-USD-SWAP", kind="inverse", quote="USD", settle="BTC")
    found = by_exchange([row("bybit:BTCUSDT"), row("okx:BTC-USDT-SWAP"), inverse])
    assert {exchange: list(rates) for exchange, rates in found.items()} == {
        "bybit": ["BTC/USDT:USDT"],
        "okx": ["BTC/USDT:USDT", "BTC/USD:BTC"],
    }
    assert found["okx"]["BTC/USD:BTC"]["info"]["symbol"] == "BTC-USD-SWAP"


def test_a_second_contract_of_one_unified_symbol_goes_under_its_own_and_so_does_one_without() -> None:
    rows = [
        row("hyperliquid:BTC", quote="USDC", settle="USDC"),
        row("hyperliquid:flx:BTC", 0.0002, quote="USDC", settle="USDC"),
        row("hyperliquid:hyna:BTC", quote="USD", settle=None),
    ]
    found = by_exchange(rows)["hyperliquid"]
    assert list(found) == ["BTC/USDC:USDC", "flx:BTC", "hyna:BTC"]
    assert found["flx:BTC"]["symbol"] == "BTC/USDC:USDC"
    assert found["hyna:BTC"]["symbol"] == "hyna:BTC"
    assert [rate["fundingRate"] for rate in found.values()] == [0.0001, 0.0002, 0.0001]


def test_no_rows_make_no_rates() -> None:
    assert by_exchange([]) == {}
