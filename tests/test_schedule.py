"""The loop, on a clock of the tests' own: nothing here waits, but for the tests that say real threads."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty

import pytest

from funding.errors import StoreError
from funding.outcome import Outcome
from funding.rate import Rate
from funding.schedule import Schedule, cycle_summary, summary


def outcome(exchange: str, started_at: int = 0, **more: object) -> Outcome:
    return Outcome(exchange=exchange, started_at=started_at, took_seconds=8.1, **more)  # type: ignore[arg-type]


def rates(count: int) -> tuple[Rate, ...]:
    rate = Rate(symbol="BTCUSDT", base="BTC", quote="USDT", kind="linear", funding_rate=0.0001)
    return (rate,) * count


@dataclass(slots=True)
class World:
    """Time, threads and messages. A started run answers when the loop next looks, unless it hangs.

    When the loop would wait, the clock jumps: to what `later` has in store, else to the end of the wait.
    """

    now: float = 1000.0
    hanging: set[str] = field(default_factory=set)
    held: dict[str, Callable[[], None]] = field(default_factory=dict)
    started: list[tuple[float, str]] = field(default_factory=list)
    messages: deque[Outcome | None] = field(default_factory=deque)
    later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def start(self, name: str, work: Callable[[], None]) -> None:
        self.started.append((self.now, name))
        if name in self.hanging:
            self.held[name] = work
        else:
            work()

    def release(self, name: str) -> None:
        self.hanging.discard(name)
        self.held.pop(name)()

    def at(self, moment: float, action: Callable[[], object]) -> None:
        self.later.append((moment, action))

    def put(self, message: Outcome | None, /) -> None:
        self.messages.append(message)

    def get(self, block: bool, timeout: float | None, /) -> Outcome | None:
        assert block
        while not self.messages:
            assert timeout is not None or self.later, "the loop would wait for ever"
            end = self.now + timeout if timeout is not None else float("inf")
            coming = min((entry for entry in self.later if entry[0] < end), default=None, key=lambda entry: entry[0])
            if coming is None:
                self.now = max(self.now, end)
                raise Empty
            self.later.remove(coming)
            self.now = max(self.now, coming[0])
            coming[1]()
            timeout = end - self.now if timeout is not None else None
        return self.messages.popleft()


@dataclass(slots=True)
class Kept:
    """What was saved, and the cycles that ended."""

    saved: list[str] = field(default_factory=list)
    cycles: list[list[str]] = field(default_factory=list)

    def save(self, outcome: Outcome) -> None:
        self.saved.append(outcome.exchange)

    def after_cycle(self, outcomes: list[Outcome]) -> None:
        self.cycles.append([one.exchange for one in outcomes])


def schedule(world: World, kept: Kept, *names: str, **more: object) -> Schedule:
    runs = {name: lambda name=name: outcome(name) for name in names}
    parts: dict[str, object] = {
        "after_cycle": kept.after_cycle,
        "clock": lambda: 1_750_000_000.0,
        "timer": lambda: world.now,
        "start": world.start,
        "inbox": world,
    }
    save = more.pop("save", kept.save)
    return Schedule({**runs, **more.pop("runs", {})}, save, 300, **(parts | more))  # type: ignore[dict-item, arg-type]


def test_every_exchange_is_run_at_once_and_again_after_every_interval() -> None:
    world, kept = World(), Kept()
    loop = schedule(world, kept, "okx", "bybit")
    world.at(1700, loop.stop)
    loop.forever()
    assert world.started == [
        (1000, "okx"),
        (1000, "bybit"),
        (1300, "okx"),
        (1300, "bybit"),
        (1600, "okx"),
        (1600, "bybit"),
    ]
    assert kept.saved == ["okx", "bybit"] * 3
    assert kept.cycles == [["okx", "bybit"]] * 3


def test_an_exchange_that_still_runs_when_it_is_due_is_left_to_finish_and_noted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, kept = World(hanging={"slow"}), Kept()
    loop = schedule(world, kept, "okx", "slow")
    world.at(1650, lambda: world.release("slow"))
    world.at(2000, loop.stop)
    loop.forever()
    assert [moment for moment, name in world.started if name == "slow"] == [1000, 1900]
    assert [moment for moment, name in world.started if name == "okx"] == [1000, 1300, 1600, 1900]
    assert "slow: still running after 300 s, left to finish" in caplog.messages
    assert "slow: still running after 600 s, left to finish" in caplog.messages


def test_a_cycle_ends_without_the_one_that_hangs_and_its_outcome_counts_when_it_comes() -> None:
    world, kept = World(hanging={"slow"}), Kept()
    loop = schedule(world, kept, "okx", "slow")
    world.at(1450, lambda: world.release("slow"))
    world.at(1700, loop.stop)
    loop.forever()
    assert kept.saved == ["okx", "okx", "slow", "okx", "slow"]
    assert kept.cycles == [["okx"], ["okx"], ["slow", "okx", "slow"]]


def test_an_outcome_is_saved_when_it_comes_not_when_the_cycle_ends() -> None:
    world, kept = World(hanging={"slow"}), Kept()
    loop = schedule(world, kept, "okx", "slow")
    seen: list[list[str]] = []
    world.at(1100, lambda: seen.append(list(kept.saved)))
    world.at(1200, loop.stop)
    loop.forever()
    assert seen == [["okx"]]


def test_a_machine_that_slept_does_not_catch_up() -> None:
    world, kept = World(), Kept()
    loop = schedule(world, kept, "okx")

    def sleep() -> None:
        world.now = 5000

    world.at(1100, sleep)
    world.at(5450, loop.stop)
    loop.forever()
    assert world.started == [(1000, "okx"), (5000, "okx"), (5300, "okx")]


def test_what_is_under_way_when_it_is_stopped_is_not_saved() -> None:
    world, kept = World(hanging={"slow"}), Kept()
    loop = schedule(world, kept, "okx", "slow")
    world.at(1010, loop.stop)
    world.at(1020, lambda: world.release("slow"))
    loop.forever()
    assert (kept.saved, kept.cycles) == (["okx"], [])
    assert world.now == 1010


def test_a_store_that_fails_costs_that_run_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    world, kept = World(), Kept()

    def save(outcome: Outcome) -> None:
        if outcome.exchange == "okx":
            raise StoreError("funding.db: the disk is full; nothing of this was stored")
        if outcome.exchange == "gate":
            raise OverflowError("too large")
        kept.save(outcome)

    loop = schedule(world, kept, "okx", "gate", "bybit", save=save)
    world.at(1400, loop.stop)
    loop.forever()
    assert kept.saved == ["bybit", "bybit"]
    assert loop.not_stored == 4
    stored = [record for record in caplog.records if "not stored" in record.message]
    assert stored[0].message == "okx: not stored: funding.db: the disk is full; nothing of this was stored"
    assert [bool(record.exc_info) for record in stored] == [False, True, False, True]


def test_a_fault_of_ours_in_a_run_is_a_failed_outcome_and_its_traceback_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, found = World(), list[Outcome]()

    def broken() -> Outcome:
        raise ZeroDivisionError("division by zero")

    loop = schedule(world, Kept(), "okx", runs={"broken": broken}, save=found.append)
    assert loop.once() == found
    failed = found[1]
    assert (failed.exchange, failed.error_kind) == ("broken", "shape")
    assert failed.error == "a fault of this program: ZeroDivisionError('division by zero')"
    assert failed.started_at == 1_750_000_000
    assert any(record.exc_info and record.message.startswith("broken") for record in caplog.records)


def test_what_a_run_meets_after_the_stop_is_no_fault_of_this_program(caplog: pytest.LogCaptureFixture) -> None:
    def run() -> Outcome:
        loop.stop()
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    loop = Schedule({"okx": run}, lambda outcome: None, 60, start=lambda name, work: work())
    assert loop.once() is None
    assert caplog.messages == []


def test_a_thread_that_cannot_be_started_costs_that_run() -> None:
    world, found = World(), list[Outcome]()

    def start(name: str, work: Callable[[], None]) -> None:
        if name == "okx":
            raise RuntimeError("can't start new thread")
        work()

    loop = schedule(world, Kept(), "okx", "bybit", start=start, save=found.append)
    loop.once()
    assert [(one.exchange, one.error) for one in found] == [
        ("okx", "it could not be started: can't start new thread"),
        ("bybit", None),
    ]


def test_a_hook_that_fails_does_not_end_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    world, kept = World(), Kept()

    def hook(outcomes: list[Outcome]) -> None:
        raise StoreError("the disk is full")

    loop = schedule(world, kept, "okx", after_cycle=hook)
    world.at(1400, loop.stop)
    loop.forever()
    assert kept.saved == ["okx", "okx"]
    assert caplog.messages.count("after the cycle") == 2


def test_once_gives_the_outcomes_of_one_pass_and_calls_the_hook() -> None:
    world, kept = World(), Kept()
    found = schedule(world, kept, "okx", "bybit").once()
    assert found == [outcome("okx"), outcome("bybit")]
    assert kept.cycles == [["okx", "bybit"]]


def test_once_gives_nothing_when_it_is_stopped_before_all_have_answered() -> None:
    world, kept = World(hanging={"slow"}), Kept()
    loop = schedule(world, kept, "okx", "slow")
    world.at(1100, loop.stop)
    assert loop.once() is None
    assert kept.saved == ["okx"]


def test_real_threads_have_the_exchanges_names_run_side_by_side_and_leave_the_saving_to_the_loop() -> None:
    together = threading.Barrier(3, timeout=20)
    names, saved_in = list[str](), set[str]()

    def run(name: str) -> Outcome:
        together.wait()
        names.append(threading.current_thread().name)
        return outcome(name)

    runs = {name: lambda name=name: run(name) for name in ("okx", "bybit", "kraken")}
    loop = Schedule(runs, lambda outcome: saved_in.add(threading.current_thread().name), 300)
    assert len(loop.once() or ()) == 3
    assert sorted(names) == ["bybit", "kraken", "okx"]
    assert saved_in == {threading.current_thread().name}


def test_a_loop_in_real_time_ends_when_it_is_told_to_from_another_thread_though_a_run_hangs() -> None:
    hang = threading.Event()

    def hung() -> Outcome:
        hang.wait(20)
        return outcome("hung")

    loop = Schedule({"hung": hung}, lambda outcome: None, 300)
    thread = threading.Thread(target=loop.forever)
    thread.start()
    loop.stop()
    thread.join(20)
    hang.set()
    assert not thread.is_alive()


def test_a_run_in_one_line() -> None:
    partly = outcome("cryptocom", rates=rates(393), failures={"timeout": 3})
    assert summary(partly) == "cryptocom: 393 of 396, timeout 3, 8.1 s"
    skipped = outcome("okx", rates=rates(2), skipped={"no funding_rate": 1}, notices=("rates: 1 symbols came twice",))
    assert summary(skipped) == "okx: 2 of 3, unreadable 1 (no funding_rate), 8.1 s; rates: 1 symbols came twice"
    garbage = outcome("gate", skipped={"once": 1, "twice": 2, **{f"odd {n}": 1 for n in range(40)}})
    assert summary(garbage) == (
        "gate: 0 of 43, unreadable 2 (twice), unreadable 1 (once), unreadable 1 (odd 0), unreadable 39 (for 39 other"
        " reasons), 8.1 s"
    )
    assert (
        summary(outcome("xt", error_kind="dns", error="fapi.xt.com: no")) == "xt: failed, dns: fapi.xt.com: no, 8.1 s"
    )


def test_a_cycle_in_one_line_names_the_failing_exchanges_by_kind() -> None:
    good = outcome("okx", rates=rates(7))
    down = [outcome(name, error_kind="dns", error="the name does not resolve") for name in ("bybit", "gate")]
    late = outcome("xt", error_kind="timeout", error="fapi.xt.com: no whole answer within 30 s")
    assert cycle_summary([good]) == "cycle: 1 of 1 exchanges ok, 7 rates"
    assert cycle_summary([good, *down, late]) == (
        "cycle: 1 of 4 exchanges ok, 7 rates; dns 2 (bybit, gate: the name does not resolve);"
        " timeout 1 (xt: fapi.xt.com: no whole answer within 30 s)"
    )


def test_a_run_with_a_fault_is_a_warning_and_a_good_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    runs = {"okx": lambda: outcome("okx", rates=rates(1)), "xt": lambda: outcome("xt", failures={"timeout": 1})}
    schedule(World(), Kept(), runs=runs).once()
    assert [(record.levelname, record.message.partition(":")[0]) for record in caplog.records] == [
        ("INFO", "okx"),
        ("WARNING", "xt"),
        ("INFO", "cycle"),
    ]
