"""What was quoted: stored cycle by cycle, regrouped by hour, read exactly as it was whatever became of it meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from textwrap import dedent

import pytest

from funding.errors import StoreError
from funding.store.observations import merge_hour, save_observations, select_at, select_observations
from funding.store.open import check_integrity, reader, writer
from funding.store.packing import Observation
from funding.store.runs import Contracts, observations_of, save
from tests.store.given import DAY, NOW, failed, rate, rows, run
from tests.store.played import HOUR, MIDNIGHT, Collector, cycles

FOREVER = 4_000_000_000
STORED = "SELECT (SELECT count(*) FROM observation), (SELECT count(DISTINCT hour) FROM observation_hour)"


def seen(contract_id: int, at: int, rate: float = 0.0001) -> Observation:
    return Observation(contract_id, at, rate, 8.0, at - at % (8 * HOUR) + 8 * HOUR)


def of(conn, *contract_ids, start=0, end=FOREVER):
    return list(select_observations(conn, contract_ids, start, end))


def newest(conn, at, contract_ids=None, **more):
    return {one.contract_id: one for one in select_at(conn, at, contract_ids, **more)}


def test_a_cycle_comes_back_exactly_with_what_is_unknown_and_every_exchanges_own_moment(conn):
    cycle = [
        Observation(1, NOW - 40, 0.0001, 8.0, NOW + 60),
        Observation(40, NOW - 3, -1 / 3, None, None),
        Observation(7000, NOW, 1e-300, 1 / 3, NOW + 1),
    ]
    assert save_observations(conn, NOW, cycle) == 3
    assert of(conn, 7000, 1, 40, 2) == [cycle[2], cycle[0], cycle[1]]
    assert sorted(select_at(conn, NOW)) == cycle


def test_a_cycle_is_one_row_and_an_hour_that_is_over_one_row_for_32_contracts(conn):
    for at in range(MIDNIGHT, MIDNIGHT + HOUR, 300):
        save_observations(conn, at, (seen(one, at) for one in range(70)))
    assert rows(conn, STORED) == [(12, 0)]
    assert merge_hour(conn, MIDNIGHT + HOUR - 1) is None
    assert merge_hour(conn, MIDNIGHT + HOUR) == MIDNIGHT
    assert rows(conn, "SELECT hour, block, first_at FROM observation_hour") == [
        (MIDNIGHT, block, MIDNIGHT) for block in range(3)
    ]
    assert rows(conn, STORED) == [(0, 1)]


def test_merging_changes_nothing_that_is_read(conn):
    for at in cycles(MIDNIGHT, MIDNIGHT + 5 * HOUR, 600):
        save_observations(conn, at, [seen(one, at - one, at / 1e10) for one in (1, 31, 32, 200)])
    moments = range(MIDNIGHT - 10, MIDNIGHT + 6 * HOUR, 599)
    spans = [(start, start + 2 * HOUR) for start in moments]

    def everything():
        ids = (1, 31, 32, 200, 5)
        return (
            of(conn, *ids),
            [of(conn, *ids, start=start, end=end) for start, end in spans],
            [newest(conn, at) for at in moments],
            [newest(conn, at, (31, 200)) for at in moments],
        )

    before = everything()
    assert len(before[0]) == 120
    for hour in range(5):
        assert merge_hour(conn, MIDNIGHT + DAY) == MIDNIGHT + hour * HOUR
        assert everything() == before
    assert merge_hour(conn, MIDNIGHT + DAY) is None
    assert everything() == before


def test_a_span_holds_its_start_and_not_its_end(conn):
    for at in (NOW, NOW + 300, NOW + 600):
        save_observations(conn, at, [seen(1, at)])
    assert [one.observed_at for one in of(conn, 1, start=NOW, end=NOW + 600)] == [NOW, NOW + 300]
    assert [one.observed_at for one in of(conn, 1, start=NOW + 1, end=NOW + 601)] == [NOW + 300, NOW + 600]
    assert of(conn, 1, start=NOW + 601) == of(conn, 1, end=NOW) == of(conn, 2) == []
    while merge_hour(conn, NOW + DAY) is not None:
        assert [one.observed_at for one in of(conn, 1, start=NOW + 1, end=NOW + 600)] == [NOW + 300]


def test_saving_a_cycle_twice_changes_nothing(conn):
    cycle = [seen(1, NOW), seen(99, NOW - 5)]
    for _ in range(2):
        save_observations(conn, NOW, cycle)
    assert rows(conn, STORED) == [(1, 0)]
    assert of(conn, 1, 99) == cycle


def test_two_cycles_that_end_in_the_same_second_are_both_kept(conn):
    save_observations(conn, NOW, [seen(1, NOW - 1)])
    save_observations(conn, NOW, [seen(1, NOW), seen(2, NOW - 7)])
    assert of(conn, 1, 2) == [seen(1, NOW - 1), seen(1, NOW), seen(2, NOW - 7)]
    assert newest(conn, NOW - 1) == {1: seen(1, NOW - 1), 2: seen(2, NOW - 7)}


def test_nothing_to_save_leaves_no_row(conn):
    assert save_observations(conn, NOW, []) == 0
    assert rows(conn, STORED) == [(0, 0)]


def test_the_newest_at_or_before_a_moment_counts_and_for_a_day(conn):
    save_observations(conn, NOW, [seen(1, NOW, 0.1), seen(2, NOW, 0.2)])
    save_observations(conn, NOW + 300, [seen(1, NOW + 300, 0.3)])
    assert newest(conn, NOW - 1) == {}
    assert newest(conn, NOW) == newest(conn, NOW + 299) == {1: seen(1, NOW, 0.1), 2: seen(2, NOW, 0.2)}
    assert newest(conn, NOW + 300) == {1: seen(1, NOW + 300, 0.3), 2: seen(2, NOW, 0.2)}
    assert newest(conn, NOW + DAY - 1).keys() == {1, 2}
    assert newest(conn, NOW + DAY).keys() == {1}
    assert newest(conn, NOW + DAY + 300).keys() == set()
    assert newest(conn, NOW + 300, (1, 2), within=300) == {1: seen(1, NOW + 300, 0.3)}


def test_a_run_that_hung_for_hours_is_found_at_the_moment_it_observed(conn):
    for at in cycles(MIDNIGHT, MIDNIGHT + 10 * HOUR, 600):
        late = [seen(2, MIDNIGHT + 60)] if at > MIDNIGHT + 9 * HOUR else []
        save_observations(conn, at, [seen(1, at), *late])
        merge_hour(conn, at)
    assert newest(conn, MIDNIGHT + 60) == {1: seen(1, MIDNIGHT + 20), 2: seen(2, MIDNIGHT + 60)}
    assert of(conn, 2, start=MIDNIGHT, end=MIDNIGHT + HOUR) == [seen(2, MIDNIGHT + 60)]


def test_what_was_observed_a_day_before_the_cycles_end_is_left_out(conn):
    assert save_observations(conn, NOW, [seen(1, NOW - DAY), seen(2, NOW - DAY + 1)]) == 1
    assert of(conn, 1, 2) == [seen(2, NOW - DAY + 1)]


def test_a_clock_that_was_set_back_loses_nothing(conn):
    for at in (MIDNIGHT + 100, MIDNIGHT + 400):
        save_observations(conn, at, [seen(1, at)])
    merge_hour(conn, MIDNIGHT + HOUR)
    save_observations(conn, MIDNIGHT + 250, [seen(1, MIDNIGHT + 700), seen(2, MIDNIGHT + 220)])  # the clock went back
    save_observations(conn, MIDNIGHT + 300, [seen(1, MIDNIGHT + 300)])
    before = of(conn, 1, 2)
    assert [one.observed_at - MIDNIGHT for one in before] == [100, 300, 400, 700, 220]
    assert of(conn, 1, start=MIDNIGHT + 700) == [newest(conn, MIDNIGHT + 700)[1]] == [before[3]]
    assert merge_hour(conn, MIDNIGHT + HOUR) == MIDNIGHT
    assert (of(conn, 1, 2), rows(conn, STORED)) == (before, [(0, 1)])


def test_a_clock_that_was_years_ahead_holds_nothing_up(conn):
    ahead = NOW + 3 * 365 * DAY
    save_observations(conn, ahead, [seen(1, ahead)])
    save_observations(conn, NOW, [seen(1, NOW)])
    assert newest(conn, NOW) == {1: seen(1, NOW)}
    assert merge_hour(conn, NOW + HOUR) == NOW - NOW % HOUR
    assert merge_hour(conn, NOW + HOUR) is None
    assert of(conn, 1) == [seen(1, NOW), seen(1, ahead)]


def test_thousands_of_cycles_of_a_few_contracts_read_back_as_they_were(conn):
    intervals = {"BTC-USDT-SWAP": 8, "ETH-USDT-SWAP": 1}
    times = cycles(MIDNIGHT, MIDNIGHT + 7 * DAY)
    Collector(conn).play(times, intervals)
    found = of(conn, 1, 2)
    assert [one.observed_at for one in found] == [*times, *times]
    assert rows(conn, STORED) == [(12, 7 * 24 - 1)]
    at = MIDNIGHT + 3 * DAY + 4321
    assert newest(conn, at) == {one: found[3 * 288 + 14 + 2016 * (one - 1)] for one in (1, 2)}
    assert found[3 * 288 + 14].observed_at == at - 101


def test_seven_thousand_contracts_take_little_to_write_and_a_few_pages_to_read(conn, path):
    """The size that is promised: at most a hundredth of rows by contract and time, each of which writes a page."""
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    wal = path.with_name("funding.db-wal")
    hour: list[int] = []
    for at in range(MIDNIGHT, MIDNIGHT + HOUR, 900):
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        save_observations(conn, at, (seen(one, at - one % 60, one * at % 9973 / 1e6) for one in range(1, 7001)))
        hour.append(wal.stat().st_size)
    assert max(hour) < 7000 * 4096 / 100
    assert merge_hour(conn, MIDNIGHT + HOUR) == MIDNIGHT
    assert len(newest(conn, MIDNIGHT + HOUR)) == 7000
    assert [one.rate for one in of(conn, 6999)] == [
        6999 * at % 9973 / 1e6 for at in range(MIDNIGHT, MIDNIGHT + HOUR, 900)
    ]


def test_an_hour_of_a_block_is_found_without_looking_at_the_others(conn):
    plan = rows(conn, "EXPLAIN QUERY PLAN SELECT records FROM observation_hour WHERE hour = 1 AND block IN (2, 3)")
    assert [step[3] for step in plan] == [
        "SEARCH observation_hour USING INDEX sqlite_autoindex_observation_hour_1 (hour=? AND block=?)"
    ]


def test_what_was_not_stored_as_a_run_is_not_stored_as_observations_either(conn):
    known: dict[str, Contracts] = {}
    good = run(rate())
    other = run(rate(exchange="xt"), rate("ETH-USDT-SWAP", exchange="xt", observed_at=None), exchange="xt")
    save(conn, good, known=known)
    with pytest.raises(StoreError):
        save(conn, other, known=known)
    assert list(observations_of([good, other, failed()], known)) == [Observation(1, NOW, 0.0001, None, None)]


def writing(path, script: str) -> subprocess.Popen[str]:
    start = dedent("""
        import sys, time
        from funding.store import observations
        from funding.store.observations import merge_hour, save_observations
        from funding.store.open import writer
        from tests.store.test_observations import MIDNIGHT, HOUR, hour
        conn = writer(sys.argv[1])
    """)
    command = [sys.executable, "-c", start + dedent(script), str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def hour(start: int = MIDNIGHT) -> Iterator[tuple[int, list[Observation]]]:
    for at in range(start, start + HOUR, 300):
        yield at, [seen(one, at, one / 1e6) for one in range(300)]


def test_a_merge_killed_half_way_leaves_the_cycles_and_is_done_by_the_next(conn, path):
    for at, cycle in hour():
        save_observations(conn, at, cycle)
    before = of(conn, *range(300))
    conn.close()
    half_way = """
        conn.execute("PRAGMA cache_size = 5")
        def trace(sql):
            if sql.startswith("DELETE FROM observation WHERE"):
                print("half way", flush=True)
                time.sleep(60)
        conn.set_trace_callback(trace)
        merge_hour(conn, MIDNIGHT + HOUR)
    """
    with writing(path, half_way) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half way\n"
        child.kill()
    with closing(writer(path)) as conn:
        assert (of(conn, *range(300)), rows(conn, STORED)) == (before, [(12, 0)])
        assert merge_hour(conn, MIDNIGHT + HOUR) == MIDNIGHT
        assert (of(conn, *range(300)), rows(conn, STORED)) == (before, [(0, 1)])
        check_integrity(conn)


@pytest.mark.parametrize("statement", range(3))
@pytest.mark.parametrize("ask", [of, lambda conn, *ids: newest(conn, MIDNIGHT + HOUR, ids)], ids=["span", "moment"])
def test_what_is_merged_while_it_is_being_read_is_not_missed(conn, path, ask, statement):
    for at, cycle in [*hour(MIDNIGHT - HOUR), *hour()]:
        save_observations(conn, at, cycle)
    merge_hour(conn, MIDNIGHT)
    expected = ask(conn, 77, 5000)
    assert len(expected) in (24, 1)
    asked: list[str] = []

    def merge(sql: str) -> None:
        asked.append(sql)
        if len(asked) == statement + 1:
            merge_hour(conn, MIDNIGHT + HOUR)

    with closing(reader(path)) as reading:
        reading.set_trace_callback(merge)
        assert ask(reading, 77, 5000) == expected
    assert rows(conn, STORED) == [(0, 2)]
