"""A writer and a reader in two processes: only whole runs are ever seen, whatever becomes of the writer."""

import subprocess
import sys
from collections import Counter
from contextlib import closing
from textwrap import dedent

from funding.store.exchanges import newest_run
from funding.store.open import check_integrity, reader, snapshot, writer
from funding.store.rates import select_current
from funding.store.runs import save
from tests.store.given import NOW, rate, rows, run

CONTRACTS = 400


def cycle(number: int):
    """A run whose every rate tells which run it is of."""
    at = NOW + number
    rates = (rate(f"T{one}-USDT-SWAP", funding_rate=number / 1e6, observed_at=at) for one in range(CONTRACTS))
    return run(*rates, started_at=at)


def writing(path, script: str) -> subprocess.Popen[str]:
    start = dedent("""
        import sys, time
        from funding.store.open import writer
        from funding.store.runs import save
        from tests.store.test_processes import cycle
        conn = writer(sys.argv[1])
    """)
    command = [sys.executable, "-c", start + dedent(script), str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def seen(reading) -> tuple[int | None, Counter[int]]:
    with snapshot(reading):
        return newest_run(reading), Counter(round(row["funding_rate"] * 1e6) for row in select_current(reading))


def test_a_writer_killed_in_mid_transaction_leaves_no_half_run(conn, path):
    save(conn, cycle(1))
    conn.close()
    half_way = """
        conn.execute("PRAGMA cache_size = 5")  # so that half a run has already gone to the file
        count = 0
        def trace(sql):
            global count
            count += sql.lstrip().startswith("INSERT INTO latest")
            if count == 300:
                print("half way", flush=True)
                time.sleep(60)
        conn.set_trace_callback(trace)
        save(conn, cycle(2))
    """
    with writing(path, half_way) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half way\n"
        wal = path.with_name("funding.db-wal").stat().st_size
        child.kill()
    assert wal > 4096, "nothing had been written yet: the test shows nothing"
    with closing(reader(path)) as reading:
        assert seen(reading) == (1, Counter({1: CONTRACTS}))
    with closing(writer(path)) as conn:
        assert save(conn, cycle(3)) == 2
        check_integrity(conn)
        assert seen(conn) == (2, Counter({3: CONTRACTS}))
        assert rows(conn, "SELECT count(*) FROM contract") == [(CONTRACTS,)]


def test_a_reader_beside_a_writer_sees_whole_runs_only_and_never_an_error(conn, path):
    save(conn, cycle(1))
    with (
        writing(path, "for number in range(2, 62): save(conn, cycle(number))") as child,
        closing(reader(path)) as reading,
    ):
        found = [seen(reading)]
        while child.poll() is None:
            found.append(seen(reading))
        found.append(seen(reading))
        assert child.returncode == 0
    assert all(rates == Counter({newest: CONTRACTS}) for newest, rates in found)
    assert (found[0][0], found[-1][0]) == (1, 61)
    assert len({newest for newest, _ in found}) > 3, "the reader saw no run land: the test shows nothing"
