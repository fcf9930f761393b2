"""One run of one exchange while somebody watches: a line that counts its answers, and Ctrl-C ends it."""

from collections.abc import Callable
from itertools import count

from funding.adapter import Exchange
from funding.cli import console
from funding.cli.collecting import network, run_of
from funding.cli.signals import stopping
from funding.config import Config
from funding.message import Get, Reply, Request, T
from funding.outcome import Outcome


def ask(
    name: str, exchange: Exchange, config: Config, through: Callable[[Get], Get] = lambda get: get
) -> Outcome | None:
    """None if it was stopped half way. `through` is given what asks the network, and gives what the run shall ask."""
    reached, progress = network(config, {name: exchange}), console.Progress()
    get = through(_counted(reached.get, name, progress.show))
    try:
        with stopping(reached.close):  # ends the requests under way, and with them the run
            outcome = run_of(name, exchange, get, reached.pace)()
        return None if reached.stop.is_set() else outcome
    finally:
        reached.close()
        progress.clear()


def _counted(get: Get, name: str, show: Callable[[str], None]) -> Get:
    """Shows how many answers have come."""
    numbers = count(1)

    def counted(request: Request, read: Callable[[Reply], T]) -> T:
        found = get(request, read)
        show(f"{name}: {next(numbers)} answers")
        return found

    return counted
