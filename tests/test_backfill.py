"""One exchange's run, from what is stored to what is stored then."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from funding.adapter import DAY, HOUR, Call, Row, Settlement
from funding.errors import FetchError
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.settlements import Charged, save_settlements
from tests.histories import BTC, DUE, ETH, NOW, RATES, URL, Venue, backfill, charged, exchange, listed, stored


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(writer(tmp_path / "funding.db")) as conn:
        migrate(conn)
        yield conn


def times(conn: sqlite3.Connection, symbol: str = BTC) -> list[int]:
    return [row[0] for row in stored(conn, symbol)]


def test_what_was_charged_is_stored_with_the_interval_that_the_spacing_tells(conn):
    listed(conn, BTC, ETH)
    venue = Venue({BTC: charged(3), ETH: charged(2, hours=4)})
    backfill(conn, exchange(), venue)
    assert stored(conn) == [
        (DUE - 16 * HOUR, 0.000102, None, "venue"),
        (DUE - 8 * HOUR, 0.000101, 8.0, "venue"),
        (DUE, 0.0001, 8.0, "venue"),
    ]
    assert stored(conn, ETH) == [(DUE - 4 * HOUR, 0.000101, None, "venue"), (DUE, 0.0001, 4.0, "venue")]


def test_a_documented_interval_is_the_first_settlements_too(conn):
    listed(conn, BTC, hours=1)
    backfill(conn, exchange(interval_hours=1), Venue({BTC: charged(2, hours=1)}))
    assert [row[2] for row in stored(conn)] == [1.0, 1.0]


def test_no_deeper_than_asked_and_the_first_interval_is_told_by_the_settlement_before(conn):
    listed(conn, BTC)
    backfill(conn, exchange(), Venue({BTC: charged(300)}), days=2)
    assert [row[2] for row in stored(conn)] == [8.0] * 6
    assert times(conn)[0] == DUE - 40 * HOUR


def test_no_deeper_than_the_exchange_keeps(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(300)})
    backfill(conn, exchange(days=1), venue, days=30)
    assert len(stored(conn)) == 3
    assert venue.asked == [f"/history?symbol=BTC-USDT&from={NOW - 2 * DAY}&to={NOW}&limit=100"]


def test_an_answer_with_more_than_was_asked_for_is_stored_as_deep_as_wanted(conn):
    listed(conn, BTC)
    backfill(conn, exchange(URL + "/history?symbol={symbol}", page_size=0), Venue({BTC: charged(3000)}), days=2)
    assert len(stored(conn)) == 6


def test_a_second_run_asks_nothing_and_changes_nothing(conn):
    listed(conn, BTC, ETH)  # ETH was listed five days ago: what was before is not asked for again
    venue = Venue({BTC: charged(200), ETH: charged(15)})
    backfill(conn, exchange(), venue)
    before = [tuple(row) for row in conn.execute("SELECT * FROM settlement")]
    assert len(before) == 90 + 15
    venue.asked.clear()
    assert backfill(conn, exchange(), venue, now=NOW + 600) == []
    assert venue.asked == []
    assert [tuple(row) for row in conn.execute("SELECT * FROM settlement")] == before


def test_what_was_charged_since_is_asked_for_alone(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(90)})
    backfill(conn, exchange(), venue)
    venue.asked.clear()
    venue.settled[BTC][DUE + 8 * HOUR] = 0.0009
    venue.now = NOW + 8 * HOUR
    backfill(conn, exchange(), venue, now=NOW + 8 * HOUR)
    assert venue.asked == [f"/history?symbol=BTC-USDT&from={DUE}&to={NOW + 8 * HOUR}&limit=100"]
    assert stored(conn)[-1] == (DUE + 8 * HOUR, 0.0009, 8.0, "venue")


def test_a_gap_is_asked_for_alone_and_its_intervals_are_mended(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(90)})
    missing = {DUE - 80 * HOUR: venue.settled[BTC].pop(DUE - 80 * HOUR)}
    backfill(conn, exchange(), venue)
    assert [row for row in stored(conn) if row[0] == DUE - 72 * HOUR] == [(DUE - 72 * HOUR, 0.000109, None, "venue")]
    venue.settled[BTC] |= missing
    venue.asked.clear()
    backfill(conn, exchange(), venue)
    assert venue.asked == [f"/history?symbol=BTC-USDT&from={DUE - 88 * HOUR}&to={DUE - 72 * HOUR}&limit=100"]
    assert [row[2] for row in stored(conn)] == [None] + [8.0] * 89


def test_deeper_than_before_only_what_is_deeper_is_asked_for(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(200)})
    backfill(conn, exchange(), venue, days=2)
    venue.asked.clear()
    backfill(conn, exchange(), venue, days=4)
    assert venue.asked == [f"/history?symbol=BTC-USDT&from={NOW - 5 * DAY}&to={NOW - 2 * DAY}&limit=100"]
    assert len(stored(conn)) == 12


def test_the_exchanges_word_replaces_what_was_observed_and_predictions_stay(conn):
    listed(conn, BTC)
    save_settlements(conn, [Charged(1, DUE, 0.5, 8.0, 90_000.0, "observed", 0.1, 0.2, 0.3)])
    backfill(conn, exchange(), Venue({BTC: charged(2)}))
    row = conn.execute("SELECT * FROM settlement WHERE funding_time = ?", (DUE,)).fetchone()
    assert tuple(row) == (1, DUE, 0.0001, 8.0, 90_000.0, "venue", 0.1, 0.2, 0.3)


def test_a_settlement_that_came_twice_is_one_row(conn):
    listed(conn, BTC)
    rows = [{"t": DUE + 2, "r": 0.2}, {"t": DUE, "r": 0.1}, {"t": DUE - 8 * HOUR, "r": 0.3}]
    backfill(conn, exchange(), Venue({}, {"/history": lambda words: rows}))
    assert times(conn) == [DUE - 8 * HOUR, DUE]


def test_a_payment_that_came_late_is_that_which_was_due_on_the_grid(conn):
    listed(conn, BTC, hours=1)
    save_settlements(conn, [Charged(1, DUE, 0.5, 1.0, None, "observed")])
    rows = [{"t": DUE + 187, "r": 0.2}, {"t": DUE - HOUR + 5, "r": 0.1}]
    on_grid = replace(exchange(interval_hours=1), on_grid=True)
    backfill(conn, on_grid, Venue({}, {"/history": lambda words: rows}))
    assert stored(conn) == [(DUE - HOUR, 0.1, 1.0, "venue"), (DUE, 0.2, 1.0, "venue")]


def test_the_running_row_waits_until_it_is_charged(conn):
    listed(conn, BTC)
    rows = [{"t": DUE + 8 * HOUR, "r": 0.2}, {"t": DUE, "r": 0.1}]
    backfill(conn, exchange(), Venue({}, {"/history": lambda words: rows}))
    assert times(conn) == [DUE]


def test_what_came_before_an_error_is_kept_and_the_rest_asked_for_next_time(conn):
    listed(conn, BTC, hours=1)
    venue = Venue({BTC: charged(720, hours=1)})
    venue.fails = lambda path, words: FetchError("timeout", "slow") if len(venue.asked) == 4 else None
    found = backfill(conn, exchange(), venue)
    assert [(got.error.kind if got.error else None, got.calls) for got in found] == [("timeout", 4)]
    assert len(stored(conn)) == 3 * 99  # hours in a window
    assert backfill(conn, exchange(), venue)[0].error is None
    assert [row[2] for row in stored(conn)] == [None] + [1.0] * 719


def test_one_contract_that_fails_costs_no_other(conn):
    listed(conn, BTC, ETH)
    venue = Venue({BTC: charged(5), ETH: charged(5)})
    venue.fails = lambda path, words: FetchError("http", "HTTP 400: no such symbol") if words["symbol"] == BTC else None
    found = {got.job.contract.symbol: got.error for got in backfill(conn, exchange(), venue)}
    assert found[BTC] is not None
    assert found[ETH] is None
    assert (len(stored(conn)), len(stored(conn, ETH))) == (0, 5)


def test_a_host_that_does_not_answer_five_times_is_left_alone(conn):
    symbols = [f"C{number}-USDT" for number in range(40)]
    listed(conn, *symbols)
    venue = Venue({}, fails=lambda path, words: FetchError("connect", "nobody there"))
    found = backfill(conn, exchange(), venue)
    assert len(found) == 40
    assert all(got.error and got.error.kind == "connect" for got in found)
    assert 5 <= len(venue.asked) <= 6  # two workers
    assert found[-1].error
    assert found[-1].error.words == "not asked: 5 failures in a row"


def test_contracts_that_are_refused_do_not_count_as_a_host_that_does_not_answer(conn):
    symbols = [f"C{number}-USDT" for number in range(12)]
    listed(conn, *symbols)
    venue = Venue({}, fails=lambda path, words: FetchError("refused", "unknown"))
    backfill(conn, exchange(), venue)
    assert len(venue.asked) == 12


# Contracts that are asked for by another name


MARKETS = Call("markets", URL + "/markets", key="name", keep=("id",), good_for=HOUR)


def by_id(contract, tables) -> Row:
    return {"symbol": tables["markets"][contract.symbol]["id"]}


def test_the_name_comes_from_a_table_and_a_contract_that_it_lacks_is_no_failure(conn):
    listed(conn, BTC, ETH)
    venue = Venue({"7": charged(3)}, {"/markets": lambda words: [{"name": BTC, "id": 7}]})
    found = backfill(
        conn, exchange(URL + "/history?symbol={symbol}&from={since_s}", MARKETS, *RATES, asks=by_id), venue
    )
    assert {got.job.contract.symbol: (got.listed, got.error) for got in found} == {
        BTC: (True, None),
        ETH: (False, None),
    }
    assert len(stored(conn)) == 3


def test_a_table_that_cannot_be_had_fails_every_contract_that_needs_it(conn):
    listed(conn, BTC, ETH)
    venue = Venue({}, fails=lambda path, words: FetchError("timeout", "slow"))
    found = backfill(conn, exchange(URL + "/history?symbol={symbol}", MARKETS, *RATES, asks=by_id), venue)
    assert [got.error.words for got in found if got.error] == ["markets: slow"] * 2
    assert venue.asked == ["/markets"]


def test_tables_are_not_asked_for_where_the_contract_itself_tells(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(3)})
    one = exchange(URL + "/{family}?symbol={symbol}", MARKETS, *RATES, page_size=0,
                   asks=lambda contract, tables: {"symbol": contract.symbol, "family": contract.kind})  # fmt: skip
    backfill(conn, one, venue)
    assert venue.asked == ["/linear?symbol=BTC-USDT"]


def test_a_table_that_takes_a_request_per_contract_is_left_out(conn):
    listed(conn, BTC)
    interest = Call("interest", URL + "/oi?s={s}", key="name", each=lambda tables: ["A", "B"], optional=True)
    venue = Venue({"7": charged(3)}, {"/markets": lambda words: [{"name": BTC, "id": 7}]})
    backfill(
        conn, exchange(URL + "/history?symbol={symbol}", MARKETS, interest, *RATES, page_size=0, asks=by_id), venue
    )
    assert venue.asked == ["/markets", "/history?symbol=7"]


# Walks, end to end


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        (URL + "/history?symbol={symbol}&from={since_s}&to={until_s}&limit=10", {"page_size": 10}),
        (URL + "/history?symbol={symbol}&to={until_s}&limit=10", {"page_size": 10}),
        (URL + "/history?symbol={symbol}", {"page_size": 0}),
    ],
    ids=["windows", "back from a time", "one answer"],
)
def test_however_it_is_walked_the_same_is_stored(conn, url, declared):
    listed(conn, BTC)
    backfill(conn, exchange(url, **declared), Venue({BTC: charged(200)}))
    assert stored(conn) == [
        (time, rate, 8.0, "venue") for time, rate in sorted(charged(200).items()) if time >= NOW - 30 * DAY
    ]


def test_where_only_the_newest_can_be_asked_for_gaps_are_one_walk(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(90)})
    one = exchange(URL + "/history?symbol={symbol}", page_size=0)
    for hours in (80, 160, 240):
        del venue.settled[BTC][DUE - hours * HOUR]
    backfill(conn, one, venue)
    venue.asked.clear()
    venue.settled[BTC] = charged(90)
    backfill(conn, one, venue)
    assert venue.asked == ["/history?symbol=BTC-USDT"]
    assert len(stored(conn)) == 90


def test_a_contract_with_many_gaps_is_asked_for_as_a_whole(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(90)})
    for number in range(10, 80, 7):
        del venue.settled[BTC][DUE - number * 8 * HOUR]
    backfill(conn, exchange(), venue)
    venue.asked.clear()
    venue.settled[BTC] = charged(90)
    backfill(conn, exchange(), venue)
    assert len(venue.asked) == 1
    assert len(stored(conn)) == 90


def test_rows_that_cannot_be_read_are_counted(conn):
    listed(conn, BTC)
    rows = [{"t": DUE, "r": 0.1}, {"t": DUE - 8 * HOUR, "r": "n/a"}]
    found = backfill(conn, exchange(), Venue({}, {"/history": lambda words: rows}))
    assert dict(found[0].skipped) == {"ValueError: could not convert string to float: 'n/a'": 1}
    assert times(conn) == [DUE]


def test_settlements_of_contracts_that_are_not_current_any_more_are_left_alone(conn):
    listed(conn, BTC)
    conn.execute("UPDATE latest SET observed_at = observed_at - 200000")
    venue = Venue({BTC: charged(9)})
    assert backfill(conn, exchange(), venue) == []
    assert (venue.asked, stored(conn)) == ([], [])


def test_a_row_of_history_may_tell_its_own_interval_and_price(conn):
    listed(conn, BTC)
    one = exchange(parse=lambda row: Settlement(row["t"], row["r"], 4.0, 90_000.0))
    backfill(conn, one, Venue({BTC: charged(2)}))
    rows = conn.execute("SELECT interval_hours, mark_price FROM settlement").fetchall()
    assert [tuple(row) for row in rows] == [(4.0, 90_000.0)] * 2
