"""requests on a pool of threads, as most collectors are first written; with `--retries` as the usual recipe mends it."""
# mypy: disable-error-code="import-not-found, import-untyped"

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from bench.clients.task import Task, given

RETRIED = (429, 500, 502, 503, 504)


def session_of(task: Task, *, retries: bool) -> Any:
    class Noted(Retry):
        """The recipe's Retry; urllib3 shows the answers that it swallows nowhere else."""

        def increment(self, *words: Any, **named: Any) -> Any:
            if (response := named.get("response")) is not None:
                task.note(response.status)
            return super().increment(*words, **named)

    session = requests.Session()
    if retries:
        session.mount("https://", HTTPAdapter(max_retries=Noted(total=5, backoff_factor=1, status_forcelist=RETRIED)))
    return session


def main() -> None:
    task, errors = given(), dict[str, int]()

    def one(symbol: str) -> str | None:
        try:
            response = session.get(task.url(symbol), timeout=10)
            task.note(response.status_code)
            response.raise_for_status()
            return str(response.json()["data"][0]["instId"])
        except requests.RequestException as error:
            errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
            return None

    with task.measured():
        session = session_of(task, retries="--retries" in sys.argv)
        with ThreadPoolExecutor(task.workers) as pool:
            found = list(pool.map(one, task.symbols))
    task.report([symbol for symbol in found if symbol], errors)


if __name__ == "__main__":
    main()
