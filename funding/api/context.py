"""What every handler is given: settings, clock, database. Built once by make_app; no globals, no environment."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funding.api.database import Database
from funding.api.kept import FullList, PerSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation decides. `interval_seconds` is the collector's: data are stale after three of them."""

    database: Path
    interval_seconds: int = 300
    longest_url: int = 8_192
    largest_body: int = 65_536

    @property
    def stale_threshold_seconds(self) -> int:
        return 3 * self.interval_seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """Unix seconds for what is said of time, monotonic seconds for what is waited for."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    database: Database
    full_list: FullList
    exchanges: PerSnapshot[list[sqlite3.Row]]  # as select_exchanges gives them


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has passed validation: `values` holds every parameter of its route, `parts` those of its path."""

    context: Context
    path: str
    query: str
    parts: Mapping[str, str]
    values: Mapping[str, Any]
