"""Everything that one simulator holds, and the control requests that look at it and change it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.simulator.clock import Clock
from bench.simulator.dialects import BY_HOST
from bench.simulator.incoming import Request
from bench.simulator.market import Market
from bench.simulator.recordings import Recordings
from bench.simulator.venue import Counts, Venue


@dataclass(slots=True)
class Connections:
    accepted: int = 0
    open: int = 0
    tls_failed: int = 0


class World:
    def __init__(self, market: Market, clock: Clock, recordings: Recordings) -> None:
        self.market = market
        self.clock = clock
        self.recordings = recordings
        played = {host: name for host, name in BY_HOST.items() if name in market.contracts}
        self.hosts = {**recordings.exchanges, **played}
        self.venues = {name: Venue(name, market.seed) for name in sorted(set(self.hosts.values()))}
        self.connect_ms = 0.0  # of every connection: which exchange it is for is only known from the first request
        self.connections = Connections()

    def state(self) -> dict[str, Any]:
        return {
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "connect_ms": self.connect_ms,
            "connections": asdict(self.connections),
            "exchanges": {name: venue.describe() for name, venue in self.venues.items()},
        }

    def change(self, words: Mapping[str, Any]) -> None:
        """exchange (or "*") with latency_ms, jitter_ms, limit, fault(s); connect_ms; clock {now, speed}; reset.

        Raises ValueError in words for anything else.
        """
        settings = dict(words)
        exchange = settings.pop("exchange", "*")
        clock = {name: float(value) for name, value in settings.pop("clock", {}).items()}
        if exchange != "*" and exchange not in self.venues:
            raise ValueError(f"no exchange {exchange!r} is played; there are {', '.join(self.venues)}")
        if clock.keys() - {"now", "speed"}:
            raise ValueError("a clock has now and speed")
        connect_ms, reset = float(settings.pop("connect_ms", self.connect_ms)), settings.pop("reset", False)
        for venue in self.venues.values() if exchange == "*" else (self.venues[exchange],):
            venue.change(settings)
            if reset:
                venue.counts = Counts()
        if reset and exchange == "*":
            self.connections = Connections(open=self.connections.open)
        self.connect_ms = connect_ms
        self.clock.set(**clock)

    def control(self, request: Request) -> tuple[int, Any]:
        """Status and JSON body of a request under /_sim/."""
        try:
            if request.method == "POST" and request.path == "/":
                if not isinstance(request.json, dict):
                    raise ValueError("a JSON object is wanted")
                self.change(request.json)
                return 200, self.state()
            if request.path == "/":
                return 200, self.state()
            if request.path == "/truth":
                return 200, self._truth(request.query)
            if request.path == "/settled":
                return 200, self._settled(request.query)
        except (ValueError, TypeError) as problem:
            return 400, {"error": str(problem)}
        except KeyError as problem:
            return 400, {"error": f"missing or unknown: {problem}"}
        return 404, {"error": "there are /_sim/, /_sim/truth, /_sim/settled"}

    def _truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """At `now`; without it at the moment of this exchange's last answer."""
        exchange = query["exchange"]
        last = self.venues[exchange].counts.last_now
        now = int(query["now"]) if "now" in query else self.clock.now() if last is None else last
        return {"exchange": exchange, "now": now, "rows": [asdict(row) for row in self.market.truth(exchange, now)]}

    def _settled(self, query: Mapping[str, str]) -> dict[str, Any]:
        exchange, symbol = query["exchange"], query["symbol"]
        since, until = int(query.get("since", self.market.since)), int(query.get("until", self.clock.now()))
        rows = self.market.settled(exchange, symbol, since, until)
        return {"exchange": exchange, "symbol": symbol, "rows": [asdict(row) for row in rows]}
