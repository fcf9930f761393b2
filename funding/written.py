"""The alert rules as the settings file has them, not yet checked, and where in the file each word of them stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funding.errors import SettingError

HEAD = re.compile(r"\s*\[\[\s*alerts\s*\.\s*rule\s*\]\]")
WORD = re.compile(r"\s*\"?([\w-]+)\"?\s*=")


@dataclass(frozen=True, slots=True)
class Written:
    """One [[alerts.rule]]. `lines`: where each of its words stands, "" its head; empty where that cannot be told."""

    path: str
    table: Mapping[str, Any]
    lines: Mapping[str, int]

    def place(self, word: str = "") -> str:
        """For an error: "funding.toml line 12"."""
        line = self.lines.get(word, self.lines.get(""))
        return self.path if line is None else f"{self.path} line {line}"


def written(path: str, table: Mapping[str, Any]) -> tuple[Written, ...]:
    """The rules of a settings file that was read into `table`. Raises SettingError."""
    alerts = table.get("alerts", {})
    rules = alerts.get("rule", []) if isinstance(alerts, dict) and alerts.keys() <= {"rule"} else None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise SettingError(f"{path}: alerts holds nothing but rules, written as [[alerts.rule]] tables")
    places = _places(Path(path).read_text("utf-8")) if rules else []
    if len(places) != len(rules):  # written in another way, as inline tables
        places = [{} for _ in rules]
    return tuple(Written(path, rule, lines) for rule, lines in zip(rules, places, strict=True))


def _places(text: str) -> list[dict[str, int]]:
    places: list[dict[str, int]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = HEAD.match(line) is not None
            places += [{"": number}] if inside else []
        elif inside and (word := WORD.match(line)):
            places[-1][word[1]] = number
    return places
