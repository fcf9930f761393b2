"""How history is asked: within the host's budget and, where the exchange sets another for such calls, within that too."""

from collections.abc import Callable
from dataclasses import replace

from funding.adapter import Exchange
from funding.collect import Live, Source
from funding.fetch import Fetcher
from funding.message import Get, Reply, Request, T
from funding.pace import Pace, polite


def history_source(
    name: str, exchange: Exchange, fetcher: Fetcher, pace: Pace, *, background: bool = False, share: float = 1.0
) -> Source:
    """`pace` knows the exchange's hosts already. `share`: the part of the history calls' own budget that may be used."""
    get = polite(fetcher, pace, background=background)
    if exchange.history is None or exchange.history.budget is None:
        return Live(get, pace.workers)
    own, budget = f"{name} history", exchange.history.budget
    pace.budget(own, replace(budget, limit=budget.limit * share))
    return Live(_paced(get, pace, own), pace.workers)


def _paced(get: Get, pace: Pace, own: str) -> Get:
    def paced(request: Request, read: Callable[[Reply], T]) -> T:
        pace.wait(own)
        return get(request, read)

    return paced
