"""Every path of the service, in one table: what answers it, what it may be asked, and a sentence on what it gives."""

from collections.abc import Callable
from dataclasses import dataclass

from funding.api import exchanges, health, rates
from funding.api.answer import JSON, TEXT, Answer
from funding.api.params import CURRENT, EXCHANGES, SYMBOL, Param

METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Route:
    """`from_snapshot`: the handler is given a Reading and its answer may be kept; otherwise it is given the request alone."""

    path: str
    handler: Callable[..., Answer]
    sentence: str
    params: tuple[Param, ...] = ()
    media: str = JSON
    from_snapshot: bool = True


ROUTES = (
    Route("/api/health", health.get_health, "Whether the data are complete and fresh.", from_snapshot=False),
    Route("/api/funding/current", rates.get_current, "The latest row of every contract.", CURRENT),
    Route("/api/funding/symbol/<base>", rates.get_symbol, "Every contract of one asset, on all exchanges.", SYMBOL),
    Route("/api/exchanges", exchanges.get_exchanges, "What is collected, and how each exchange stands.", EXCHANGES),
    Route("/api/exchanges/<id>", exchanges.get_exchange, "How one exchange stands."),
    Route("/livez", health.get_livez, "The process answers.", media=TEXT, from_snapshot=False),
    Route("/readyz", health.get_readyz, "The data are there and fresh.", media=TEXT, from_snapshot=False),
)
