"""The same call for many items, side by side. What fails is counted; what does not is kept."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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
    """Calls `call` once per item on up to `workers` threads, which are named after `name`.

    A FetchError costs its item alone. Any other exception is a fault of ours: nothing more is begun, and it is raised.
    """
    items = list(items)
    fanned: Fanned[I, R] = Fanned()
    with ThreadPoolExecutor(max(1, min(workers, len(items))), thread_name_prefix=name) as pool:
        futures = [pool.submit(call, item) for item in items]
        try:
            for item, future in zip(items, futures, strict=True):
                try:
                    fanned.results.append((item, future.result()))
                except FetchError as error:
                    fanned.failures[error.kind] += 1
                    fanned.words.setdefault(error.kind, error.words)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return fanned
