"""What is known to have been charged, and which intervals changed, from nothing but the observations that were saved."""

import subprocess
import sys
from bisect import bisect_left, bisect_right
from contextlib import closing
from textwrap import dedent

import pytest

from funding.errors import StoreError
from funding.store.intervals import select_interval_changes
from funding.store.observations import select_at
from funding.store.open import check_integrity, writer
from funding.store.rates import select_current
from funding.store.runs import Contracts, save
from funding.store.settlements import Charged, save_settlements
from tests.store.given import failed, rate, rows, run
from tests.store.played import DAY, HOUR, MIDNIGHT, MINUTE, Collector, cycles, quote, quoted

BTC = "BTC-USDT-SWAP"
DUE = MIDNIGHT + 8 * HOUR
SETTLED = "SELECT contract_id, funding_time, rate, interval_hours, mark_price, source FROM settlement"
CHANGED = "SELECT contract_id, changed_at, from_hours, to_hours FROM interval_change"


def seen(at, hours=8.0, **other):
    return quoted(BTC, at, hours, **other)


def save_all(conn, *rates, known=None, now=DUE + DAY):
    for one in rates:
        save(conn, run(one, started_at=one.observed_at), known=known, clock=lambda: now)


def settled(conn):
    return rows(conn, SETTLED)


@pytest.mark.parametrize("known", [None, {}], ids=["each run after a restart", "one process"])
def test_the_last_rate_quoted_before_it_is_what_was_charged(conn, known):
    quotes = [(DUE - 420, 0.0002), (DUE - 120, 0.0003), (DUE + 180, 0.0009), (DUE + 480, 0.001)]
    save_all(conn, *(seen(at, funding_rate=rate, mark_price=at / 2) for at, rate in quotes), known=known)
    assert settled(conn) == [(1, DUE, 0.0003, 8.0, (DUE - 120) / 2, "observed")]


@pytest.mark.parametrize("known", [None, {}], ids=["each run after a restart", "one process"])
def test_saving_the_same_again_changes_nothing(conn, known):
    save_all(conn, seen(DUE - 60), seen(DUE + 60, 4.0), known=known)
    before = settled(conn), rows(conn, CHANGED), rows(conn, "SELECT * FROM latest")
    assert (len(before[0]), len(before[1])) == (1, 1)
    save_all(conn, seen(DUE + 60, 4.0), seen(DUE - 60), seen(DUE + 60, 4.0), known=known)
    assert (settled(conn), rows(conn, CHANGED), rows(conn, "SELECT * FROM latest")) == before


def test_a_settlement_that_passed_while_nothing_ran_is_found_at_the_restart_and_those_after_it_are_unknown(conn, path):
    save_all(conn, seen(DUE - 120, funding_rate=0.0005))
    conn.close()
    with closing(writer(path)) as conn:
        save_all(conn, seen(DUE + 3 * DAY))
        assert settled(conn) == [(1, DUE, 0.0005, 8.0, None, "observed")]


def test_it_counts_from_the_next_time_the_contract_is_seen_whatever_fails_between(conn):
    save_all(conn, seen(DUE - 120, funding_rate=0.0005))
    save(conn, failed(started_at=DUE + 60))
    save(conn, run(quoted("ETH-USDT-SWAP", DUE + 360, 8), started_at=DUE + 360))
    assert settled(conn) == []
    save_all(conn, seen(DUE + 660))
    assert settled(conn) == [(1, DUE, 0.0005, 8.0, None, "observed")]


@pytest.mark.parametrize(
    ("hours", "before", "known"),
    [(8, 8 * HOUR, True), (8, 8 * HOUR + 1, False), (1, HOUR, True), (1, HOUR + 1, False), (None, HOUR + 1, False)],
)
def test_a_quote_older_than_an_interval_tells_nothing_of_what_was_charged(conn, hours, before, known):
    old = rate(BTC, observed_at=DUE - before, funding_interval_hours=hours, next_funding_time=DUE)
    save_all(conn, old, seen(DUE + 60))
    assert bool(settled(conn)) == known


