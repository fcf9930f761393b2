"""What a dialect answers with, and how its figures are written as text. Pure; knows no venue and no socket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Query = Mapping[str, str]
MS = 1_000


@dataclass(frozen=True, slots=True)
class Reply:
    """`body`: text is sent as it is, anything else as JSON."""

    status: int
    body: Any

    @property
    def content_type(self) -> str:
        if not isinstance(self.body, str):
            return "application/json"
        return "text/html" if self.body.startswith("<") else "text/plain"


def page(status: int, words: str) -> Reply:
    """What a gateway in front of a venue shows: HTML."""
    return Reply(
        status, f"<html>\r\n<head><title>{status} {words}</title></head>\r\n<body>{words}</body>\r\n</html>\r\n"
    )


def fixed(value: float, decimals: int) -> str:
    """Always that many decimals: 0.00010000."""
    return f"{value:.{decimals}f}"


def plain(value: float, decimals: int) -> str:
    """As few decimals as it takes, never an exponent: 0.0001, 0."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def whole(query: Query, name: str, default: int) -> int:
    """A whole number of the query. Raises ValueError for anything else: each venue says so in its own form."""
    text = query.get(name, "")
    return int(text) if text else default


def newest_first(rows: Sequence[Any], limit: int) -> list[Any]:
    return list(reversed(rows[-limit:])) if limit > 0 else []
