"""Where recorded answers of real exchanges lie beside the project, and what the tests ask of them."""

import os
from pathlib import Path

import pytest

CAPTURES = Path(os.environ.get("FUNDING_CAPTURES") or Path(__file__).parents[2] / "shared" / "captures")
MISSING = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason=f"no recorded answers at {CAPTURES}: set FUNDING_CAPTURES to their folder"
)


def of(exchange: str) -> list[Path]:
    """The recordings of an exchange, by name."""
    return sorted((CAPTURES / exchange).glob("*.json"))