def test_an_unknown_interval_is_taken_for_an_hour_and_stays_unknown(conn):
    save_all(conn, rate(BTC, observed_at=DUE - HOUR, next_funding_time=DUE), seen(DUE + 60))
    assert settled(conn) == [(1, DUE, 0.0001, None, None, "observed")]


def test_a_contract_without_a_next_time_is_never_settled(conn):
    save_all(conn, *(seen(at, next_funding_time=None) for at in cycles(MIDNIGHT, MIDNIGHT + 2 * DAY, HOUR)))
    assert settled(conn) == []


def test_next_times_that_are_stamped_seconds_late_are_one_settlement_at_its_minute(conn):
    late = [(DUE - 600, 1), (DUE - 300, 0), (DUE - 1, 2), (DUE + 1, 2), (DUE + 300, 8 * HOUR + 1)]
    quotes = [seen(at, funding_rate=at / 1e13, next_funding_time=DUE + jitter) for at, jitter in late]
    save_all(conn, *quotes[:3])
    assert settled(conn) == []
    save_all(conn, *quotes[3:])
    assert settled(conn) == [(1, DUE, (DUE - 1) / 1e13, 8.0, None, "observed")]
    assert rows(conn, CHANGED) == []


def test_an_exchange_whose_clock_is_ahead_names_the_next_settlement_before_this_one_is_due_here(conn):
    save_all(conn, seen(DUE - 300, funding_rate=0.0004), seen(DUE - 40, next_funding_time=DUE + 8 * HOUR))
    assert settled(conn) == [(1, DUE, 0.0004, 8.0, None, "observed")]
    save_all(conn, seen(DUE + 260))
    assert settled(conn) == [(1, DUE, 0.0004, 8.0, None, "observed")]


def test_a_settlement_that_was_moved_long_before_it_was_due_did_not_take_place(conn):
    save_all(conn, seen(DUE - 300), seen(DUE - 61, next_funding_time=DUE + 4 * HOUR), seen(DUE + 60, 4.0))
    assert settled(conn) == []


def test_a_settlement_that_is_still_named_after_it_was_due_is_counted_once(conn):
    stuck = [seen(DUE + after, next_funding_time=DUE, funding_rate=0.5) for after in (0, 60, 300)]
    save_all(conn, seen(DUE - 300, funding_rate=0.0004), *stuck, seen(DUE + 600))
    assert settled(conn) == [(1, DUE, 0.0004, 8.0, None, "observed")]


def test_the_exchanges_own_record_is_not_replaced_and_keeps_what_was_predicted(conn):
    save_all(conn, seen(DUE - 300))
    save_settlements(conn, [Charged(1, DUE, 0.0007, 8.0, None, "venue")])
    save_all(conn, seen(DUE + 60, mark_price=3.0))
    assert settled(conn) == [(1, DUE, 0.0007, 8.0, None, "venue")]


def test_where_the_rate_is_the_last_one_charged_the_row_itself_says_what_was(conn):
    collector = Collector(conn)
    for at, funding_rate in ((-900, 0.0001), (-300, 0.0001), (60, 0.0001), (360, 0.0002), (660, 0.0002)):
        collector.cycle(DUE + at, [seen(DUE + at, rate_kind="settled", funding_rate=funding_rate)])
    assert settled(conn) == [
        (1, DUE - 8 * HOUR, 0.0001, 8.0, None, "venue"),
        (1, DUE, 0.0002, 8.0, None, "venue"),
    ]
    assert rows(conn, "SELECT predicted_10m, predicted_1h, predicted_4h FROM settlement") == [(None, None, None)] * 2


def test_of_such_a_rate_nothing_is_known_while_its_next_time_lies_in_the_past(conn):
    save_all(conn, seen(DUE + 60, rate_kind="settled", next_funding_time=DUE))
    assert settled(conn) == []


def test_the_word_of_an_exchange_whose_clock_is_ahead_is_taken_and_that_of_the_future_is_not(conn):
    save_all(conn, seen(DUE - 61, last_settled_rate=0.1, last_settled_at=DUE))
    assert settled(conn) == []
    save_all(conn, seen(DUE - 60, last_settled_rate=0.2, last_settled_at=DUE))
    assert settled(conn) == [(1, DUE, 0.2, None, None, "venue")]


