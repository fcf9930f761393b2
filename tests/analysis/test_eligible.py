"""Which rows may be ranked, and how those that may not are counted."""

from funding.analysis.eligible import among, eligible, notices
from tests.analysis.given import judged, row, stale

GOOD = row("okx:BTC-USDT-SWAP")
STALE = stale("bybit:BTCUSDT")
SUSPECT = row("gate:BTC_USDT", suspect="rate outside the venue's own cap")
DEAR = row("mexc:BTC_USDT", mark_price=140.0, open_interest_usd=1.0)
UNKNOWN = row("xt:btc_usdt", funding_interval_hours=None)
ROWS = judged([GOOD, STALE, SUSPECT, DEAR, UNKNOWN])


def test_only_what_is_fresh_beyond_doubt_and_has_a_yield_is_taken() -> None:
    found = eligible(ROWS)
    assert found.rows == [GOOD]
    assert found.left_out == {"stale": 1, "suspect": 2, "of unknown interval": 1}


def test_an_interval_is_asked_for_only_where_a_yield_is() -> None:
    assert eligible(ROWS, yields=False).rows == [GOOD, UNKNOWN]


def test_what_is_not_chosen_is_not_counted() -> None:
    found = eligible(ROWS, chosen=among(("mexc", "bybit")))
    assert (found.rows, found.left_out) == ([], {"suspect": 1, "stale": 1})


def test_a_caller_may_keep_contracts_out_for_reasons_of_its_own() -> None:
    found = eligible([GOOD, STALE], kept_out={("okx", "BTC-USDT-SWAP"): "being delisted"})
    assert (found.rows, found.left_out) == ([], {"being delisted": 1, "stale": 1})
    other = eligible([GOOD], kept_out={("bybit", "BTC-USDT-SWAP"): "being delisted"})
    assert (other.rows, other.left_out) == ([GOOD], {})


def test_a_least_volume_leaves_out_what_is_not_known_to_reach_it() -> None:
    rows = [
        row("okx:A", volume_24h_usd=5e6),
        row("okx:B", volume_24h_usd=4_999_999.0),
        row("okx:C", volume_24h_usd=None),
        row("bybit:D", volume_24h_usd=9e6),
    ]
    assert [one["symbol"] for one in rows if among(min_volume_usd=5e6)(one)] == ["A", "D"]
    assert [one["symbol"] for one in rows if among(("okx",))(one)] == ["A", "B", "C"]
    assert [one["symbol"] for one in rows if among()(one)] == ["A", "B", "C", "D"]


def test_a_kind_and_a_search_leave_out_what_is_another_or_is_not_found() -> None:
    rows = [row("okx:A", asset="BTC"), row("okx:B", asset="WBTC", kind="inverse"), row("btc:C", asset="ETH")]
    assert [one["symbol"] for one in rows if among(kind="inverse")(one)] == ["B"]
    assert [one["symbol"] for one in rows if among(search="btc")(one)] == ["A", "B"]  # by asset, not by exchange
    assert [one["symbol"] for one in rows if among(search="btc", kind="linear")(one)] == ["A"]


def test_what_was_left_out_is_one_sentence_or_none() -> None:
    assert notices({}) == []
    assert notices({"stale": 1}) == ["1 row left out: 1 stale"]
    assert notices({"stale": 2}) == ["2 rows left out: 2 stale"]
    assert notices({"suspect": 3, "stale": 3, "of unknown interval": 5}) == [
        "11 rows left out: 5 of unknown interval, 3 stale, 3 suspect"
    ]


def test_no_rows_give_no_rows() -> None:
    assert (eligible([]).rows, eligible([]).left_out) == ([], {})
