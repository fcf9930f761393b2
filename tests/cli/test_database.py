"""The lock that lets one collector at a time have the database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from funding.cli.database import held
from funding.errors import LockedError, StoreError
from tests.programs import environment

HOLD = """
import sys
from pathlib import Path
from funding.cli.database import held
with held(Path("funding.db")):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_who_holds_it_until_that_one_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        words = rf"funding\.db: another collector holds it, process {holder.pid} \(by funding\.db\.lock\)"
        with pytest.raises(LockedError, match=words), held(Path("funding.db")):
            pass
        holder.kill()
    with held(Path("funding.db")):
        assert Path("funding.db.lock").read_text() == f"{os.getpid()}\n"


def test_it_is_given_back_after_an_error() -> None:
    with pytest.raises(StoreError, match="full"), held(Path("funding.db")):
        raise StoreError("full")
    with held(Path("funding.db")):
        pass


def test_where_no_lock_can_be_it_is_said() -> None:
    with (
        pytest.raises(StoreError, match=r"gone/funding\.db\.lock: the lock file cannot be opened: No such file"),
        held(Path("gone/funding.db")),
    ):
        pass
