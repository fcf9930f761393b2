"""Random walks that are known at every moment: sums of sines of random phase, the slower the wider, as in Brownian motion."""

from dataclasses import dataclass
from math import sin, sqrt, tau
from random import Random

PERIODS = (300, 1_800, 10_800, 64_800, 388_800, 2_332_800)  # five minutes to four weeks, in seconds
_SUM = sum(sqrt(period) for period in PERIODS)


@dataclass(frozen=True, slots=True)
class Walk:
    """(share, radians per second, phase) of each sine; the shares add up to 1."""

    sines: tuple[tuple[float, float, float], ...]

    def at(self, moment: float) -> float:
        """Between -1 and 1, at a moment in Unix seconds."""
        return sum([share * sin(speed * moment + phase) for share, speed, phase in self.sines])


def draw(random: Random) -> Walk:
    return Walk(
        tuple(
            (sqrt(period) / _SUM, tau / (period * random.uniform(0.8, 1.25)), random.uniform(0, tau))
            for period in PERIODS
        )
    )