def test_the_exchanges_word_that_was_heard_before_does_not_replace_its_record(conn):
    told = {"last_settled_rate": 0.0006, "last_settled_at": DUE}
    save_all(conn, seen(DUE + 60, **told))
    save_settlements(conn, [Charged(1, DUE, 0.00061, 8.0, None, "venue")])
    save_all(conn, seen(DUE + 360, **told))
    assert settled(conn) == [(1, DUE, 0.00061, 8.0, None, "venue")]


def test_a_last_settled_rate_with_its_time_is_the_exchanges_word(conn):
    told = {"last_settled_rate": 0.0006, "last_settled_at": DUE + 2}
    save_all(conn, seen(DUE - 300, funding_rate=0.0004, mark_price=2.0), seen(DUE + 60), seen(DUE + 360, **told))
    assert settled(conn) == [(1, DUE, 0.0006, 8.0, 2.0, "venue")]
    save_all(
        conn, seen(DUE + 660, last_settled_rate=0.5, last_settled_at=DUE + DAY), seen(DUE + 960, last_settled_rate=1)
    )
    assert settled(conn) == [(1, DUE, 0.0006, 8.0, 2.0, "venue")]


def test_the_word_of_an_exchange_that_publishes_the_last_rate_alone_is_of_its_interval(conn):
    told = {"rate_kind": "settled", "last_settled_rate": 0.0006, "last_settled_at": DUE}
    save_all(conn, seen(DUE + 60, 1.0, **told))
    assert settled(conn) == [(1, DUE, 0.0006, 1.0, None, "venue")]


def test_an_older_observation_settles_nothing(conn):
    save_all(conn, seen(DUE + 60), seen(DUE - 60), seen(DUE + 120))
    assert settled(conn) == []


def test_a_clock_that_was_ahead_leaves_no_settlement_behind_when_it_is_set_right(conn):
    ahead = DUE + 400 * DAY
    save_all(conn, seen(ahead), seen(DUE - 60), seen(DUE + 60), now=DUE + 60)
    assert settled(conn) == [(1, DUE, quote(DUE - 60), 8.0, None, "observed")]


def test_a_run_that_is_not_stored_settles_nothing_and_the_next_one_does(conn):
    known: dict[str, Contracts] = {}
    save_all(conn, seen(DUE - 60, funding_rate=0.0004), known=known)
    with pytest.raises(StoreError, match="ETH-USDT-SWAP without observed_at"):
        save(conn, run(seen(DUE + 60), rate("ETH-USDT-SWAP", observed_at=None)), known=known)
    assert settled(conn) == []
    save_all(conn, seen(DUE + 360), known=known)
    assert settled(conn) == [(1, DUE, 0.0004, 8.0, None, "observed")]


# the current row


def test_current_shows_the_newest_settlement_where_the_exchange_tells_none(conn):
    last = "last_settled_rate", "last_settled_at"
    save_all(conn, seen(DUE - 60, funding_rate=0.0004))
    assert [next(select_current(conn))[name] for name in last] == [None, None]
    save_all(conn, seen(DUE + 60), seen(DUE + 8 * HOUR - 60, funding_rate=0.0005), seen(DUE + 8 * HOUR + 60))
    assert [next(select_current(conn))[name] for name in last] == [0.0005, DUE + 8 * HOUR]
    save_all(conn, seen(DUE + 8 * HOUR + 360, last_settled_rate=0.0007))
    assert [next(select_current(conn))[name] for name in last] == [0.0007, None], "a rate and a time of two sources"


# interval changes


def test_a_change_at_a_settlement_is_logged_and_the_settlement_has_the_interval_before(conn):
    save_all(conn, seen(DUE - 300, 8.0), seen(DUE + 20, 4.0), seen(DUE + 320, 4.0), seen(DUE + 620, 1.0))
    assert rows(conn, CHANGED) == [(1, DUE + 20, 8.0, 4.0), (1, DUE + 620, 4.0, 1.0)]
    assert rows(conn, "SELECT funding_time, interval_hours FROM settlement") == [(DUE, 8.0)]


