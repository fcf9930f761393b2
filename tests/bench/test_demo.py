"""`make demo`: what it says can be tried works, and it leaves nothing behind."""

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.simulator.contracts import EXCHANGES
from tests.programs import FUNDING, HANG_SECONDS, Program, environment, until


class Demo(Program):
    command = (sys.executable, "-m", "bench.demo")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Program]:
    with Demo(tmp_path, PORT=0, TMPDIR=tmp_path) as program:
        yield program


def collected(demo: Program) -> set[str]:
    time.sleep(0.5)  # the API counts who asks too often
    status, answer = demo.get("/api/funding/current")
    return {row["exchange"] for row in answer["rows"]} if status == 200 else set()


def tips(demo: Program, beginning: str) -> list[list[str]]:
    """The lines to try that begin so, split as a shell would."""
    lines = [shlex.split(line) for line in demo.lines if line.startswith("  ")]
    return [words for words in lines if words[0].endswith(beginning)]


def child_of(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def test_six_exchanges_have_rows_and_every_line_to_try_works(demo: Program, tmp_path: Path) -> None:
    until(lambda: collected(demo) == set(EXCHANGES), "rows of six exchanges")
    commands = tips(demo, "funding")
    assert [words[1] for words in commands] == ["rates", "backfill"]
    for _, *words in commands:
        done = subprocess.run([*FUNDING, *words], env=environment(), timeout=HANG_SECONDS, check=False)
        assert done.returncode == 0
    for words in tips(demo, "curl"):
        address = urlsplit(words[-1])
        status, answer = demo.get(f"{address.path}?{address.query}")
        assert (demo.url, status) == (f"http://{address.netloc}", 200)
    assert answer["count"] == 3, "settlements that the exchange had before it was collected"


def test_ctrl_c_ends_it_and_leaves_no_process_and_no_file(demo: Program, tmp_path: Path) -> None:
    until(lambda: collected(demo), "rows")
    simulator = child_of(demo.process.pid)
    assert demo.end(signal.SIGINT) == 0
    assert list(tmp_path.iterdir()) == []
    assert not Path(f"/proc/{simulator}").exists()


def test_the_simulator_does_not_outlive_a_demo_that_was_killed(demo: Program) -> None:
    demo.line("Funding Finder: ")
    simulator = child_of(demo.process.pid)
    demo.end(signal.SIGKILL)
    until(lambda: not Path(f"/proc/{simulator}").exists(), "the simulator's end")


def test_a_port_that_is_none_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with Demo(tmp_path, PORT="high") as wrong:
        assert wrong.line("demo: ") == "demo: PORT is a whole number from 0 to 65535, not 'high'"
        assert wrong.process.wait(HANG_SECONDS) == 2
