"""Makes funding/fields.json from every rates payload, and from the recordings where they lie beside the project.

`python -m docs.fields [EXCHANGE …]`: of these, or of all. Without the recordings, name the exchange that you wrote.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from funding.adapter import load
from funding.fields import FILE, Fields, watched
from funding.record import Recording, Recordings, newest
from funding.record import load as load_recordings
from funding.replay import replay
from tests import recordings

PAYLOADS = Path(__file__).parents[1] / "tests" / "exchanges"
Lists = dict[str, list[str]]


def fields_of(name: str, folders: Iterable[Path]) -> Lists:
    """What the rates of these folders show, each with its folder's tables."""
    met = Fields()
    for folder in folders:
        found = load_recordings([path for path in sorted(folder.glob("*.json")) if path.stem != "expected"])
        tables = [one for one in found if one.what not in ("rates", "error", "history")]
        for rates in [one for one in found if one.what == "rates"]:
            _meet(name, [rates, *tables], met)
    always = met.always or set()
    return {"always": sorted(always), "sometimes": sorted(met.ever - always)}


def _meet(name: str, recorded: list[Recording], met: Fields) -> None:
    replay(name, watched(load()[name], met), Recordings(recorded, newest(recorded) or 0.0))


def folders_of(name: str) -> list[Path]:
    return [PAYLOADS / name.replace("-", "_"), recordings.CAPTURES / name]


def written(lists: dict[str, Lists]) -> str:
    """One line for each list, so that a change reads well."""
    exchanges = [
        f'"{name}": {{\n  "always": {json.dumps(both["always"])},\n  "sometimes": {json.dumps(both["sometimes"])}\n }}'
        for name, both in sorted(lists.items())
    ]
    return "{\n " + ",\n ".join(exchanges) + "\n}\n"


def main(names: list[str]) -> None:
    known = json.loads(FILE.read_text("utf-8")) if names else {}
    FILE.write_text(written(known | {name: fields_of(name, folders_of(name)) for name in names or load()}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
