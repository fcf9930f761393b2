"""Every command is run in an empty folder, without settings from whoever runs the tests."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from funding.__main__ import main


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Call = Callable[..., Said]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("FUNDING_", "TELEGRAM_")) or name in ("PORT", "NO_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)


@pytest.fixture
def funding(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `funding …` in this process."""

    def call(*arguments: object) -> Said:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call
