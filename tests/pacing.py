"""Pacing in tests: on a clock that threads sleep by, which stands still while one works and jumps when all sleep."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from funding.adapter import Budget
from funding.errors import FetchError
from funding.pace import Pace

HOST = "venue.example"
START = 1000.0


class VirtualTime:
    """`clock` and, as a threading.Event that is never set, `wait`."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self._awake = 1
        self._sleepers: list[float] = []
        self._raised: list[BaseException] = []
        self._changed = threading.Condition()

    def clock(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> bool:
        with self._changed:
            until = self.now + timeout
            self._sleepers.append(until)
            self._fall_asleep()
            while self.now < until:
                self._changed.wait()
        return False

    def run(self, *jobs: Callable[[], object]) -> None:
        """Each job in a thread of its own, until all are done. Raises the first thing that one of them raised."""
        self._awake = len(jobs)
        self._raised.clear()
        threads = [threading.Thread(target=self._run, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._awake = 1
        for error in self._raised:
            raise error

    def _run(self, job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            self._raised.append(error)
        finally:
            with self._changed:
                self._fall_asleep()

    def _fall_asleep(self) -> None:
        self._awake -= 1
        if self._awake or not self._sleepers:
            return
        self.now = max(self.now, min(self._sleepers))
        self._awake = sum(until <= self.now for until in self._sleepers)
        self._sleepers = [until for until in self._sleepers if until > self.now]
        self._changed.notify_all()


def paced(budget: Budget, **options: Any) -> tuple[Pace, VirtualTime]:
    time = VirtualTime()
    pace = Pace(time, clock=time.clock, wall=lambda: time.now + 1_795_507_200 - START, **options)
    pace.budget(HOST, budget)
    return pace, time


def refusal(call: Callable[[], object]) -> FetchError:
    with pytest.raises(FetchError) as caught:
        call()
    return caught.value
