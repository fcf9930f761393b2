"""The collector's own repair of its history: a few contracts a cycle, in turn, and only what they lack."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from funding.adapter import HOUR, Exchange, per_second, weight, window
from funding.errors import FetchError
from funding.outcome import Outcome
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.settlements import Charged, save_settlements
from funding.topup import MOST_CONTRACTS, REST, TopUp, most
from tests.histories import BTC, DUE, ETH, NOW, Venue, charged, exchange, listed, stored

OK = Outcome(exchange="venue", started_at=NOW, took_seconds=1.0)


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(writer(tmp_path / "funding.db")) as conn:
        migrate(conn)
        yield conn


def at_once(name: str, work: Callable[[], None]) -> None:
    work()


def topup(conn, venue: Venue, one: Exchange | None = None, start=at_once, now: float = NOW) -> TopUp:
    """After its first cycle, in which it asks nothing."""
    made = TopUp(conn, {"venue": one or exchange()}, lambda name: venue, 300, lambda: now, start)
    made.after_cycle([OK])
    return made


def observed(conn, contract_id: int, times, hours=8.0) -> None:
    save_settlements(conn, [Charged(contract_id, time, 0.5, hours, None, "observed") for time in times])


def test_what_lacks_is_asked_for_after_a_cycle_and_stored_after_the_next(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)})
    running = topup(conn, venue)
    assert venue.asked == []
    running.after_cycle([OK])
    assert (len(venue.asked), stored(conn)) == (1, [])
    running.after_cycle([OK])
    assert len(stored(conn)) == 21  # a week
    running.after_cycle([OK])
    assert len(venue.asked) == 1


def test_an_exchange_whose_run_failed_is_left_alone(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)})
    topup(conn, venue).after_cycle([replace(OK, error_kind="banned", error="banned")])
    assert venue.asked == []


def test_what_was_observed_lately_is_known_and_after_a_day_the_exchange_is_asked(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)})
    running = topup(conn, venue)
    for _ in range(2):
        running.after_cycle([OK])
    observed(conn, 1, [DUE + 8 * HOUR, DUE + 16 * HOUR])
    venue.asked.clear()
    topup(conn, venue, now=NOW + 16 * HOUR).after_cycle([OK])
    assert venue.asked == []
    observed(conn, 1, [DUE + number * 8 * HOUR for number in range(3, 6)])
    topup(conn, venue, now=NOW + 40 * HOUR).after_cycle([OK])
    assert len(venue.asked) == 1


def test_where_the_quoted_rate_is_the_charged_one_what_was_observed_is_enough(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)})
    observed(conn, 1, charged(21))
    fixed = replace(exchange(), rate_kind="fixed")
    topup(conn, venue, fixed).after_cycle([OK])
    assert venue.asked == []
    conn.execute("DELETE FROM settlement WHERE funding_time = ?", (DUE - 40 * HOUR,))
    topup(conn, venue, fixed).after_cycle([OK])
    assert len(venue.asked) == 1


def test_two_intervals_without_a_settlement_are_a_lack_and_one_is_not(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)})
    fixed = replace(exchange(), rate_kind="fixed")
    observed(conn, 1, [time for time in charged(22) if time != DUE])
    topup(conn, venue, fixed, now=NOW + 7 * HOUR).after_cycle([OK])
    assert venue.asked == []
    topup(conn, venue, fixed, now=NOW + 8 * HOUR).after_cycle([OK])
    assert len(venue.asked) == 1


def test_contracts_take_turns(conn):
    symbols = [f"C{number:02}-USDT" for number in range(2 * MOST_CONTRACTS + 5)]
    listed(conn, *symbols)
    venue = Venue({symbol: {} for symbol in symbols})
    running = topup(conn, venue)
    for _ in range(3):
        running.after_cycle([OK])
    asked = [one.partition("symbol=")[2].partition("&")[0] for one in venue.asked]
    assert sorted(set(asked)) == symbols
    venue.asked.clear()
    running.after_cycle([OK])  # and again from the first one
    assert "symbol=C00-USDT" in venue.asked[0]


def test_an_exchange_that_still_answers_is_not_asked_more(conn):
    listed(conn, BTC, ETH)
    begun: list[Callable[[], None]] = []
    venue = Venue({BTC: charged(50), ETH: charged(50)})
    running = topup(conn, venue, start=lambda name, work: begun.append(work))
    running.after_cycle([OK])
    running.after_cycle([OK])
    assert len(begun) == 1
    begun[0]()
    running.after_cycle([OK])
    assert (len(stored(conn)), len(stored(conn, ETH))) == (21, 21)


def test_a_failure_is_said_and_costs_nothing_more(conn, caplog):
    listed(conn, BTC)
    venue = Venue({}, fails=lambda path, words: FetchError("timeout", "no answer"))
    running = topup(conn, venue)
    for _ in range(2):
        running.after_cycle([OK])
    assert "history: 1 contracts of venue: timeout: no answer" in caplog.text
    assert stored(conn) == []


def test_an_exchange_whose_history_only_fails_is_left_alone_for_an_hour(conn):
    listed(conn, BTC)
    venue = Venue({BTC: charged(50)}, fails=lambda path, words: FetchError("timeout", "no answer"))
    running = topup(conn, venue)
    for _ in range(1 + REST):
        running.after_cycle([OK])
    assert len(venue.asked) == 1
    venue.fails = lambda path, words: None
    for _ in range(2):
        running.after_cycle([OK])
    assert len(stored(conn)) == 21


@pytest.mark.parametrize(
    ("budget", "declared", "expected"),
    [
        (per_second(10), {}, MOST_CONTRACTS),
        (window(60, 60), {}, 15),  # 5 % of 300 in a cycle
        (weight(100, 60), {"weight": 90}, 1),
        (per_second(10), {"budget": window(30, 60)}, 7),
    ],
)
def test_a_cycle_takes_a_small_part_of_the_budget(budget, declared, expected):
    one = replace(exchange(**declared), budget=budget)
    assert one.history
    assert most(one, one.history, 300) == expected
