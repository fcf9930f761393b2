"""What is kept for how long, and that it is taken out a little at a time."""

from funding.store.exchanges import declare, newest_run, select_exchanges
from funding.store.observations import merge_hour, save_observations, select_at, select_observations
from funding.store.packing import Observation
from funding.store.rates import select_current
from funding.store.retention import Pruned, prune
from funding.store.runs import save
from funding.store.settlements import Charged, save_settlements
from tests.store.given import DAY, OKX, XT, failed, rate, rows, run
from tests.store.played import HOUR, MIDNIGHT, quoted

LATER = MIDNIGHT + 200 * DAY
HOURS = "SELECT count(*), min(hour), max(hour) FROM observation_hour"


def observe(conn, first, hours):
    for at in range(first, first + hours * HOUR, HOUR):
        save_observations(conn, at, [Observation(1, at, 0.0001, 8.0, None)])
    while merge_hour(conn, first + hours * HOUR) is not None:
        pass


def test_observations_are_kept_for_thirty_days_to_the_hour(conn):
    observe(conn, MIDNIGHT, 3)
    end = MIDNIGHT + HOUR + 30 * DAY
    assert prune(conn, end - 1) == Pruned(0, 0)
    assert prune(conn, end) == Pruned(1, 0)
    assert rows(conn, HOURS) == [(2, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR)]
    assert prune(conn, MIDNIGHT + 2 * DAY, observation_days=1) == Pruned(2, 0)
    assert list(select_observations(conn, [1], 0, LATER)) == []


def test_a_day_of_hours_is_taken_out_at_once_and_the_next_call_goes_on(conn):
    observe(conn, MIDNIGHT, 60)
    assert [prune(conn, LATER).hours for _ in range(4)] == [24, 24, 12, 0]
    assert rows(conn, HOURS) == [(0, None, None)]


def test_cycles_that_were_never_merged_do_not_stay_for_ever(conn):
    for at in (MIDNIGHT, MIDNIGHT + 40 * DAY):
        save_observations(conn, at, [Observation(1, at, 0.0001, 8.0, None)])
    prune(conn, MIDNIGHT + 41 * DAY)
    assert rows(conn, "SELECT at FROM observation") == [(MIDNIGHT + 40 * DAY,)]


def test_runs_are_kept_for_ninety_days_but_for_those_that_the_state_of_an_exchange_hangs_on(conn):
    for day in range(100):
        save(conn, run(rate(observed_at=MIDNIGHT + day * DAY), started_at=MIDNIGHT + day * DAY))
    save(conn, failed(exchange="xt", started_at=MIDNIGHT))  # ids in another order than times
    save(conn, run(rate(exchange="xt"), exchange="xt", started_at=MIDNIGHT))
    save(conn, failed(exchange="xt", started_at=MIDNIGHT))
    before = [dict(row) for row in select_exchanges(conn)]
    assert prune(conn, MIDNIGHT + 99 * DAY).runs == 9 + 1
    assert rows(conn, "SELECT count(*), min(started_at) FROM run WHERE exchange = 'okx'") == [(91, MIDNIGHT + 9 * DAY)]
    assert rows(conn, "SELECT id FROM run WHERE exchange = 'xt'") == [(102,), (103,)]
    assert [dict(row) for row in select_exchanges(conn)] == before


def test_an_exchange_that_has_not_run_for_a_year_keeps_its_state_and_its_contracts(conn):
    save(conn, failed(exchange="xt", started_at=MIDNIGHT - DAY, error_kind="dns", error="no such host"))
    for number in range(3):
        at = MIDNIGHT + number
        save(conn, run(rate(exchange="xt", observed_at=at), exchange="xt", started_at=at))
    declare(conn, [OKX, XT])
    before = (
        [dict(row) for row in select_exchanges(conn)],
        [dict(row) for row in select_current(conn)],
        newest_run(conn),
    )
    assert prune(conn, MIDNIGHT + 365 * DAY).runs == 2
    after = [dict(row) for row in select_exchanges(conn)], [dict(row) for row in select_current(conn)], newest_run(conn)
    assert after == before


def test_thousands_of_old_runs_are_taken_out_in_several_calls(conn):
    for number in range(4500):
        save(conn, failed(started_at=MIDNIGHT + number))
    assert [prune(conn, LATER).runs for _ in range(4)] == [2000, 2000, 499, 0]
    assert rows(conn, "SELECT started_at FROM run") == [(MIDNIGHT + 4499,)]


def test_settlements_and_interval_changes_are_kept_for_ever(conn):
    for at, hours in ((MIDNIGHT, 8), (MIDNIGHT + 60, 4)):
        save(conn, run(quoted("BTC-USDT-SWAP", at, hours), started_at=at))
    save_settlements(conn, [Charged(1, MIDNIGHT, 0.0001, 8.0, None, "venue")])
    prune(conn, MIDNIGHT + 10_000 * DAY)
    assert rows(conn, "SELECT funding_time FROM settlement") == [(MIDNIGHT,)]
    assert rows(conn, "SELECT changed_at FROM interval_change") == [(MIDNIGHT + 60,)]
    assert list(select_at(conn, MIDNIGHT)) == []


def test_the_space_of_what_was_taken_out_is_used_again(conn):
    observe(conn, MIDNIGHT, 48)
    pages = rows(conn, "PRAGMA page_count")
    for day in range(2, 12, 2):
        for _ in range(3):
            prune(conn, MIDNIGHT + day * DAY, observation_days=0)
        observe(conn, MIDNIGHT + day * DAY, 48)
    assert rows(conn, HOURS) == [(48, MIDNIGHT + 10 * DAY, MIDNIGHT + 12 * DAY - HOUR)]
    assert rows(conn, "PRAGMA page_count")[0][0] <= pages[0][0] + 4
