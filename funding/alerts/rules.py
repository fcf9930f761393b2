"""Rules on the market, as a [[alerts.rule]] of the settings file asks for them: read and checked. Judges nothing."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from funding.alerts.judge import COOLDOWN_SECONDS
from funding.config import near
from funding.errors import SettingError
from funding.written import Written

Row = Mapping[str, Any]

LEVELS = ("rate", "spread", "at_cap", "settles_soon")  # stand until they are over
CHANGES = ("sign_flip", "interval_change", "listing", "delisting")  # happen
MEASURED = ("rate", "spread")  # have a level, above or below
CHANNELS = ("all", "telegram", "webhook")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `above`, `below`, `resolve`: annualised per cent, of a spread net of fees. Empty filters ask for nothing."""

    name: str
    what: str  # of LEVELS or CHANGES
    base: tuple[str, ...] = ()  # canonical assets
    exchange: tuple[str, ...] = ()
    min_volume: float = 0.0  # US dollars in 24 hours
    min_open_interest: float = 0.0
    above: float | None = None
    below: float | None = None
    resolve: float | None = None  # the level at which it is over; without it, the one that raised it
    snapshots: int = 1  # so many in a row
    minutes: float = 10.0  # settles_soon: before the payment
    holding_hours: float = 168.0  # spread: over which the fees are spread
    cooldown: int = COOLDOWN_SECONDS
    channel: str = "all"

    def means(self, row: Row) -> bool:
        """Whether a contract passes the filters. What is not known to be large enough does not."""
        return (
            (not self.base or row["asset"] in self.base)
            and (not self.exchange or row["exchange"] in self.exchange)
            and (not self.min_volume or (row["volume_24h_usd"] or 0) >= self.min_volume)
            and (not self.min_open_interest or (row["open_interest_usd"] or 0) >= self.min_open_interest)
        )

    def is_beyond(self, figure: float, was_bad: bool) -> bool:
        """Beyond its level; what stands already is so until it is back behind `resolve`."""
        high, low = self.above, self.below
        if was_bad and self.resolve is not None:
            high, low = (None if high is None else self.resolve), (None if low is None else self.resolve)
        return (high is not None and figure > high) or (low is not None and figure < low)

    def key(self, *parts: str) -> str:
        return ":".join(("rule", self.name, *parts))


def read_rules(
    written: Sequence[Written], canonical: Callable[[str], str], exchanges: Collection[str]
) -> tuple[Rule, ...]:
    """Raises SettingError that names the line, the rule, what is wrong with it and what may be given."""
    rules: list[Rule] = []
    for number, one in enumerate(written, 1):
        rule = _Reading(one, number, canonical, exchanges).rule()
        if rule.name in [other.name for other in rules]:
            raise SettingError(f"{one.place('name')}: another rule has the name {rule.name} already")
        rules.append(rule)
    return tuple(rules)


TEXTS, LISTS, WHOLE = ("name", "what", "channel"), ("base", "exchange"), ("snapshots", "cooldown")
WORDS = tuple(field.name for field in fields(Rule))


@dataclass(frozen=True, slots=True)
class _Reading:
    written: Written
    number: int
    canonical: Callable[[str], str]
    exchanges: Collection[str]

    def rule(self) -> Rule:
        table = self.written.table
        for word in table:
            if word not in WORDS:
                raise self.wrong(word, f"{word} is not a word of a rule{near(word, WORDS)}; it has {', '.join(WORDS)}")
        for word in ("name", "what"):
            if word not in table:
                raise self.wrong("", f"{word} is missing")
        made = {word: self.converted(word, value) for word, value in table.items()}
        made["base"] = tuple(self.canonical(base) for base in made.get("base", ()))
        rule = Rule(**made)
        self.check_words(rule)
        self.check_levels(rule)
        self.check_numbers(rule)
        return rule

    def wrong(self, word: str, words: str) -> SettingError:
        name = self.written.table.get("name", f"number {self.number}")
        return SettingError(f"{self.written.place(word)}: rule {name!s:.60}: {words}")

    def converted(self, word: str, value: Any) -> Any:
        if word in LISTS:
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
                raise self.wrong(word, f"{word} is a name or a list of names, not {value!r:.60}")
            return tuple(one.strip() for one in values)
        if word in TEXTS:
            if not isinstance(value, str):
                raise self.wrong(word, f"{word} is text, not {value!r:.60}")
            return value
        is_number = isinstance(value, int if word in WHOLE else int | float) and not isinstance(value, bool)
        if not is_number or not abs(value) < 1e15:  # nan and inf are numbers in TOML
            raise self.wrong(word, f"{word} is a {'whole ' if word in WHOLE else ''}number, not {value!r:.60}")
        return value if word in WHOLE else float(value)

    def check_words(self, rule: Rule) -> None:
        if not NAME.fullmatch(rule.name):
            raise self.wrong("name", "its name is small letters, digits, - and _, 40 at most")
        if rule.what not in LEVELS + CHANGES:
            known = LEVELS + CHANGES
            raise self.wrong(
                "what", f"what is one of {', '.join(known)}, not {rule.what!r:.60}{near(rule.what, known)}"
            )
        if rule.channel not in CHANNELS:
            raise self.wrong("channel", f"channel is one of {', '.join(CHANNELS)}, not {rule.channel!r:.60}")
        for name in rule.exchange:
            if name not in self.exchanges:
                raise self.wrong("exchange", f"{name} is not an exchange{near(name, self.exchanges)}")

    def check_levels(self, rule: Rule) -> None:
        high, low, over = rule.above, rule.below, rule.resolve
        given = [word for word in ("above", "below", "resolve") if getattr(rule, word) is not None]
        if given and rule.what not in MEASURED:
            raise self.wrong(given[0], f"{given[0]} is for rates and spreads; a rule on {rule.what} has no level")
        if rule.what in MEASURED and high is None and low is None:
            raise self.wrong("what", f"a rule on a {rule.what} has above or below, in per cent a year")
        if high is not None and low is not None and low >= high:
            raise self.wrong("below", f"below {low:g} and above {high:g}: one of them would always be so")
        if over is not None and high is not None and low is not None:
            raise self.wrong("resolve", "resolve goes with above or with below, not with both")
        if over is not None and ((high is not None and over > high) or (low is not None and over < low)):
            beyond = f"above {high:g}" if high is not None else f"below {low:g}"
            raise self.wrong("resolve", f"resolve {over:g} lies beyond {beyond}: it would be over before it begins")

    def check_numbers(self, rule: Rule) -> None:
        least = {"snapshots": 1, "cooldown": 0, "min_volume": 0, "min_open_interest": 0}
        for word, limit in least.items():
            if getattr(rule, word) < limit:
                raise self.wrong(word, f"{word} is at least {limit}")
        for word, what in (("minutes", "settles_soon"), ("holding_hours", "spread")):
            if word in self.written.table and rule.what != what:
                raise self.wrong(word, f"{word} is for a rule on {what}")
            if not getattr(rule, word) > 0:
                raise self.wrong(word, f"{word} is above 0")
        if "snapshots" in self.written.table and rule.what in CHANGES:
            raise self.wrong("snapshots", f"snapshots is for what lasts; {rule.what} happens once")
