"""A real database file, a clock set by hand, and the application over both."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from funding.api.app import make_app
from funding.api.context import Clock, Settings
from tests.api.stored import NOW, Stored

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # webob still imports the standard library's cgi
    from webtest import TestApp


@dataclass
class Ticks:
    """Both clocks; they go on by hand."""

    now: float = NOW

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now - NOW

    def go_on(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "funding.db"


@pytest.fixture
def stored(path: Path) -> Iterator[Stored]:
    """An empty database with its schema, and a writer."""
    with Stored(path) as stored:
        yield stored


@pytest.fixture
def client(path: Path, ticks: Ticks) -> TestApp:
    """The application over the file at `path`, which need not be there."""
    return TestApp(make_app(Settings(database=path), Clock(ticks.wall, ticks.monotonic)))
