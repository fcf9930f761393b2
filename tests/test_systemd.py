"""What systemd hears, on a socket that stands for its own, and what a process makes of the sockets it was handed."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from funding.systemd import Systemd, inherited
from tests.programs import environment

Ear = socket.socket


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def heard(ear: Ear) -> list[str]:
    return ear.recv(4096).decode().split("\n")


def test_it_hears_all_that_is_said(ear: Ear) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "10000000"})
    systemd.ready("serving")
    assert heard(ear) == ["READY=1", "STATUS=serving"]
    systemd.alive("data 3 s old")
    assert heard(ear) == ["WATCHDOG=1", "STATUS=data 3 s old"]
    systemd.status("waiting")
    assert heard(ear) == ["STATUS=waiting"]
    systemd.stopping()
    assert heard(ear) == ["STOPPING=1", "STATUS=stopping"]
    systemd.watch(900)
    assert heard(ear) == ["WATCHDOG_USEC=900000000"]
    assert systemd.beat_seconds == 450


def test_a_status_of_several_lines_is_one_and_cannot_smuggle_an_assignment(ear: Ear) -> None:
    Systemd({"NOTIFY_SOCKET": ear.getsockname()}).status("one\nREADY=1\n")
    assert heard(ear) == ["STATUS=one READY=1"]


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0funding-test-{os.getpid()}")
        ear.settimeout(10)
        Systemd({"NOTIFY_SOCKET": f"@funding-test-{os.getpid()}"}).ready("here")
        assert heard(ear) == ["READY=1", "STATUS=here"]


def test_without_systemd_nothing_happens() -> None:
    systemd = Systemd({})
    systemd.ready("serving")
    systemd.watch(900)
    assert (systemd.watchdog_seconds, systemd.beat_seconds, inherited({})) == (None, None, [])


def test_a_socket_that_is_gone_is_logged_and_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("serving")
    assert caplog.messages == ["systemd could not be told READY=1: [Errno 2] No such file or directory"]


def test_a_watchdog_meant_for_another_process_is_not_ours() -> None:
    assert Systemd({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog_seconds is None
    assert Systemd({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_seconds == 1


ASKS = """
import json, os, sys
one, other = (os.dup(int(number)) for number in sys.argv[1:3])
os.dup2(one, 3), os.dup2(other, 4)
os.environ.update(LISTEN_FDS="2", LISTEN_PID=sys.argv[3] if sys.argv[3:] else str(os.getpid()))
from funding.systemd import inherited
print(json.dumps([[one.getsockname()[1], one.get_inheritable()] for one in inherited(os.environ)]))
"""


@pytest.mark.parametrize(("another", "count"), [([], 2), (["1"], 0)])
def test_the_sockets_handed_over_are_taken_if_they_are_for_this_process(another: list[str], count: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [one.getsockname()[1], other.getsockname()[1]]
        numbers = [one.fileno(), other.fileno()]
        said = subprocess.run(
            [sys.executable, "-c", ASKS, *map(str, numbers), *another], env=environment(), pass_fds=numbers,
            capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
    assert json.loads(said.stdout) == [[port, False] for port in ports][:count]
