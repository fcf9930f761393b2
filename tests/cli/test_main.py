"""The front door: commands, help, exit codes, and what becomes of errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from funding.__main__ import COMMANDS
from funding.cli import exits
from funding.errors import FetchError, FundingError, LockedError, NotFoundError, SettingError, StoreError
from tests.cli.conftest import Call
from tests.programs import FUNDING, environment


def test_help_lists_every_command_and_exit_code(funding: Call) -> None:
    said = funding("--help")
    assert said.code == 0
    assert said.err == ""
    for name in COMMANDS:
        assert f"  {name:<14}{COMMANDS[name]}" in said.out
    for code, meaning in exits.MEANINGS.items():
        assert f"  {code:<14}{meaning}" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_of_its_own_with_the_exit_codes(command: str, funding: Call) -> None:
    said = funding(command, "--help")
    assert said.code == 0
    assert said.out.startswith(f"usage: funding {command} ")
    assert "75 another collector holds the database" in " ".join(said.out.split())


def test_an_unknown_command_is_refused_with_the_nearest_one(funding: Call) -> None:
    said = funding("serv")
    assert (said.code, said.out) == (2, "")
    assert said.err == "funding: serv is not a command; did you mean serve?; funding --help lists them\n"


def test_no_command_and_an_unknown_flag_are_wrong_usage(funding: Call) -> None:
    assert funding().code == 2
    assert funding("rates", "--jsn").code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FundingError("x"), 1),
        (SettingError("x"), 2),
        (NotFoundError("x"), 3),
        (FetchError("dns", "x"), 4),
        (LockedError("x"), 75),
        (StoreError("x"), 78),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_of_the_family_has_its_exit_code(error: FundingError, code: int) -> None:
    assert exits.code_of(error) == code


def test_a_setting_that_cannot_be_used_is_one_line_and_exit_code_2(
    funding: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNDING_PORT", "eighty")
    said = funding("config", "check")
    assert (said.code, said.out) == (2, "")
    assert said.err == "funding: FUNDING_PORT is a whole number from 0 to 65535, not 'eighty'\n"


def test_words_that_would_drive_a_terminal_are_made_harmless(funding: Call) -> None:
    said = funding("replay", "okx\x1b[2J", "x.json")
    assert said.code == 2
    assert "\x1b" not in said.err


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*FUNDING, "exchanges"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


def test_an_answer_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [*FUNDING, "exchanges"], stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=30, check=False
        )
    assert process.returncode == 1
    assert process.stderr == b"funding: No space left on device\n"


def test_serving_imports_nothing_of_the_collecting_half() -> None:
    code = """
import sys
from funding.__main__ import _parser
_parser("serve")
print(*sorted(name for name in sys.modules if name.startswith("funding.")))
"""
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), timeout=30, check=True
    )
    halves = ("exchanges", "adapter", "fetch", "pace", "fanout", "collect", "schedule", "record", "replay")
    assert not {f"funding.{name}" for name in halves} & set(process.stdout.split())
