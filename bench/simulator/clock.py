"""The simulated time: the real one by default, faster, standing still, or set to a moment."""

from collections.abc import Callable


class Clock:
    """`speed`: simulated seconds per real one; 0 stands still. `step`: it moves on by that many seconds at a time."""

    def __init__(self, start: float, speed: float, step: int, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._from = (start, monotonic())
        self.speed = speed
        self.step = step

    def now(self) -> int:
        """Unix seconds, a whole multiple of the step."""
        return int(self._exact() // self.step) * self.step

    def set(self, now: float | None = None, speed: float | None = None) -> None:
        self._from = (self._exact() if now is None else now, self._monotonic())
        self.speed = self.speed if speed is None else speed

    def _exact(self) -> float:
        start, since = self._from
        return start + (self._monotonic() - since) * self.speed
