"""What of a snapshot of the rates the rules are about. Pure: rows come in, findings and happenings go out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from funding.alerts.alert import clock, signed, span
from funding.alerts.judge import Finding, Happening
from funding.alerts.rules import CHANGES, LEVELS, Row, Rule
from funding.analysis.arb import arb_row
from funding.analysis.fees import Fees
from funding.analysis.pairs import Wanted, find_pairs
from funding.store.outbox import Standing

Contract = tuple[str, str]  # exchange, symbol

NO_LEAST = -1e12  # a rule says itself which yield it is about
LISTED_SECONDS = 3600  # not seen for longer, while its exchange was: no longer listed
SIGN_COOLDOWN = 3600  # a rate that is about nothing changes its sign every few minutes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`rows`: those of `current`, with suspects marked. `now`: Unix seconds."""

    rows: Sequence[Row]
    now: int

    def listed(self) -> dict[Contract, Row]:
        """What its exchange has shown lately: a contract that is gone stays among the rows for a day."""
        newest: dict[str, int] = {}
        for row in self.rows:
            newest[row["exchange"]] = max(newest.get(row["exchange"], 0), row["observed_at"])
        return {
            (row["exchange"], row["symbol"]): row
            for row in self.rows
            if newest[row["exchange"]] - row["observed_at"] <= LISTED_SECONDS
        }


def findings(
    rules: Sequence[Rule], snapshot: Snapshot, standings: Mapping[str, Standing], fees: Fees
) -> Iterator[Finding]:
    """What the snapshot shows of what the rules wait for. `fees`: what spreads are net of."""
    fresh = [row for row in snapshot.rows if not row["stale"] and row["suspect"] is None]
    for rule in rules:
        if rule.what == "spread":
            yield from _spreads(rule, snapshot, standings, fees)
        elif rule.what in LEVELS:
            for row in filter(rule.means, fresh):
                key = rule.key(row["exchange"], row["symbol"])
                if finding := FOUND[rule.what](rule, row, snapshot.now, key, _was_bad(standings, key)):
                    yield finding


def happenings(rules: Sequence[Rule], before: Mapping[Contract, Row], snapshot: Snapshot) -> Iterator[Happening]:
    """What happened between two snapshots. `before`: what the earlier one listed.

    An exchange that one of them lacks altogether says nothing: it was not collected then.
    """
    now = snapshot.listed()
    seen_before, seen_now = {exchange for exchange, _ in before}, {exchange for exchange, _ in now}
    both = seen_before & seen_now
    for rule in rules:
        if rule.what not in CHANGES:
            continue
        for contract in sorted(before.keys() | now.keys()):
            old, new = before.get(contract), now.get(contract)
            row = old if new is None else new
            if contract[0] in both and row is not None and rule.means(row):
                yield from _changes(rule, contract, old, new, snapshot.now)


def _was_bad(standings: Mapping[str, Standing], key: str) -> bool:
    return key in standings and standings[key].bad_since is not None


# What lasts


def _rate(rule: Rule, row: Row, now: int, key: str, was_bad: bool) -> Finding | None:
    yearly = row["annualized_pct"]
    if yearly is None or not rule.is_beyond(yearly, was_bad):
        return None
    name = _name(row)
    return Finding(
        key=key,
        title=f"{name}: {signed(yearly)} % a year",
        lines=(_figures(row, now), *_depth(row), _wanted(rule, yearly)),
        resolved=f"{name} is back behind {_level(_resolve_level(rule, yearly))} % a year",
        looks=rule.snapshots,
        cooldown_seconds=rule.cooldown,
    )


def _at_cap(rule: Rule, row: Row, now: int, key: str, _: bool) -> Finding | None:
    if not row["at_cap"]:
        return None
    return Finding(
        key=key,
        title=f"{_name(row)} is at its limit: {signed(row['funding_rate_pct'], 4)} %",
        lines=(_figures(row, now), *_depth(row)),
        resolved=f"{_name(row)} has left its limit",
        looks=rule.snapshots,
        cooldown_seconds=rule.cooldown,
    )


def _settles_soon(rule: Rule, row: Row, now: int, key: str, _: bool) -> Finding | None:
    """Nobody needs to hear that it is over."""
    due = row["next_funding_time"]
    if due is None or not 0 <= due - now <= rule.minutes * 60:
        return None
    return Finding(
        key=key,
        title=f"{_name(row)} settles in {span(due - now)}: {signed(row['funding_rate_pct'], 4)} %",
        lines=(f"at {clock(due, now)}; {_figures(row, due)}", *_depth(row)),
        looks=rule.snapshots,
        cooldown_seconds=rule.cooldown,
    )


FOUND: dict[str, Callable[[Rule, Row, int, str, bool], Finding | None]] = {
    "rate": _rate,
    "at_cap": _at_cap,
    "settles_soon": _settles_soon,
}


