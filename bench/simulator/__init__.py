"""An exchange simulator: one local server that plays six venues from a seeded market. See README.md beside this."""

from bench.simulator.process import Simulator

__all__ = ["Simulator"]
