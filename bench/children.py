"""What is measured runs as a process of its own, this service under our Python and the peers under theirs. Timed by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OURS = Path(sys.executable)
PEERS = ROOT / ".venv-bench" / "bin" / "python"
FOREIGN = ("FUNDING_", "PORT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "MALLOC_", "PYTHON", "SSL_CERT")
LONGEST = 600


class Failed(Exception):
    """A program ended badly: its last words."""


def environment(**settings: object) -> dict[str, str]:
    """Without what would change a figure behind our back."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(FOREIGN)}
    return kept | {name: str(value) for name, value in settings.items()}


def trusting(cafile: Path) -> dict[str, str]:
    """One authority for everybody; each library has its own name for that."""
    return environment(SSL_CERT_FILE=cafile, REQUESTS_CA_BUNDLE=cafile)


def run(python: Path, module: str, *words: str, given: Any = None, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What `python -m module` prints as its last line, JSON. `given` is its stdin. Raises Failed."""
    if not python.exists():
        raise Failed(f"no {python.relative_to(ROOT)}: make .venv-bench/.installed")
    done = subprocess.run(
        [python, "-m", module, *words],
        cwd=ROOT, env=env or environment(), input=json.dumps(given), capture_output=True, text=True, timeout=LONGEST,
        check=False,
    )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        raise Failed((done.stderr.strip().splitlines() or ["no word"])[-1][:200])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