def _spreads(rule: Rule, snapshot: Snapshot, standings: Mapping[str, Standing], fees: Fees) -> Iterator[Finding]:
    """Of each asset its best pair among the contracts that the rule is about."""
    told = set[str]()
    wanted = Wanted(
        min_yield_pct=NO_LEAST, min_volume_usd=rule.min_volume, min_open_interest_usd=rule.min_open_interest,
        exchanges=rule.exchange, assets=rule.base, holding_hours=rule.holding_hours,
    )  # fmt: skip
    for pair in find_pairs(snapshot.rows, fees, wanted).pairs:
        row = arb_row(pair, rule.holding_hours, fees.model)
        asset, net = row["asset"], row["net_annualized_pct"]
        key = rule.key(asset)
        if asset not in told and rule.is_beyond(net, _was_bad(standings, key)):
            told.add(asset)
            yield _spread(rule, key, row)


def _spread(rule: Rule, key: str, pair: Row) -> Finding:
    net, short, long = pair["net_annualized_pct"], pair["short"], pair["long"]
    return Finding(
        key=key,
        title=f"{pair['asset']}: {signed(net)} % a year net, short {short['exchange']}, long {long['exchange']}",
        lines=(
            f"short {short['symbol']} {signed(short['annualized_pct'])} %, "
            f"long {long['symbol']} {signed(long['annualized_pct'])} %",
            f"fees {pair['fees_pct']:.3g} % in and out, earned back in {span(pair['breakeven_hours'] * 3600)}",
            *_gap(pair),
            _wanted(rule, net),
        ),
        resolved=f"{pair['asset']}: the spread is back behind {_level(_resolve_level(rule, net))} % a year net",
        looks=rule.snapshots,
        cooldown_seconds=rule.cooldown,
    )


def _gap(pair: Row) -> tuple[str, ...]:
    gap = pair["entry_price_gap_pct"]
    return () if gap is None else (f"price gap {signed(gap)} %, short against long",)


def _wanted(rule: Rule, figure: float) -> str:
    high = rule.above is not None and figure > (rule.resolve if rule.resolve is not None else rule.above)
    return f"rule {rule.name}: " + (f"above {_level(rule.above)} %" if high else f"below {_level(rule.below)} %")


def _resolve_level(rule: Rule, figure: float) -> float:
    if rule.resolve is not None:
        return rule.resolve
    high = rule.above is not None and figure > rule.above
    return (rule.above if high else rule.below) or 0.0


# What happens


def _changes(rule: Rule, contract: Contract, old: Row | None, new: Row | None, now: int) -> Iterator[Happening]:
    title = _changed(rule.what, old, new)
    if title is None:
        return
    row = old if new is None else new
    yield Happening(
        key=rule.key(*contract),
        title=title,
        lines=() if row is None or rule.what == "delisting" else (_figures(row, now), *_depth(row)),
        cooldown_seconds=max(rule.cooldown, SIGN_COOLDOWN) if rule.what == "sign_flip" else rule.cooldown,
    )


def _changed(what: str, old: Row | None, new: Row | None) -> str | None:
    if old is None or new is None:
        if what == "listing" and new is not None:
            return f"{new['exchange']} lists {new['symbol']}"
        return f"{old['exchange']} no longer lists {old['symbol']}" if what == "delisting" and old is not None else None
    if what == "sign_flip" and old["funding_rate"] * new["funding_rate"] < 0:
        payer = "longs pay" if new["funding_rate"] > 0 else "shorts pay"
        return f"{_name(new)} turned: {payer}, {signed(new['funding_rate_pct'], 4)} %"
    hours, to = old["funding_interval_hours"], new["funding_interval_hours"]
    if what == "interval_change" and hours is not None and to is not None and abs(hours - to) * 60 >= 1:
        return f"{_name(new)} pays every {to:g} h, before every {hours:g} h"
    return None


# Words


def _name(row: Row) -> str:
    return f"{row['asset']} on {row['exchange']}"


def _figures(row: Row, now: int) -> str:
    hours, due = row["funding_interval_hours"], row["next_funding_time"]
    every = "interval unknown" if hours is None else f"every {hours:g} h"
    when = "" if due is None or due <= now else f", next in {span(due - now)}"
    return f"{row['symbol']}: {signed(row['funding_rate_pct'], 4)} % {every}{when}"


def _depth(row: Row) -> tuple[str, ...]:
    known = [
        f"{words} ${_amount(row[name])}"
        for words, name in (("OI", "open_interest_usd"), ("24 h volume", "volume_24h_usd"))
        if row[name] is not None
    ]
    return (", ".join(known),) if known else ()


def _level(figure: float | None) -> str:
    return "" if figure is None else f"{figure:g}".replace("-", "−")


def _amount(dollars: float) -> str:
    for letter, one in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if dollars >= one * 0.9995:
            return f"{dollars / one:#.3g}".rstrip(".") + letter
    return f"{dollars:.0f}"
