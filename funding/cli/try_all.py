"""`funding try --all`: one live run of every exchange side by side, so that one sees which venue has changed."""

import time
from argparse import Namespace
from dataclasses import dataclass
from itertools import count
from typing import Any

from funding.adapter import Exchange, load
from funding.cli import console, exits
from funding.cli.collecting import Network, network, run_of
from funding.cli.options import pick
from funding.cli.show import faults
from funding.cli.signals import stopping
from funding.config import Config
from funding.fanout import fanout
from funding.fields import Fields, changes, watched
from funding.outcome import Outcome

COLUMNS = (
    console.Column("EXCHANGE", lambda row: row["exchange"]),
    console.Column("", lambda row: "ok" if row["ok"] else "FAILED"),
    console.Column("RATES", lambda row: str(row["rates"]), number=True),
    console.Column("BAD", lambda row: str(sum(row["unreadable"].values())), number=True),
    console.Column("OLDEST", lambda row: console.span(row["oldest_stamp_seconds"]), number=True),
    console.Column("CALLS", lambda row: str(row["calls"]), number=True),
    console.Column("TOOK", lambda row: f"{row['took_seconds']:.1f}s", number=True),
    console.Column("", lambda row: "; ".join(row["words"]), cut=True),
)


@dataclass(frozen=True, slots=True)
class Tried:
    outcome: Outcome
    fields: Fields

    @property
    def ok(self) -> bool:
        """A run that gives no rate at all is none, in an exchange that is collected for its rates."""
        return self.outcome.ok and not self.outcome.failures and bool(self.outcome.rates)


def try_all(args: Namespace, config: Config) -> int:
    exchanges = pick(config.exchanges, load())
    found = _ask_all(exchanges, config)
    if found is None:
        return exits.INTERRUPTED
    now = int(time.time())
    rows = [_row(one, now) for one in found]
    if args.json:
        console.print_list(rows)
    else:
        console.print_table(COLUMNS, rows)
    _say_total(rows)
    return exits.OK if all(row["ok"] for row in rows) else exits.EXCHANGE_FAILED


def _ask_all(exchanges: dict[str, Exchange], config: Config) -> list[Tried] | None:
    """None if it was stopped half way."""
    reached, progress, numbers = network(config, exchanges), console.Progress(), count(1)

    def ask(item: tuple[str, Exchange]) -> Tried:
        tried = _ask(*item, reached)
        progress.show(f"{next(numbers)} of {len(exchanges)} exchanges")
        return tried

    try:
        with stopping(reached.close):
            fanned = fanout(exchanges.items(), ask, len(exchanges), "try")
        return None if reached.stop.is_set() else [tried for _, tried in fanned.results]
    finally:
        reached.close()
        progress.clear()


def _ask(name: str, exchange: Exchange, reached: Network) -> Tried:
    fields = Fields()
    return Tried(run_of(name, watched(exchange, fields), reached.get, reached.pace)(), fields)


def _row(tried: Tried, now: int) -> dict[str, Any]:
    outcome = tried.outcome
    changed = changes(outcome.exchange, tried.fields)
    stamps = [rate.exchange_at for rate in outcome.rates if rate.exchange_at is not None]
    return {
        "exchange": outcome.exchange,
        "ok": tried.ok,
        "rates": len(outcome.rates),
        "unreadable": dict(outcome.skipped),
        "not_ours": outcome.not_ours,
        "oldest_stamp_seconds": max(0, now - min(stamps)) if stamps else None,
        "calls": outcome.calls,
        "took_seconds": outcome.took_seconds,
        "failures": dict(outcome.failures),
        "error_kind": outcome.error_kind,
        "error": outcome.error,
        "changed_fields": changed,
        "words": [*faults(outcome), *(f"{what}: {', '.join(names)}" for what, names in changed.items())],
    }


def _say_total(rows: list[dict[str, Any]]) -> None:
    good, rates = sum(row["ok"] for row in rows), sum(row["rates"] for row in rows)
    parts = [f"{good} of {len(rows)} exchanges ok, {rates} rates"]
    for words, wanted in (
        ("failed", [row["exchange"] for row in rows if not row["ok"]]),
        ("other fields than known", [row["exchange"] for row in rows if row["changed_fields"]]),
    ):
        parts += [f"{words}: {', '.join(wanted)}"] if wanted else []
    console.say("; ".join(parts))
