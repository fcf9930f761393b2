"""The loop: which exchanges are due, each run in a thread of its own, every outcome saved by this thread the moment it comes.

Knows no exchange, network or database: it is given what to run and how to save.
"""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol

from funding.errors import StoreError
from funding.outcome import Outcome

log = logging.getLogger(__name__)

LONGEST_WORDS = 200
MOST_REASONS = 3


class Inbox(Protocol):
    """What the runs' threads leave for the loop. None asks it to stop."""

    def put(self, message: Outcome | None, /) -> None: ...

    def get(self, block: bool, timeout: float | None, /) -> Outcome | None:
        """Raises queue.Empty after `timeout` seconds."""
        ...


def in_thread(name: str, work: Callable[[], None]) -> None:
    """Daemons: what hangs must not keep a process alive that was told to end."""
    threading.Thread(target=work, name=name, daemon=True).start()


class Schedule:
    """Every exchange every `interval` seconds of the monotonic clock. One that still runs when it is due is left alone."""

    def __init__(
        self,
        runs: Mapping[str, Callable[[], Outcome]],
        save: Callable[[Outcome], object],
        interval: float,
        *,
        after_cycle: Callable[[list[Outcome]], object] = lambda outcomes: None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        start: Callable[[str, Callable[[], None]], None] = in_thread,
        inbox: Inbox | None = None,
    ) -> None:
        """`runs`: exchange → one run of it. `save` is given its outcome, whole. `after_cycle` gets what has come in since the
        last call, without the rates.

        It is called when all that were started have answered, or at the latest when the next cycle is due.
        """
        self._runs, self._save, self._interval, self._after_cycle = runs, save, interval, after_cycle
        self._clock, self._timer, self._start = clock, timer, start
        self._inbox: Inbox = SimpleQueue() if inbox is None else inbox
        self._running: dict[str, float] = {}  # exchange → when it was started
        self._come: list[Outcome] = []  # since the last cycle's end
        self._stopped = False
        self.not_stored = 0  # outcomes that could not be saved

    def stop(self) -> None:
        """From a signal handler or any thread: the loop ends after what it is doing. What runs is no longer saved."""
        self._stopped = True
        self._inbox.put(None)

    def forever(self) -> None:
        """Cycle after cycle until stop()."""
        due = self._timer()
        while self._cycle(due + self._interval) is not None and self._receive(None, due + self._interval):
            due = max(due + self._interval, self._timer())  # a machine that slept does not catch up

    def once(self) -> list[Outcome] | None:
        """One run of every exchange; None if it was stopped before all had answered."""
        return self._cycle(math.inf)

    def _cycle(self, end: float) -> list[Outcome] | None:
        """Starts what is due and takes what comes in until all have answered, or until `end`. None: asked to stop."""
        if not self._receive(self._start_due(), end):
            return None
        outcomes, self._come = self._come, []
        log.info("%s", cycle_summary(outcomes))
        try:
            self._after_cycle(outcomes)
        except Exception:
            log.exception("after the cycle")
        return outcomes

    def _receive(self, waiting: set[str] | None, end: float) -> bool:
        """Takes what comes in until `end`, or until those that are waited for have answered. False: asked to stop."""
        while (waiting is None or waiting) and (left := end - self._timer()) > 0:
            try:
                outcome = self._inbox.get(True, None if left == math.inf else left)
            except Empty:
                return True
            if outcome is None:
                return False
            self._take(outcome)
            if waiting is not None:
                waiting.discard(outcome.exchange)
            del outcome  # or its rates are held until the next one comes
        return True

    def _start_due(self) -> set[str]:
        started = set()
        for name in self._runs:
            if name in self._running:
                log.warning("%s: still running after %.0f s, left to finish", name, self._timer() - self._running[name])
                continue
            self._running[name] = self._timer()
            started.add(name)
            try:
                self._start(name, partial(self._answer, name))
            except RuntimeError as error:  # the system gives no more threads: this one is tried again next time
                self._inbox.put(self._fault(name, f"it could not be started: {error}"))
        return started

    def _answer(self, name: str) -> None:
        self._inbox.put(self._run(name))

    def _run(self, name: str) -> Outcome:
        """In the exchange's thread. A fault of ours costs this run, never the collector."""
        try:
            return self._runs[name]()
        except Exception as error:
            if not self._stopped:  # Python gives a program that ends no more threads: the rest of a run fails for that
                log.exception("%s: a fault of this program", name)
            return self._fault(name, f"a fault of this program: {error!r:.{LONGEST_WORDS}}")

    def _fault(self, name: str, words: str) -> Outcome:
        took = self._timer() - self._running[name]
        return Outcome(
            exchange=name, started_at=int(self._clock() - took), took_seconds=took, error_kind="shape", error=words
        )

    def _take(self, outcome: Outcome) -> None:
        self._running.pop(outcome.exchange, None)
        self._come.append(outcome.without_rates())
        good = outcome.ok and not outcome.failures and not outcome.skipped
        log.log(logging.INFO if good else logging.WARNING, "%s", summary(outcome))
        try:
            self._save(outcome)
        except StoreError as error:  # a full disk, another writer: the next run is the next try
            self.not_stored += 1
            log.error("%s: not stored: %s", outcome.exchange, error)  # noqa: TRY400  its words say it all
        except Exception:
            self.not_stored += 1
            log.exception("%s: not stored", outcome.exchange)


def summary(outcome: Outcome) -> str:
    """One run in a line: "cryptocom: 393 of 396, timeout 3, 8.1 s"."""
    took = f"{outcome.took_seconds:.1f} s"
    if not outcome.ok:
        return f"{outcome.exchange}: failed, {outcome.error_kind}: {outcome.error}, {took}"
    parts = [f"{outcome.exchange}: {outcome.found} of {outcome.asked}"]
    parts += [f"{kind} {count}" for kind, count in outcome.failures.items()]
    reasons = Counter(outcome.skipped).most_common()
    parts += [f"unreadable {count} ({reason:.{LONGEST_WORDS}})" for reason, count in reasons[:MOST_REASONS]]
    if len(reasons) > MOST_REASONS:
        others = sum(count for _, count in reasons[MOST_REASONS:])
        parts.append(f"unreadable {others} (for {len(reasons) - MOST_REASONS} other reasons)")
    return "; ".join([", ".join([*parts, took]), *outcome.notices])


def cycle_summary(outcomes: list[Outcome]) -> str:
    """A cycle in a line: "cycle: 3 of 5 exchanges ok, 812 rates; dns 2 (bybit, okx: www.okx.com: …)"."""
    failed: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error_kind is not None:
            failed.setdefault(outcome.error_kind, []).append(outcome)
    rates = sum(outcome.found for outcome in outcomes)
    good = sum(outcome.ok for outcome in outcomes)
    kinds = [f"{kind} {len(those)} ({_named(those)})" for kind, those in failed.items()]
    return "; ".join([f"cycle: {good} of {len(outcomes)} exchanges ok, {rates} rates", *kinds])


def _named(failed: list[Outcome]) -> str:
    """Who failed, and the words of the most frequent failure among them."""
    words, _ = Counter(outcome.error for outcome in failed).most_common(1)[0]
    return f"{', '.join(sorted(outcome.exchange for outcome in failed))}: {words}"
