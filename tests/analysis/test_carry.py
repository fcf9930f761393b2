"""What holding pays, worked out by hand. okx and binance take 0.05 % a fill, bybit 0.055, aevo's fee is not known."""

from typing import Any

import pytest

from funding.analysis.carry import FIELDS, LEDGER_FIELDS, LEG_FIELDS, SUMS, Held, carry
from funding.analysis.charges import Charges
from funding.analysis.fees import NO_FEES, Fees
from tests.analysis.given import NEXT, NOW, Row, row, stale

H = 3600
MIDNIGHT = NEXT - 16 * H
OKX = row("okx:BTC-USDT-SWAP", 0.0001)


def held(leg: str, contract: Row, *charged: tuple[int, float]) -> Held:
    """`charged`: (hour after midnight, rate), each for 8 hours."""
    times = [MIDNIGHT + hour * H for hour, _ in charged]
    return Held(leg, contract, Charges(times, [rate for _, rate in charged], [8.0] * len(times)))


def result(*legs: Held, start: int = NOW, hours: float = 24, notional: float = 10_000, fees: Fees | None = None) -> Row:
    return carry(legs, start, hours, notional, NOW, fees or Fees())


def sums(one: Row) -> list[Any]:
    return [one[name] for name in SUMS]


def paid(one: Row) -> list[tuple[float, str, float]]:
    """The funding: (hours after midnight, leg, amount)."""
    return [((e["paid_at"] - MIDNIGHT) / H, e["leg"], e["amount"]) for e in one["ledger"] if e["what"] == "funding"]


# Forward


def test_a_short_leg_is_that_of_the_example() -> None:
    one = result(held("short", OKX))  # from 8:00:05 for 24 h: 16:00, 24:00 and 8:00
    assert tuple(one) == FIELDS
    assert one == {
        "start_at": NOW,
        "end_at": NOW + 86_400,
        "hours": 24,
        "notional": 10_000,
        "funding_pct": 0.03,
        "fees_pct": -0.1,
        "net_pct": -0.07,
        "funding_amount": 3.0,
        "fees_amount": -10.0,
        "net_amount": -7.0,
        "net_annualized_pct": -25.55,
        "fee_model": "default 2026-11-24",
        "legs": [
            {
                "leg": "short",
                "exchange": "okx",
                "symbol": "BTC-USDT-SWAP",
                "quote": "USDT",
                "settlements": 3,
                "funding_pct": 0.03,
                "fees_pct": -0.1,
                "net_pct": -0.07,
                "funding_amount": 3.0,
                "fees_amount": -10.0,
                "net_amount": -7.0,
            }
        ],
        "ledger": one["ledger"],
        "notices": [],
    }
    assert tuple(one["legs"][0]) == LEG_FIELDS


def test_the_ledger_has_a_row_for_every_fee_and_settlement_in_the_order_of_time() -> None:
    ledger = result(held("short", OKX), hours=12)["ledger"]
    assert tuple(ledger[0]) == LEDGER_FIELDS
    common = {"leg": "short", "exchange": "okx", "symbol": "BTC-USDT-SWAP", "quote": "USDT"}
    fee = {"funding_rate": None, "rate_source": None, "pct": -0.05, "amount": -5.0}
    assert ledger == [
        {"paid_at": NOW, "what": "fee in", **common, **fee},
        {
            "paid_at": NEXT,
            "what": "funding",
            **common,
            "funding_rate": 0.0001,
            "rate_source": "current",
            "pct": 0.01,
            "amount": 1.0,
        },
        {"paid_at": NOW + 12 * H, "what": "fee out", **common, **fee},
    ]


def test_a_long_leg_pays_what_a_short_one_receives_and_a_negative_rate_turns_it_round() -> None:
    assert sums(result(held("long", OKX), fees=NO_FEES))[:3] == [-0.03, 0.0, -0.03]
    assert sums(result(held("long", row("okx:X", -0.0002)), fees=NO_FEES))[3] == 6.0
    assert sums(result(held("short", row("okx:X", -0.0002)), fees=NO_FEES))[3] == -6.0


