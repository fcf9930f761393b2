"""Commits cycle after cycle, run by run, until its stdin ends. Says "ready" when it begins."""

import sys
import threading
from pathlib import Path

from bench.rows import Market
from funding.store.open import writer
from funding.store.runs import Contracts, save


def main() -> None:
    database, journal, seed, contracts = sys.argv[1:]
    market = Market(int(seed), int(contracts))
    cycles = [market.cycle(number) for number in range(1, 7)]
    conn = writer(Path(database))
    conn.execute(f"PRAGMA journal_mode = {journal}")
    known: dict[str, Contracts] = {}
    reading = threading.Thread(target=sys.stdin.read, daemon=True)
    reading.start()
    print("ready", flush=True)
    committed = 0
    while reading.is_alive():
        for outcome in cycles[committed % len(cycles)]:
            save(conn, outcome, known=known)
        committed += 1
    print(committed, flush=True)
    conn.close()


if __name__ == "__main__":
    main()
