"""Schemathesis asks the service whatever its description allows, and what it does not, and holds it to what it describes."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "8")  # for each path


@pytest.mark.timeout(300)
@pytest.mark.skipif(not find_spec("schemathesis"), reason="schemathesis is not installed")
def test_every_path_keeps_what_its_description_says(url: str, tmp_path: Path) -> None:
    words = ["run", f"{url}/openapi.json", "--max-examples", EXAMPLES, "--seed", "1", "--no-color"]
    run = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=290, check=False,
    )  # fmt: skip
    assert run.returncode == 0, "\n".join(line[:400] for line in run.stdout.splitlines()[-150:])
    assert "generated" in run.stdout
