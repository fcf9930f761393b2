"""What every handler is given: settings, clock, database. Built once by make_app; no globals, no environment."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from funding.api.counters import Counters
from funding.api.database import Database
from funding.api.formats import Format
from funding.api.kept import FullList, PerSnapshot

if TYPE_CHECKING:
    from funding.api.market import Judged, Row

T = TypeVar("T")

FREE, PAID, PRO = "free", "paid", "pro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation decides. `interval_seconds` is the collector's: data are stale after three of them.

    `limits`: tier → requests a minute and client, 0 for none. `trusted_proxies`: whose X-Forwarded-For is believed.
    `fees`: exchange → its own taker fee, in per cent per fill, where that is not the table's. `security_contact`: a URL,
    mailto: too, for those who find a weakness.
    """

    database: Path
    interval_seconds: int = 300
    limits: Mapping[str, int] = field(default_factory=lambda: {FREE: 60, PAID: 600, PRO: 3000})
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    fees: Mapping[str, float] = field(default_factory=dict)
    security_contact: str = ""
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
    clock: Clock
    database: Database
    full_lists: Mapping[Format, FullList]
    exchanges: PerSnapshot[list[Mapping[str, Any]]]  # as exchanges_of() gives them
    judged: "PerSnapshot[Judged]"  # which contracts are suspect, and whose are all stale
    market: "PerSnapshot[list[Row]]"  # every current contract, for analysis
    best: PerSnapshot[list[Mapping[str, Any]]]  # the first pairs, for the page
    counters: Counters  # of the answers that went out
    clients: Callable[[], int]  # that are being counted against their quota
    made: dict[Callable[[], Any], Any] = field(default_factory=dict)

    def own(self, kind: Callable[[], T]) -> T:
        """The application's one object of this kind, made when it is first asked for."""
        if kind not in self.made:
            self.made.setdefault(kind, kind())  # two threads may come at once: the first one's stays
        found: T = self.made[kind]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that has passed validation: `values` holds every parameter of its route, `parts` those of its path.

    `path`, `query` and `host` are as they were sent. `is_closed`: it asks of a time that is over.
    """

    context: Context
    path: str
    query: str
    parts: Mapping[str, str]
    values: Mapping[str, Any]
    format: Format
    is_closed: bool = False
    host: str = ""
