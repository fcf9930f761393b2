"""This service: collect() over its fetch, pace and fanout. OKX's call for one instrument stands for the venues that have no other."""

import time

from bench.clients.task import Task, given
from funding.adapter import Budget, Call, Exchange, Row, Table, Tables
from funding.collect import Live, Memory, collect
from funding.exchanges.okx import EXCHANGE as OKX
from funding.fetch import Fetcher
from funding.message import Reply, Request
from funding.pace import Pace, polite
from funding.rate import Rate

NO_TABLES: Tables = {"instruments": Table(), "marks": Table(), "tickers": Table(), "interest": Table()}
UNLIMITED = Budget(1e6, 1)


class Noted:
    """A fetcher that notes when each answer came."""

    def __init__(self, fetcher: Fetcher, task: Task) -> None:
        self._fetcher, self._task = fetcher, task

    def fetch(self, request: Request, ready: object, /) -> Reply:
        reply = self._fetcher.fetch(request, ready)  # type: ignore[arg-type]
        self._task.note(reply.status)
        return reply


def parse(row: Row, _tables: Tables) -> Rate | None:
    return OKX.parse(row, NO_TABLES)


def main() -> None:
    task = given()
    budget = Budget(task.limit, task.seconds) if task.limit else UNLIMITED
    call = Call(
        "rates",
        "https://www.okx.com/api/v5/public/funding-rate?instId={instId}",
        each=tuple(task.symbols),
        rows="data",
    )
    exchange = Exchange("OKX, one by one", "cex", budget, (call,), parse, OKX.answer)
    with task.measured():
        fetcher, pace = Fetcher(task.upstream), Pace()
        pace.budget("www.okx.com", budget)
        workers = pace.workers if task.limit else lambda _host: task.workers
        source = Live(polite(Noted(fetcher, task), pace), workers)
        outcome = collect("okx", exchange, source, Memory(), time.time, time.monotonic)
    fetcher.close()
    errors = dict(outcome.failures) | ({str(outcome.error): 1} if outcome.error else {})
    task.report([rate.symbol for rate in outcome.rates], errors)


if __name__ == "__main__":
    main()
