"""The same call for many items, side by side. What fails is counted; what does not is kept."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from funding.errors import FetchError

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Fanned(Generic[I, R]):
    """`results`: (item, result) in the items' order. `failures`: kind → how many. `words`: kind → those of its first."""

    results: list[tuple[I, R]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    words: dict[str, str] = field(default_factory=dict)


def fanout(items: Iterable[I], call: Callable[[I], R], workers: int, name: str) -> Fanned[I, R]:
    """Calls `call` once per item on up to `workers` threads, which are named after `name`; a single one is the caller's.

    A FetchError costs its item alone. Any other exception is a fault of ours: nothing more is begun, and it is raised.
    """
    left = deque(enumerate(items))
    results: dict[int, tuple[I, R]] = {}
    failed: dict[int, FetchError] = {}
    faults: list[BaseException] = []

    def work() -> None:
        while left:
            try:
                place, item = left.popleft()
            except IndexError:  # another thread took the last one
                return
            try:
                results[place] = item, call(item)
            except FetchError as error:
                failed[place] = error
            except BaseException as fault:
                faults.append(fault)
                left.clear()

    _run(work, min(workers, len(left)), name, left.clear)
    if faults:
        raise faults[0]
    return _in_order(results, failed)


def _run(work: Callable[[], None], workers: int, name: str, give_up: Callable[[], None]) -> None:
    """Not a pool of futures: waking the caller for each of them was a sixth of a call's CPU."""
    if workers <= 1:
        work()
        return
    threads = [threading.Thread(target=work, name=f"{name}_{number}", daemon=True) for number in range(workers)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:  # an interrupt, or no more threads to be had
        give_up()
        raise


def _in_order(results: dict[int, tuple[I, R]], failed: dict[int, FetchError]) -> Fanned[I, R]:
    fanned = Fanned([results[place] for place in sorted(results)])
    for place in sorted(failed):
        error = failed[place]
        fanned.failures[error.kind] += 1
        fanned.words.setdefault(error.kind, error.words)
    return fanned
