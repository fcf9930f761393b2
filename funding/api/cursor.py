"""Where a page of history goes on, as text that means nothing to a client."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s
from sqlite3 import Row
from typing import Any

from funding.api.problems import bad_parameters, parameter_error

FORM = struct.Struct(">4sIIqI")
NO_CURSOR = "is not the next_cursor of a page"


@dataclass(frozen=True, slots=True)
class Place:
    """A window, `start` ≤ time < `end`, and the contract that goes on from `go_on`; None: from the first's start on."""

    start: int
    end: int
    contract_id: int | None = None
    go_on: int = 0

    def at(self, contract_id: int, go_on: int) -> "Place":
        return replace(self, contract_id=contract_id, go_on=go_on)

    def start_of(self, contract_id: int) -> int:
        return self.go_on if contract_id == self.contract_id else self.start

    def rest_of(self, contracts: Sequence[Row]) -> Sequence[Row]:
        """Those from the place on. Raises ProblemError (400) where its contract is none of them."""
        if self.contract_id is None:
            return contracts
        for number, contract in enumerate(contracts):
            if contract["contract_id"] == self.contract_id:
                return contracts[number:]
        raise bad_parameters([parameter_error("cursor", NO_CURSOR, "")])


def as_text(place: Place, query: Any) -> str:
    """`query`: what the cursor is good for alone."""
    packed = FORM.pack(_digest(query), place.start, place.end, place.contract_id or 0, place.go_on)
    return urlsafe_b64encode(packed).decode()


def from_text(text: str, query: Any) -> Place:
    """Raises ProblemError (400) for what is no cursor, or one of another query."""
    try:
        digest, *numbers = FORM.unpack(urlsafe_b64decode(text.encode()))
    except (ValueError, struct.error):  # ValueError is binascii's too
        raise bad_parameters([parameter_error("cursor", NO_CURSOR, text)]) from None
    if digest != _digest(query):
        words = "is of another query: only limit, fields and format may change from page to page"
        raise bad_parameters([parameter_error("cursor", words, text)])
    return Place(*numbers)


def _digest(query: Any) -> bytes:
    return blake2s(repr(query).encode("utf-8", "surrogatepass"), digest_size=4).digest()
