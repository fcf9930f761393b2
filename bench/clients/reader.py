"""Reads one contract's current row over and over, as the API does, and reports how long each took."""

import json
import sys
import time
from pathlib import Path

from funding.errors import StoreError
from funding.store.exchanges import newest_run
from funding.store.open import reader, snapshot
from funding.store.rates import select_current


def main() -> None:
    given = json.load(sys.stdin)
    conn = reader(Path(given["database"]))
    took, errors = [], 0
    end = time.perf_counter() + given["seconds"]
    while (begun := time.perf_counter()) < end:
        try:
            with snapshot(conn):
                newest_run(conn)
                found = list(select_current(conn, exchanges=(given["exchange"],), symbols=(given["symbol"],)))
            errors += not found
        except StoreError:
            errors += 1
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(given["pause"])
    print(json.dumps({"ms": took, "errors": errors}), flush=True)


if __name__ == "__main__":
    main()
