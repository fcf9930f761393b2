"""Rules on a snapshot: every kind of them, its words, and what is no reason for an alert."""

from typing import Any

from funding.alerts.alert import as_text
from funding.alerts.judge import Finding, judge
from funding.alerts.market import Snapshot, findings, happenings
from funding.alerts.rules import Rule
from funding.analysis.current import current
from funding.analysis.fees import Fees
from funding.store.outbox import Standing
from tests.alerts.given import NOW

THRESHOLD = 900
HOUR = 3600
STORED: dict[str, Any] = {
    "exchange": "okx", "symbol": "BTC-USDT-SWAP", "base": "BTC", "asset": "BTC", "asset_class": "crypto",
    "multiplier": 1.0, "quote": "USDT", "settle": "USDT", "kind": "linear", "funding_rate": 0.0003,
    "rate_kind": "predicted", "funding_interval_hours": 8.0, "interval_source": "reported",
    "next_funding_time": NOW + 540, "next_funding_source": "reported", "last_settled_rate": None, "last_settled_at": None,
    "funding_rate_cap": 0.00375, "funding_rate_floor": -0.00375, "mark_price": 80_000.0, "index_price": None,
    "open_interest_usd": 3.56e9, "volume_24h_usd": 4.3e9, "exchange_at": None, "observed_at": NOW - 10,
}  # fmt: skip


def row(**other: Any) -> dict[str, Any]:
    suspect = other.pop("suspect", None)
    return current(STORED | other, NOW, THRESHOLD) | {"suspect": suspect}


def bybit(**other: Any) -> dict[str, Any]:
    return row(**{"exchange": "bybit", "symbol": "BTCUSDT", **other})


def rule(what: str, **other: Any) -> Rule:
    return Rule(name="mine", what=what, **other)


def found(one: Rule, *rows: dict[str, Any], standings: dict[str, Standing] | None = None) -> list[Finding]:
    return list(findings([one], Snapshot(rows, NOW), standings or {}, Fees()))


def text(finding: Finding) -> str:
    return as_text(judge({}, [finding], lambda key: True, NOW).alerts[0])


def test_a_rate_above_its_level() -> None:
    [one] = found(rule("rate", above=30, base=("BTC",)), row(), bybit(funding_rate=0.0002))
    assert one.key == "rule:mine:okx:BTC-USDT-SWAP"
    assert text(one).split("\n") == [
        "🔴 BTC on okx: +32.85 % a year",
        "BTC-USDT-SWAP: +0.0300 % every 8 h, next in 9 min",
        "OI $3.56B, 24 h volume $4.30B",
        "rule mine: above 30 %",
    ]
    assert one.resolved == "BTC on okx is back behind 30 % a year"


def test_a_rate_below_its_level_has_a_real_minus() -> None:
    [one] = found(rule("rate", below=-30), row(funding_rate=-0.0003), row(funding_rate=0.0003))
    assert text(one).startswith("🔴 BTC on okx: −32.85 % a year\nBTC-USDT-SWAP: −0.0300 % every 8 h")
    assert one.lines[-1] == "rule mine: below −30 %"


def test_what_stands_is_found_until_it_is_back_behind_its_resolve_level() -> None:
    one = rule("rate", above=40, resolve=30)
    key = "rule:mine:okx:BTC-USDT-SWAP"
    assert found(one, row()) == []
    [still] = found(one, row(), standings={key: Standing(key, NOW - 60)})
    assert still.lines[-1] == "rule mine: above 40 %"
    assert found(one, row(funding_rate=0.0002), standings={key: Standing(key, NOW - 60)}) == []


def test_stale_suspect_small_and_unknown_rows_are_no_reason() -> None:
    one = rule("rate", above=1, min_volume=1e6, min_open_interest=1e6)
    assert len(found(one, row())) == 1
    for other in (
        {"observed_at": NOW - 901}, {"suspect": "price is 3 times that of …"}, {"volume_24h_usd": 9e5},
        {"volume_24h_usd": None}, {"open_interest_usd": None}, {"funding_interval_hours": None},
    ):  # fmt: skip
        assert found(one, row(**other)) == []


def test_filters_are_by_asset_and_exchange() -> None:
    rows = (row(), bybit(), row(asset="ETH", symbol="ETH-USDT-SWAP"))
    assert [one.key for one in found(rule("rate", above=1, exchange=("okx",)), *rows)] == [
        "rule:mine:okx:BTC-USDT-SWAP", "rule:mine:okx:ETH-USDT-SWAP",
    ]  # fmt: skip
    assert [one.key for one in found(rule("rate", above=1, base=("ETH",)), *rows)] == ["rule:mine:okx:ETH-USDT-SWAP"]


