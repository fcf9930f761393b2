"""Funding Finder: the funding rate of every perpetual, on every exchange, in one place."""

__version__ = "0.1.0"