@pytest.mark.parametrize("known", [None, {}], ids=["each run after a restart", "one process"])
def test_a_change_that_leaves_the_next_time_as_it_was_is_logged(conn, known):
    save_all(conn, seen(DUE - 300, 8.0), seen(DUE - 200, 4.0), known=known)
    assert rows(conn, CHANGED) == [(1, DUE - 200, 8.0, 4.0)]


@pytest.mark.parametrize("known", [None, {}], ids=["each run after a restart", "one process"])
def test_an_interval_that_becomes_known_or_unknown_is_no_change(conn, known):
    unknown = [rate(BTC, observed_at=DUE + after) for after in (0, 600)]
    save_all(conn, unknown[0], seen(DUE + 300), unknown[1], seen(DUE + 900), known=known)
    assert rows(conn, CHANGED) == []


def test_the_jitter_of_derived_intervals_is_no_change(conn):
    save_all(conn, *(seen(DUE + 300 * number, 8 + number / HOUR, next_funding_time=None) for number in range(6)))
    assert rows(conn, CHANGED) == []


def test_changes_are_selected_newest_first_by_exchange_asset_and_time(conn):
    save_all(conn, seen(DUE), quoted("ETH-USDT-SWAP", DUE, 8), seen(DUE + 60, 4), quoted("ETH-USDT-SWAP", DUE + 120, 1))
    for at, hours in ((DUE, 8), (DUE + 180, 2)):
        save(conn, run(quoted("BTC_USDT", at, hours, exchange="xt", base="BTC", asset="BTC"), exchange="xt"))

    def found(**wanted):
        return [tuple(row)[1:3] + tuple(row)[5:] for row in select_interval_changes(conn, **wanted)]

    xt, eth, btc = (
        ("xt", "BTC_USDT", DUE + 180, 8.0, 2.0),
        ("okx", "ETH-USDT-SWAP", DUE + 120, 8.0, 1.0),
        ("okx", BTC, DUE + 60, 8.0, 4.0),
    )
    assert found() == [xt, eth, btc]
    assert found(assets=["BTC"]) == [xt, btc]
    assert found(exchanges=["okx"], since=DUE + 61) == [eth]


# what was predicted


def predictions(conn, funding_time=DUE):
    sql = f"SELECT predicted_10m, predicted_1h, predicted_4h FROM settlement WHERE funding_time = {funding_time}"
    return rows(conn, sql)[0]


def test_what_was_quoted_ten_minutes_an_hour_and_four_hours_before_stands_beside_it(conn):
    Collector(conn).play(cycles(MIDNIGHT, DUE + 300), {BTC: 8})
    leads = (10 * MINUTE, HOUR, 4 * HOUR)
    assert predictions(conn) == tuple(quote(DUE - lead - 280) for lead in leads)


def test_the_nearest_quote_that_is_not_too_late_counts_and_not_one_ten_minutes_older(conn):
    times = [DUE - 4 * HOUR - 600, DUE - HOUR - 599, DUE - HOUR + 1, DUE - 900, DUE - 600, DUE - 599, DUE + 1]
    Collector(conn).play(times, {BTC: 8})
    assert predictions(conn) == (quote(DUE - 600), quote(DUE - HOUR - 599), None)


def test_a_quote_for_another_settlement_is_no_prediction(conn):
    Collector(conn).play(cycles(MIDNIGHT, DUE + 300), {BTC: 1})
    assert predictions(conn) == (quote(DUE - 880), None, None)


def test_quotes_for_a_time_that_is_stamped_late_are_for_that_settlement(conn):
    collector = Collector(conn)
    for at in cycles(MIDNIGHT + 7 * HOUR, DUE + 300):
        collector.cycle(at, [seen(at, next_funding_time=(DUE if at < DUE else DUE + 8 * HOUR) + at % 3)])
    assert predictions(conn) == (quote(DUE - 880), None, None)
    assert rows(conn, "SELECT count(*) FROM settlement") == [(1,)]


