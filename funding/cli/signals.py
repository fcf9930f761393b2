"""SIGTERM and SIGINT as a request to end. Only the main thread may ask for this."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping(stop: Callable[[], object]) -> Iterator[None]:
    """Calls `stop` for either signal; a second one ends the process at once."""

    def handle(number: int, _frame: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    before = [(number, signal.signal(number, handle)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
