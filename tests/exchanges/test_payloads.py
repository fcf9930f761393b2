"""Every exchange against its own small payloads: tests/exchanges/<id>/, one runner for all.

A folder's tables (all but rates, error and history) answer together with each `rates*.json`; `expected.json` says what
must come out, to the last field. The odd case is in the file's name, so that a failure names it.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from funding import record
from funding.adapter import load
from funding.rate import Rate
from funding.replay import replay, replay_history

HERE = Path(__file__).parent
ENGINES = {"exchange", "rate_kind", "asset", "multiplier", "asset_class", "observed_at"}
CASES = sorted(path for path in HERE.glob("*/*.json") if path.name.startswith(("rates", "error", "history")))


def folder(exchange: str) -> Path:
    return HERE / exchange.replace("-", "_")


def expected(path: Path) -> Any:
    wanted = json.loads((path.parent / "expected.json").read_text("utf-8"))
    assert path.stem in wanted, f"{path.parent.name}/expected.json says nothing of {path.stem}"
    return wanted[path.stem]


def tables(path: Path) -> list[Path]:
    return [
        other
        for other in sorted(path.parent.glob("*.json"))
        if not other.name.startswith(("rates", "error", "history", "expected"))
    ]


def source(*paths: Path) -> record.Recordings:
    recordings = record.load(paths)
    return record.Recordings(recordings, record.newest(recordings) or 0.0)


def rounded(value: Any) -> Any:
    """The same with every float to twelve digits: 0.1 × 3 is 0.3."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def row(rate: Rate) -> dict[str, Any]:
    """What the adapter said: every field that is known, without those that the engine adds."""
    said = {field.name: getattr(rate, field.name) for field in fields(rate) if field.name not in ENGINES}
    return {name: value for name, value in said.items() if value is not None}


@pytest.mark.parametrize(
    "path", [p for p in CASES if p.name.startswith("rates")], ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_rates_of(path: Path) -> None:
    exchange = path.parent.name.replace("_", "-")
    outcome = replay(exchange, load()[exchange], source(path, *tables(path)))
    wanted = expected(path)
    assert outcome.error == wanted.get("error")
    assert rounded([row(rate) for rate in outcome.rates]) == rounded(wanted.get("rows", []))
    assert outcome.skipped == wanted.get("skipped", {})
    assert outcome.not_ours == wanted.get("not_ours", 0)


@pytest.mark.parametrize(
    "path", [p for p in CASES if p.name.startswith("error")], ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_refusal_of(path: Path) -> None:
    exchange = path.parent.name.replace("_", "-")
    outcome = replay(exchange, load()[exchange], source(path, *tables(path)))
    wanted = expected(path)
    assert (outcome.error_kind, outcome.rates) == (wanted["kind"], ())
    assert outcome.error is not None
    assert wanted["words"] in outcome.error


@pytest.mark.parametrize(
    "path", [p for p in CASES if p.name.startswith("history")], ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_history_of(path: Path) -> None:
    exchange = path.parent.name.replace("_", "-")
    found = [
        {
            "symbol": one.symbol,
            "time": one.settlement.time,
            "rate": one.settlement.rate,
            "interval_hours": one.settlement.interval_hours,
        }
        for one in replay_history(load()[exchange], source(path, *tables(path)))
    ]
    assert rounded(found) == rounded(expected(path))


@pytest.mark.parametrize("exchange", load())
def test_every_exchange_has_payloads_and_says_that_they_are_ours(exchange: str) -> None:
    assert list(folder(exchange).glob("rates*.json")), f"tests/exchanges/{folder(exchange).name} has no rates payload"
    assert "written for this project" in (folder(exchange) / "SOURCE.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(HERE.glob("*/")), ids=lambda p: p.name)
def test_every_folder_of_payloads_is_of_an_exchange(path: Path) -> None:
    assert path.name == "__pycache__" or path.name.replace("_", "-") in load()