def test_damaged_observations_cost_the_predictions_and_not_the_settlement(conn, caplog):
    Collector(conn).play(cycles(MIDNIGHT, DUE), {BTC: 8})
    conn.execute("UPDATE observation SET records = substr(records, 1, 20)")
    save_all(conn, seen(DUE + 20))
    assert settled(conn) == [(1, DUE, quote(DUE - 280), 8.0, None, "observed")]
    assert predictions(conn) == (None, quote(DUE - HOUR - 280), quote(DUE - 4 * HOUR - 280))
    assert [message.split(":")[0] for message in caplog.messages] == [
        f"what was quoted 600 s before {DUE} is not known"
    ]


# long plays


def test_two_years_with_a_quarter_of_a_day_between_cycles_settle_exactly_what_was_quoted_last(conn):
    intervals = {"A-USDT-SWAP": 8, "B-USDT-SWAP": 4, "C-USDT-SWAP": 1}
    times = cycles(MIDNIGHT, MIDNIGHT + 730 * DAY, 6 * HOUR)
    Collector(conn).play(times, intervals)
    expected = []
    for contract_id, hours in enumerate(intervals.values(), 1):
        due: dict[int, int] = {}
        for at in times:
            due[(at // (hours * HOUR) + 1) * hours * HOUR] = at
        expected += [
            (contract_id, moment, quote(at), hours, None, "observed")
            for moment, at in due.items()
            if moment <= times[-1]
        ]
    assert settled(conn) == sorted(expected)
    oldest = rows(conn, "SELECT min(hour) FROM observation_hour")[0][0]
    assert times[-1] - 30 * DAY - HOUR < oldest <= times[-1] - 30 * DAY
    assert {one.contract_id for one in select_at(conn, times[-1] - 29 * DAY)} == {1, 2, 3}


def test_ten_days_of_jittered_cycles_with_outages_and_restarts_settle_what_the_quotes_say(conn, path):
    """Cycles come up to 90 s late, some not at all; times are stamped up to 2 s late; the process ends every 13 hours."""
    times = [at + at * 31 % 90 for at in cycles(MIDNIGHT, MIDNIGHT + 10 * DAY) if at % (7 * HOUR) < 7 * HOUR - 1500]
    hours, late = 4, {at: at * 7 % 3 for at in times}
    collector = Collector(conn)
    for number, at in enumerate(times):
        if number % 156 == 0:
            collector.conn.close()
            collector = Collector(writer(path))
        collector.cycle(at, [seen(at, hours, next_funding_time=(at // 14_400 + 1) * 14_400 + late[at])])
    expected = []
    for due in range(MIDNIGHT + 4 * HOUR, times[-1], 4 * HOUR):
        last = times[bisect_left(times, due) - 1]
        quotes = [times[bisect_right(times, due - lead) - 1] for lead in (600, HOUR)]
        predicted = [quote(at) if due - lead - at < 600 else None for lead, at in zip((600, HOUR), quotes, strict=True)]
        expected.append((due, quote(last), *predicted))
    sql = "SELECT funding_time, rate, predicted_10m, predicted_1h FROM settlement"
    found = rows(collector.conn, sql)
    collector.conn.close()
    assert found == expected
    assert 0 < sum(None in row for row in found) < len(found), (
        "no outage fell where it counts: the test shows too little"
    )


def test_a_save_killed_after_a_settlement_was_written_leaves_none_and_the_next_one_writes_it(conn, path):
    save_all(conn, seen(DUE - 60, funding_rate=0.0004))
    conn.close()
    script = dedent("""
        import sys, time
        from funding.store.open import writer
        from tests.store.test_between import DUE, save_all, seen
        conn = writer(sys.argv[1])
        def trace(sql):
            if sql.lstrip().startswith("INSERT INTO interval_change"):
                print("half way", flush=True)
                time.sleep(60)
        conn.set_trace_callback(trace)
        save_all(conn, seen(DUE + 60, 4))
    """)
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half way\n"
        child.kill()
    with closing(writer(path)) as conn:
        assert (settled(conn), rows(conn, CHANGED), rows(conn, "SELECT count(*) FROM run")) == ([], [], [(1,)])
        save_all(conn, seen(DUE + 360, 4))
        assert settled(conn) == [(1, DUE, 0.0004, 8.0, None, "observed")]
        assert rows(conn, CHANGED) == [(1, DUE + 360, 8.0, 4.0)]
        check_integrity(conn)
