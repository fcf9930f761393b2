"""The Makefile explains itself."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    phony = re.findall(r"^\.PHONY: (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    listed = re.findall(r"^  make (\S+) +\S.+", make().stdout, re.MULTILINE)
    assert listed == phony
    assert make("help").stdout == make().stdout


def test_a_target_that_is_none_says_so() -> None:
    wrong = make("tset")
    assert wrong.returncode == 2
    assert 'there is no target "tset"; `make help` lists them' in wrong.stderr
