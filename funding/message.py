"""What goes out and what comes back: the data that the network half, the recordings and the engine share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `weight` is what it costs of its host's budget; `headers` go beside those that every request has.

    `repeatable` False: it does something each time it arrives, so it is never sent over a kept connection, where it could
    be sent twice.
    """

    method: str
    url: str
    body: bytes | None = None
    weight: float = 1
    headers: tuple[tuple[str, str], ...] = ()
    repeatable: bool = True

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status. Header names are lower case; `at` is the moment it was complete, Unix seconds.

    `sample`: the body is known to hold only some of the rows that the venue has, so absence in it proves nothing.
    `certificate_ends`: when that of the server does, Unix seconds; None where there is none.
    """

    status: int
    body: bytes
    at: float
    headers: Mapping[str, str] = field(default_factory=dict)
    sample: bool = False
    certificate_ends: float | None = None


class Get(Protocol):
    """How the engine asks: sends the request when its host's budget allows and gives the reply to `read`.

    `read` returns what the caller wants of the reply or raises FetchError, which decides whether it is asked again.
    Raises FetchError when there is no usable answer.
    """

    def __call__(self, request: Request, read: Callable[[Reply], T]) -> T: ...
