"""One cycle of this service as `funding collect --once` does it: every exchange, TLS, parsing, the database. Then a second one."""

import json
import sys
import threading
import time
from tempfile import TemporaryDirectory
from typing import Any

from bench.clients.task import peak_mb
from funding.cli import collecting
from funding.cli.database import opened
from funding.cli.memory import keep_small
from funding.config import resolve
from funding.fetch import Fetcher
from funding.message import Reply, Request
from funding.outcome import Outcome
from funding.schedule import Schedule
from funding.store.migrate import migrate

SENT: dict[str, list[float]] = {}  # host → the weight of each request
LOCK = threading.Lock()


class Noted(Fetcher):
    """Notes what each host is asked."""

    def fetch(self, request: Request, *rest: Any) -> Reply:
        with LOCK:
            SENT.setdefault(request.host, []).append(request.weight)
        return super().fetch(request, *rest)


def cycle(schedule: Schedule) -> dict[str, Any]:
    begun, cpu = time.perf_counter(), time.process_time()
    outcomes = schedule.once() or []
    return {
        "wall": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak_mb(),
        "exchanges": [described(one) for one in outcomes],
    }


def described(one: Outcome) -> dict[str, Any]:
    return {"exchange": one.exchange, "took": one.took_seconds, "rates": one.found, "error": one.error}


def main() -> None:
    given = json.load(sys.stdin)
    collecting.Fetcher = Noted  # type: ignore[attr-defined]
    keep_small()
    with TemporaryDirectory(prefix="funding-bench-") as folder:
        flags = {"database": f"{folder}/funding.db", "upstream": given["upstream"], "exchanges": given["exchanges"]}
        config, _ = resolve(flags, {}, None)
        begun, cpu = time.perf_counter(), time.process_time()
        with opened(config.database, migrate) as conn, collecting.collector(config, conn) as schedule:
            building = {"wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
            first = cycle(schedule)
            sent = {host: list(weights) for host, weights in SENT.items()}
            second = cycle(schedule) if given["again"] else None
    found = {"building": building, "first": first, "second": second, "sent": sent}
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