def test_a_spread_net_of_fees() -> None:
    [one] = found(rule("spread", above=5, min_volume=1e6), row(), bybit(funding_rate=0.0001))
    assert one.key == "rule:mine:BTC"
    assert text(one).split("\n") == [
        "🔴 BTC: +10.95 % a year net, short okx, long bybit",
        "short BTC-USDT-SWAP +32.85 %, long BTCUSDT +10.95 %",
        "fees 0.21 % in and out, earned back in 3 d 12 h",
        "price gap +0.00 %, short against long",
        "rule mine: above 5 %",
    ]


def test_a_spread_counts_only_contracts_that_are_large_enough_though_a_small_one_has_more() -> None:
    tiny = row(exchange="xt", symbol="btc_usdt", funding_rate=0.003, volume_24h_usd=1000.0, funding_rate_cap=None)
    [one] = found(rule("spread", above=5, min_volume=1e6), tiny, row(), bybit(funding_rate=0.0001))
    assert one.title == "BTC: +10.95 % a year net, short okx, long bybit"


def test_a_spread_may_be_waited_for_to_close() -> None:
    [one] = found(rule("spread", below=0), row(), bybit(funding_rate=0.0002999))
    assert one.title.startswith("BTC: −10.")


def test_a_rate_at_its_limit() -> None:
    [one] = found(rule("at_cap"), row(funding_rate=0.00375), bybit())
    assert one.title == "BTC on okx is at its limit: +0.3750 %"
    assert found(rule("at_cap"), row(funding_rate_cap=None, funding_rate_floor=None)) == []


def test_a_settlement_that_is_near() -> None:
    [one] = found(rule("settles_soon", minutes=10), row(), bybit(next_funding_time=NOW + 601))
    assert one.title == "BTC on okx settles in 9 min: +0.0300 %"
    assert one.lines[0] == "at 14:22 UTC; BTC-USDT-SWAP: +0.0300 % every 8 h"
    assert one.resolved is None


def happened(one: Rule, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    return [event.title for event in happenings([one], Snapshot(before, NOW - 300).listed(), Snapshot(after, NOW))]


def test_a_sign_that_turns() -> None:
    before, after = [row(), bybit(funding_rate=-0.0001)], [row(funding_rate=-0.0002), bybit(funding_rate=0.0001)]
    assert happened(rule("sign_flip"), before, after) == [
        "BTC on bybit turned: longs pay, +0.0100 %", "BTC on okx turned: shorts pay, −0.0200 %",
    ]  # fmt: skip
    assert happened(rule("sign_flip"), [row(funding_rate=0.0)], [row()]) == []


def test_an_interval_that_changes() -> None:
    after = [row(funding_interval_hours=4.0)]
    assert happened(rule("interval_change"), [row()], after) == ["BTC on okx pays every 4 h, before every 8 h"]
    assert happened(rule("interval_change"), [row(funding_interval_hours=None)], after) == []


def test_a_contract_that_is_listed() -> None:
    new = row(symbol="NEW-USDT-SWAP", asset="NEW")
    assert happened(rule("listing"), [row()], [row(), new]) == ["okx lists NEW-USDT-SWAP"]
    assert happened(rule("listing", base=("BTC",)), [row()], [row(), new]) == []
    assert happened(rule("delisting"), [row()], [row(), new]) == []


def test_an_exchange_that_was_not_collected_before_lists_nothing_new() -> None:
    assert happened(rule("listing"), [row()], [row(), bybit()]) == []
    assert happened(rule("delisting"), [row(), bybit()], [row()]) == []


def test_a_contract_that_its_exchange_no_longer_shows_for_an_hour_is_delisted() -> None:
    gone, other = {"symbol": "OLD-USDT-SWAP", "asset": "OLD", "observed_at": NOW - HOUR - 11}, row()
    before = [row(**gone), row(observed_at=NOW - 311)]
    assert happened(rule("delisting"), before, [row(**gone), other]) == ["okx no longer lists OLD-USDT-SWAP"]
    assert happened(rule("listing"), before, [row(**gone), other]) == []
    shortly = row(**gone | {"observed_at": NOW - HOUR + 20})
    assert happened(rule("delisting"), [shortly, other], [shortly, other]) == []


def test_an_exchange_that_is_out_for_a_while_delists_nothing() -> None:
    old = [row(observed_at=NOW - 7200), row(symbol="ETH-USDT-SWAP", observed_at=NOW - 7205)]
    assert happened(rule("delisting"), old, old) == []
