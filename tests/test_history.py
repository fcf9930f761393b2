"""What history answers say: traps of rows, of times and of intervals."""

import json
from typing import Any

import pytest

from funding.adapter import HOUR, Answer, Exchange, History, Row, Settlement, per_second
from funding.errors import BadRow, FetchError
from funding.history import Page, by_time, intervals, read_page
from funding.message import Reply
from funding.values import number, percent, seconds, times

NOW = 1_795_507_200  # 2026-11-24T08:00:00Z


def parse(row: Row) -> Settlement | None:
    if row.get("special"):
        return None
    return Settlement(seconds(row["t"]), number(row["rate"]), number(row.get("hours")))


def page(body: Any, now: float = NOW + 1, words: Row | None = None, **declared: Any) -> Page:
    one = History("https://venue.example/{symbol}?to={until_s}", **{"parse": parse, **declared})
    exchange = Exchange(
        "Venue", "cex", per_second(1), (), lambda row, tables: None, Answer("code", good=("0",)), history=one
    )
    reply = Reply(200, json.dumps(body).encode(), now)
    return read_page(exchange, one, reply, words or {"symbol": "BTC", "until_s": 5, "page": 1}, now)


def test_rows_in_their_order_and_the_cursor():
    rows = [{"t": NOW, "rate": "0.2"}, {"t": NOW - HOUR, "rate": "0.1"}]
    found = page({"rows": rows, "next": 7}, rows="rows", cursor="next")
    assert found == Page((Settlement(NOW, 0.2), Settlement(NOW - HOUR, 0.1)), 2, "7", {})


def test_times_are_to_the_minute():
    found = page([{"t": NOW + 1.999, "rate": 0.1}, {"t": NOW - HOUR + 59, "rate": 0.1}], now=NOW + 5)
    assert [one.time for one in found.settled] == [NOW, NOW - HOUR]


def test_the_running_period_is_no_settlement_but_a_row():
    found = page([{"t": NOW + HOUR, "rate": 0.3}, {"t": NOW, "rate": 0.2}])
    assert (found.settled, found.rows) == ((Settlement(NOW, 0.2),), 2)


def test_what_parse_passes_over_is_a_row_too():
    found = page([{"t": NOW, "rate": 0.2}, {"t": NOW, "rate": -0.9, "special": True}])
    assert (found.settled, found.rows, found.skipped) == ((Settlement(NOW, 0.2),), 2, {})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"t": NOW, "rate": None}, "no rate"),
        ({"t": NOW, "rate": ""}, "no rate"),
        ({"t": None, "rate": 0.1}, "no time"),
        ({"t": NOW}, "no field 'rate'"),
        ({"t": NOW, "rate": 7}, "rate is implausible: 7"),
        ({"t": NOW * 1000, "rate": 0.1}, "time is implausible: 1795507200000"),
        ({"t": NOW, "rate": 0.1, "hours": 480}, "interval_hours is implausible: 480"),
    ],
)
def test_a_row_that_cannot_be_read_is_counted_with_its_reason_and_the_others_kept(row, reason):
    found = page([row, {"t": NOW - HOUR, "rate": 0.1}])
    assert (found.settled, found.skipped) == ((Settlement(NOW - HOUR, 0.1),), {reason: 1})


def test_zero_is_a_rate():
    assert page([{"t": NOW, "rate": "0"}]).settled == (Settlement(NOW, 0.0),)


def test_when_most_rows_cannot_be_read_it_is_another_shape():
    rows = [{"t": NOW, "rate": None}] * 3 + [{"t": NOW, "rate": 0.1}] * 2
    with pytest.raises(FetchError, match="history: 3 of 5 rows are unreadable, 3 × no rate") as caught:
        page(rows)
    assert caught.value.kind == "shape"


def test_a_refusal_with_200_is_an_error():
    with pytest.raises(FetchError, match="refused with code 7: no such symbol"):
        page({"code": 7, "msg": "no such symbol"})


def test_rows_are_given_the_words_of_the_request_but_keep_their_own():
    seen: list[Row] = []

    def keep(row: Row) -> None:
        seen.append(row)

    page([{"a": 1}, {"symbol": "OWN"}], parse=keep)
    assert seen == [{"a": 1, "symbol": "BTC", "until_s": 5}, {"symbol": "OWN", "until_s": 5}]


def test_percent_an_hour_without_a_sign_and_a_direction():
    def parse_unsigned(row: Row) -> Settlement:
        sign = {"long": 1, "short": -1}[row["direction"]]
        return Settlement(seconds(row["t"]), times(percent(row["rate"]), sign))

    rows = [
        {"t": NOW, "rate": "0.0012", "direction": "long"},
        {"t": NOW - HOUR, "rate": "0.0012", "direction": "short"},
    ]
    assert [one.rate for one in page(rows, parse=parse_unsigned).settled] == pytest.approx([0.000012, -0.000012])


def test_a_bad_row_that_parse_refuses_is_counted_under_its_words():
    def refuse(row: Row) -> None:
        raise BadRow("neither long nor short")

    assert page([{}], parse=refuse).skipped == {"neither long nor short": 1}


# Intervals


@pytest.mark.parametrize(
    ("hours", "constant", "expected"),
    [
        ([0, 8, 16, 24], None, [None, 8, 8, 8]),
        ([0], None, [None]),
        ([0], 1, [1]),
        ([0, 1, 2], 1, [1, 1, 1]),
        ([0, 8, 16, 32, 40], None, [None, 8, 8, None, 8]),  # 24 is missing
        ([0, 1, 2, 5, 6], 1, [1, 1, 1, 1, 1]),  # 3 and 4 are missing
        ([0, 8, 16, 20, 24], None, [None, 8, 8, 4, 4]),  # shortened
        ([0, 4, 8, 16, 24], None, [None, 4, 4, 8, 8]),  # lengthened
        ([0, 4, 8, 16], None, [None, 4, 4, None]),  # lengthened, or one is missing: not known yet
        ([0, 8, 12], None, [None, 8, 4]),
        ([0, 8, 9, 10], None, [None, 8, 1, 1]),
        ([0, 8, 16], 1, [None, 8, 8]),  # what is documented now was not always so
        ([0, 200, 208], None, [None, None, 8]),  # more than a week is no interval
        ([0, 200], 8, [None, 8]),
    ],
)
def test_intervals_are_told_by_the_spacing_and_a_gap_is_none(hours, constant, expected):
    assert intervals([NOW + hour * HOUR for hour in hours], constant) == expected


def test_each_settlement_once_by_time_and_its_own_interval_counts():
    rows = [Settlement(NOW, 0.3), Settlement(NOW - 8 * HOUR, 0.1, 4.0), Settlement(NOW, 0.4)]
    assert by_time(rows, None) == [Settlement(NOW - 8 * HOUR, 0.1, 4.0), Settlement(NOW, 0.4, 8.0)]