def test_two_legs_with_intervals_of_their_own_add_up() -> None:
    hourly = row("bybit:BTCUSDT", 0.00002, funding_interval_hours=1.0, next_funding_time=MIDNIGHT + 9 * H)
    one = result(held("short", OKX), held("long", hourly), hours=9)
    assert paid(one) == [
        *((float(hour), "long", -0.2) for hour in range(9, 16)),
        (16.0, "short", 1.0),
        (16.0, "long", -0.2),
        (17.0, "long", -0.2),
    ]
    assert [leg["settlements"] for leg in one["legs"]] == [1, 9]
    assert sums(one) == [-0.008, -0.21, -0.218, -0.8, -21.0, -21.8]  # 1 - 9 × 0.2; 2 × (5 + 5.5)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (NEXT - 1, 1, [16.0]),
        (NEXT, 1, []),  # entered at the very moment: not held before
        (NEXT, 8, [24.0]),  # left at the very moment: held up to it
        (NEXT, 7.999, []),
        (NEXT + 1, 16, [24.0, 32.0]),
    ],
)
def test_a_settlement_counts_if_it_is_after_the_start_and_not_after_the_end(
    start: int, hours: float, expected: list[float]
) -> None:
    assert [hour for hour, _, _ in paid(result(held("short", OKX), start=start, hours=hours))] == expected


def test_two_holdings_one_after_the_other_count_every_settlement_once() -> None:
    whole = result(held("short", OKX), start=NEXT, hours=48)
    parts = [result(held("short", OKX), start=start, hours=24) for start in (NEXT, NEXT + 86_400)]
    assert [entry for one in parts for entry in paid(one)] == paid(whole)


# Replayed


def test_the_past_is_what_was_charged() -> None:
    one = result(
        held("short", OKX, (-8, 0.9), (0, 0.0002), (8, 0.0004)),
        held("long", row("binance:BTCUSDT", 0.5), (-8, 0.9), (0, -0.0001), (8, 0.0001)),
        start=MIDNIGHT - H,
        hours=9,
    )
    assert paid(one) == [(0.0, "short", 2.0), (0.0, "long", 1.0), (8.0, "short", 4.0), (8.0, "long", -1.0)]
    assert {entry["rate_source"] for entry in one["ledger"] if entry["what"] == "funding"} == {"settled"}
    assert sums(one) == [0.06, -0.2, -0.14, 6.0, -20.0, -14.0]
    assert one["net_annualized_pct"] == -136.2666666667  # -0.14 × 8760 / 9
    assert one["notices"] == []


def test_a_time_that_reaches_from_the_past_into_the_future_is_part_charged_part_foretold() -> None:
    one = result(held("short", OKX, (0, 0.9), (8, 0.0004)), start=MIDNIGHT, hours=24)
    assert paid(one) == [(8.0, "short", 4.0), (16.0, "short", 1.0), (24.0, "short", 1.0)]
    assert [entry["rate_source"] for entry in one["ledger"]] == [None, "settled", "current", "current", None]


def test_the_next_settlement_is_not_foretold_and_charged_both() -> None:
    late = held("short", OKX, (8, 0.0004), (16, 0.0005))
    one = carry([late], MIDNIGHT + 9 * H, 12, 100, NEXT + 5, NO_FEES)
    assert [(entry["rate_source"], entry["funding_rate"]) for entry in one["ledger"][1:-1]] == [("settled", 0.0005)]


def test_a_past_time_without_a_settlement_in_it_pays_nothing() -> None:
    one = result(held("short", OKX, (0, 0.9)), start=MIDNIGHT + H, hours=3)
    assert (one["funding_amount"], one["legs"][0]["settlements"], one["notices"]) == (0.0, 0, [])


