"""The examples of docs/api.md: each path has one, and each was run."""

import json
from pathlib import Path

import pytest

from docs.api import EVERY, EXAMPLES, path_of
from funding.api.app import make_app
from funding.api.context import Clock, Settings
from funding.cli.standing import answer
from tests.api.market import charge, fill
from tests.api.stored import NOW, Stored

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")


def test_there_is_an_example_of_every_path() -> None:
    paths = [path.replace("BTC", "<base>").replace("okx", "<id>") for path in map(path_of, EXAMPLES)]
    assert paths == [route.path for route in EVERY]
    assert all(f"`{example}`" in PAGE for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_brings_something(example: str, tmp_path: Path) -> None:
    path = tmp_path / "funding.db"
    with Stored(path) as stored:
        fill(stored)
        charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 8)
        status, text = answer(make_app(Settings(database=path), Clock(lambda: NOW)), example)
    assert (status, bool(text)) == (200, True)
    rows = json.loads(text).get("rows") if text.startswith("{") else None
    assert rows != [] or "intervals" in example
