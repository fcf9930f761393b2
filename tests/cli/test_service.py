"""`funding serve` and `funding collect` under a supervisor that speaks as systemd does; and the commands beside them."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.programs import FUNDING, Program, environment, until
from tests.servers import Answer, Server

TICKERS = "/futures.kraken.com/derivatives/api/v3/tickers"
KRAKEN = {"FUNDING_EXCHANGES": "kraken", "FUNDING_PORT": 0}
# as systemd does it: the socket is number 3, and the process that is to have it is named by its own number
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Ear:
    """Hears what a service says to systemd."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(30)

    @property
    def settings(self) -> dict[str, object]:
        return {"NOTIFY_SOCKET": self.socket.getsockname(), "WATCHDOG_USEC": 200_000}

    def hear(self) -> dict[str, str]:
        """The next datagram's assignments."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().split("\n"))

    def wait_for(self, name: str) -> dict[str, str]:
        return until(lambda: next((one for one in iter(self.hear, None) if name in one), None), name)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    one = Ear(tmp_path / "notify")
    with one.socket:
        yield one


def test_serve_is_ready_once_it_has_answered_itself_and_alive_as_long_as_it_answers(ear: Ear, tmp_path: Path) -> None:
    with Program(tmp_path, "serve", FUNDING_PORT=0, **ear.settings) as program:
        said = ear.hear()
        assert said["READY"] == "1"
        assert said["STATUS"].startswith("not ready; The database cannot be read")
        assert program.get("/livez") == (200, "ok\n")
        for _ in range(3):
            assert ear.wait_for("WATCHDOG")["STATUS"].startswith("not ready")
        program.process.send_signal(signal.SIGTERM)
        assert ear.wait_for("STOPPING")["STATUS"] == "stopping"
        assert program.process.wait(30) == 0


def test_serve_takes_the_socket_it_is_handed_and_leaves_it_to_the_next(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owned:
        port, number = owned.getsockname()[1], owned.fileno()
        command = [sys.executable, "-c", HAND_OVER, str(number), *FUNDING, "serve"]
        for _ in range(2):
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment(), pass_fds=[number], stderr=subprocess.PIPE, text=True
            )
            with process, stopped(process):
                assert process.stderr is not None
                assert f"Funding Finder: http://127.0.0.1:{port}\n" in iter(process.stderr.readline, "")
                with socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
                    caller.sendall(b"GET /livez HTTP/1.0\r\n\r\n")
                    assert b"".join(iter(lambda: caller.recv(65_536), b"")).endswith(b"\r\n\r\nok\n")
                process.terminate()
                assert process.wait(30) == 0


@contextmanager
def stopped(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()


def test_serve_listens_on_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    with Program(tmp_path, "serve", FUNDING_HOST=f"unix:{path}") as program:
        program.line(f"Funding Finder: unix:{path}")
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(30)
            caller.connect(str(path))
            caller.sendall(b"GET /livez HTTP/1.0\r\n\r\n")
            assert b"".join(iter(lambda: caller.recv(65_536), b"")).endswith(b"\r\n\r\nok\n")
        with Program(tmp_path, "serve", FUNDING_HOST=f"unix:{path}") as second:
            assert second.process.wait(30) == 1
        assert second.lines[-1] == f"funding: unix:{path} cannot be listened on: another process answers there"
        assert program.end() == 0


def test_a_check_asks_every_kind_of_path_and_listens_nowhere(funding: Call) -> None:
    said = funding("serve", "--check")
    assert (said.code, said.out) == (0, "")
    assert "503 /readyz" in said.err.splitlines()
    assert "200 /livez" in said.err.splitlines()


def test_collect_is_alive_with_every_cycle_that_all_exchanges_answered_well_or_badly(ear: Ear, tmp_path: Path) -> None:
    with Program(tmp_path, "migrate") as migrate:
        assert migrate.process.wait(30) == 0
    settings = KRAKEN | {"FUNDING_INTERVAL_SECONDS": 1} | ear.settings
    with (
        Server({TICKERS: Answer(status=404)}, tls=None) as server,
        Program(tmp_path, "collect", FUNDING_UPSTREAM=server.url, **settings) as program,
    ):
        assert ear.hear() == {"READY": "1", "STATUS": "first cycle under way"}
        assert ear.hear() == {"WATCHDOG_USEC": "30000000"}
        for _ in range(2):
            said = ear.hear()
            assert said["WATCHDOG"] == "1"
            assert said["STATUS"].startswith("cycle: 0 of 1 exchanges ok, 0 rates; http 1 (kraken: ")
        assert program.end() == 0
        assert ear.wait_for("STOPPING")


def test_collect_is_not_called_alive_while_an_exchange_hangs(ear: Ear, tmp_path: Path) -> None:
    with Program(tmp_path, "migrate") as migrate:
        assert migrate.process.wait(30) == 0
    settings = KRAKEN | {"FUNDING_INTERVAL_SECONDS": 1} | ear.settings
    with (
        Server({TICKERS: Answer(delay=25)}, tls=None) as server,
        Program(tmp_path, "collect", FUNDING_UPSTREAM=server.url, **settings) as program,
    ):
        assert ear.wait_for("WATCHDOG_USEC")
        for _ in range(2):
            assert ear.hear() == {"STATUS": "cycle: 0 of 0 exchanges ok, 0 rates; not answered: kraken"}
        assert program.end() == 0


def test_collect_replaces_a_damaged_database_by_the_newest_backup_and_says_so(funding: Call, tmp_path: Path) -> None:
    funding("migrate")
    backed_up = funding("backup")
    assert backed_up.code == 0
    with Path("funding.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 8192)
    said = funding("collect", "--once", "--exchanges", "kraken", "--upstream", "http://127.0.0.1:9")
    assert said.code == 4
    [event] = funding("event").lines[1:]
    assert event.split()[2] == "rescue"
    assert "restored from backups/funding-" in event
    assert len(list(tmp_path.glob("funding.db.damaged-*"))) == 1


def test_a_backup_is_checked_and_restored(funding: Call) -> None:
    funding("migrate")
    funding("event", "deploy", "deploy of abc complete")
    made = funding("backup")
    assert (made.code, Path(made.out.strip()).exists()) == (0, True)
    assert funding("restore-check").code == 0
    funding("event", "deploy", "deploy of def complete")
    restored = funding("restore")
    assert restored.code == 0
    assert "what was there before is funding.db.before-restore-" in restored.err
    assert [line.split(maxsplit=3)[2:] for line in funding("event").lines[1:]] == [["deploy", "deploy of abc complete"]]
    assert funding("restore", Path(made.out.strip()).name).code == 0
    assert funding("restore", "funding-19700101T000000Z.db.gz").code == 3


def test_an_old_backup_fails_the_check_though_it_can_be_restored(funding: Call) -> None:
    funding("migrate")
    funding("backup")
    [description] = Path("backups").glob("*.json")
    said = json.loads(description.read_text("utf-8"))
    description.write_text(json.dumps(said | {"made_at": int(time.time()) - 4 * 3600}))
    checked = funding("restore-check")
    assert checked.code == 1
    assert "can be restored, but is 4h" in checked.err


def test_nothing_is_restored_while_a_collector_holds_the_database(funding: Call, tmp_path: Path) -> None:
    funding("migrate")
    funding("backup")
    with Program(tmp_path, "collect", FUNDING_UPSTREAM="http://127.0.0.1:9", **KRAKEN) as collector:
        collector.line("cycle: ")
        assert funding("restore").code == 75
        assert collector.end() == 0


def test_db_open_makes_what_a_reader_needs_and_leaves_it(tmp_path: Path) -> None:
    def db_open() -> int:
        return subprocess.run(
            [*FUNDING, "db-open"], cwd=tmp_path, env=environment(), check=False, timeout=30
        ).returncode

    assert db_open() == 0
    assert list(tmp_path.iterdir()) == []
    with Program(tmp_path, "migrate") as migrate:
        assert migrate.process.wait(30) == 0
    assert not Path("funding.db-shm").exists()
    for _ in range(2):
        assert db_open() == 0
        assert Path("funding.db-shm").exists()
        assert Path("funding.db-wal").exists()
    tmp_path.chmod(0o500)  # who may not write beside the file can read it now
    if os.getuid():
        sqlite3.connect("file:funding.db?mode=ro", uri=True).execute("SELECT count(*) FROM event").fetchone()
    tmp_path.chmod(0o700)


def test_an_event_needs_a_database_and_a_sentence(funding: Call) -> None:
    assert funding("event", "deploy", "done").code == 3
    funding("migrate")
    assert funding("event", "deploy").code == 2