@pytest.mark.parametrize("charged", [(), ((0, 0.1),), ((8, 0.1),), ((-24, 0.1), (-8, 0.1), (0, 0.1), (8, 0.1))])
def test_a_past_of_which_a_settlement_is_missing_has_no_sum(charged: tuple[tuple[int, float], ...]) -> None:
    one = result(
        held("short", OKX, *charged), held("long", row("binance:X"), (-24, 0), (-16, 0), (-8, 0), (0, 0), (8, 0)),
        start=MIDNIGHT - 23 * H, hours=24 + 7.5,
    )  # fmt: skip
    assert sums(one) == [None, -0.2, None, None, -20.0, None]
    assert one["net_annualized_pct"] is None
    assert one["legs"][0]["settlements"] is None
    assert one["legs"][1]["funding_pct"] == 0.0
    assert one["notices"] == ["okx:BTC-USDT-SWAP: not every settlement of the time up to now is known"]


# What is not known


def test_an_unknown_fee_leaves_the_funding_and_takes_the_net() -> None:
    one = result(held("short", row("aevo:BTC-PERP")))
    assert sums(one) == [0.03, None, None, 3.0, None, None]
    assert [entry["amount"] for entry in one["ledger"]] == [None, 1.0, 1.0, 1.0, None]
    assert one["notices"] == ["aevo:BTC-PERP: its fees are not known"]


@pytest.mark.parametrize(
    ("changes", "hours", "is_known"),
    [
        ({"next_funding_time": None}, 1, False),
        ({"funding_interval_hours": None}, 24, False),
        ({"funding_interval_hours": None}, 7, True),  # the next comes after the end
        ({"funding_interval_hours": None, "next_funding_time": NOW + 7 * H}, 7, True),  # or at it, and no other before
    ],
)
def test_a_future_that_a_row_does_not_foretell_has_no_sum(changes: Row, hours: float, is_known: bool) -> None:
    one = result(held("short", row("okx:X", **changes)), hours=hours)
    assert one["notices"] == ([] if is_known else ["okx:X: when it will settle is not known"])
    assert one["funding_pct"] == (sum(entry["pct"] for entry in one["ledger"][1:-1]) if is_known else None)


def test_what_is_stale_suspect_or_of_two_assets_is_said() -> None:
    one = result(
        held("short", stale("okx:BTC-USDT-SWAP")),
        held("long", row("bybit:ETHZAR", asset="ETH", quote="ZAR", suspect="price is another's")),
    )
    assert one["notices"] == [
        "okx:BTC-USDT-SWAP: its current rate is stale",
        "bybit:ETHZAR: price is another's",
        "the legs are of different assets: BTC, ETH",
        "the legs are of different currencies: ZAR, dollar",
    ]
    assert sums(one)[3:] == [None, None, None]  # rand and dollars do not add up
    assert sums(one)[:3] == [0.0, -0.21, -0.21]


def test_a_time_that_ends_now_needs_no_future() -> None:
    leg = held("short", stale("okx:X", next_funding_time=None), (0, 0.1), (8, 0.0004))
    one = result(leg, start=NOW - 8 * H, hours=8)
    assert (one["end_at"], one["funding_amount"], one["notices"]) == (NOW, 4.0, [])


def test_a_year_may_be_held_and_a_little_be_at_stake() -> None:
    one = result(held("short", OKX), hours=8760, notional=0.5)
    assert (one["legs"][0]["settlements"], one["funding_pct"], one["funding_amount"]) == (1095, 10.95, 0.05475)


def test_a_stale_row_is_as_good_as_another_for_the_past() -> None:
    one = result(held("short", stale("okx:X"), (0, 0.1), (8, 0.0004)), start=MIDNIGHT + H, hours=7)
    assert (one["funding_amount"], one["notices"]) == (4.0, [])


@pytest.mark.parametrize(
    ("hours", "notional", "words"),
    [
        (0, 1, "more than 0 and at most 8760 hours"),
        (-1, 1, "at most 8760 hours, not -1"),
        (8761, 1, "not 8761"),
        (float("nan"), 1, "not nan"),
        (1, 0, "a notional is above 0, not 0"),
        (1, float("nan"), "a notional is above 0"),
    ],
)
def test_terms_without_sense_are_refused(hours: float, notional: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        result(held("short", OKX), hours=hours, notional=notional)
