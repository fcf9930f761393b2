"""A real database file for each test, and a way to loopback."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.fetch import Fetcher
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.open import writer
from tests.alerts.given import Time, fetching
from tests.store.given import OKX, XT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "funding.db"


@pytest.fixture
def conn(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(writer(path)) as conn:
        migrate(conn)
        declare(conn, [OKX, XT])
        yield conn


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with fetching() as one:
        yield one


@pytest.fixture
def now() -> Time:
    return Time()
