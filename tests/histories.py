"""An invented exchange with settled rates, asked by the real engine and stored in a real database."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from funding.adapter import HOUR, Call, Exchange, History, Row, Settlement, Tables, per_second
from funding.backfill import Backfill, Got
from funding.errors import FetchError
from funding.ledger import Wanted, contracts_of, jobs_of, save
from funding.message import Reply, Request, T
from funding.outcome import Outcome
from funding.rate import Rate
from funding.store.exchanges import Declaration, declare
from funding.store.runs import save as save_run

NOW = 1_795_507_500  # 2026-11-24T08:05:00Z
DUE = NOW - 300
URL = "https://venue.example"
WINDOW = URL + "/history?symbol={symbol}&from={since_s}&to={until_s}&limit=100"
BTC, ETH = "BTC-USDT", "ETH-USDT"


def parse(row: Row) -> Settlement:
    return Settlement(int(row["t"]), float(row["r"]))


def exchange(url: str = WINDOW, *calls: Call, interval_hours: float | None = None, **declared: Any) -> Exchange:
    history = History(url, **{"parse": parse, "page_size": 100, **declared})
    return Exchange("Venue", "cex", per_second(5), calls or RATES, lambda row, tables: None, history=history,
                    interval_hours=interval_hours)  # fmt: skip


RATES = (Call("rates", URL + "/rates"),)


@dataclass
class Venue:
    """What was charged, symbol by symbol; answers a window of it, newest first, at most `limit` rows."""

    settled: dict[str, dict[int, float]]
    extra: dict[str, Callable[[dict[str, str]], Any]] = field(default_factory=dict)  # path → body of another call
    fails: Callable[[str, dict[str, str]], FetchError | None] = lambda path, words: None
    asked: list[str] = field(default_factory=list)
    now: int = NOW
    lock: threading.Lock = field(default_factory=threading.Lock)

    def workers(self, host: str) -> int:
        return 2

    def items(self, call: Call, tables: Tables) -> list[Any]:
        return list(call.each(tables)) if callable(call.each) else list(call.each)

    def get(self, request: Request, read: Callable[[Reply], T]) -> T:
        parts = urlsplit(request.url)
        words = dict(parse_qsl(parts.query))
        with self.lock:
            self.asked.append(request.url.removeprefix(URL))
        error = self.fails(parts.path, words)
        if error is not None:
            raise error
        body = self.extra.get(parts.path, self.page)(words)
        return read(Reply(200, json.dumps(body).encode(), self.now))

    def page(self, words: dict[str, str]) -> list[Row]:
        since, until, limit = int(words.get("from", 0)), int(words.get("to", NOW)), int(words.get("limit", 10**6))
        rows = [
            {"t": time, "r": rate} for time, rate in self.settled[words["symbol"]].items() if since <= time <= until
        ]
        return sorted(rows, key=lambda row: row["t"], reverse=True)[:limit]


def charged(count: int, hours: float = 8, until: int = DUE) -> dict[int, float]:
    """So many settlements with a rate of their own each, the last one at `until`."""
    return {int(until - number * hours * HOUR): round(0.0001 + number / 1e6, 9) for number in range(count)}


def listed(conn: Connection, *symbols: str, hours: float | None = 8, name: str = "venue", **facts: Any) -> None:
    """Contracts as a run of the collector leaves them."""
    declare(conn, [Declaration(id=name, title="Venue", kind="cex", hosts=1, calls_per_cycle=1, budget="5 a second")])
    rates = tuple(
        Rate(
            **{
                "exchange": name, "symbol": symbol, "base": symbol.partition("-")[0], "asset": symbol.partition("-")[0],
                "quote": "USDT", "settle": "USDT", "kind": "linear", "funding_rate": 0.0001,
                "funding_interval_hours": hours, "observed_at": NOW, **facts,
            }
        )
        for symbol in symbols
    )  # fmt: skip
    save_run(conn, Outcome(exchange=name, started_at=NOW, took_seconds=1.0, calls=1, rates=rates))


def backfill(conn: Connection, one: Exchange, venue: Venue, days: float = 30, now: int = NOW) -> list[Got]:
    """One whole run; what came of each contract."""
    assert one.history
    jobs = list(jobs_of(conn, "venue", one.history, contracts_of(conn, "venue"), Wanted(now, days)))
    found: list[Got] = []
    Backfill("venue", one, venue, found.append, lambda: float(now)).run(jobs)
    for got in found:
        save(conn, one, got)
    return found


def stored(conn: Connection, symbol: str = BTC) -> list[tuple[int, float, float | None, str]]:
    """funding_time, rate, interval_hours, source."""
    return list(_stored(conn, symbol))


def _stored(conn: Connection, symbol: str) -> Iterator[tuple[int, float, float | None, str]]:
    for row in conn.execute(
        """
        SELECT funding_time, rate, interval_hours, source
        FROM settlement JOIN contract ON contract.id = contract_id WHERE symbol = ? ORDER BY funding_time
        """,
        (symbol,),
    ):
        yield tuple(row)
