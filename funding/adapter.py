"""What an adapter declares: calls as data and one pure function that converts a row. The folder of exchanges is the registry."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from funding.errors import BadRow
from funding.rate import RATE_KINDS, Rate

Row = dict[str, Any]
Tables = Mapping[str, Mapping[Any, Row]]  # name of the call → key → row
MINUTE, HOUR, DAY = 60, 3600, 86400

TABLE_NAMES = (
    "instruments", "markets", "contracts", "products",
    "intervals", "tickers", "marks", "indexes", "interest", "rates", "tokens", "dexs",
)  # fmt: skip
RESERVED = ("cursor", "page", "offset", "now_ms")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` requests (or units of weight) in `seconds`, for one host, shared by all threads and by the backfill.

    `burst` > 0, or `seconds` = 1: a bucket that refills evenly. Otherwise a window: never more than `limit` in any `seconds`.
    """

    limit: float
    seconds: float
    burst: float = 0  # 0: the pacer's own choice

    @property
    def per_second(self) -> float:
        return self.limit / self.seconds


def per_second(limit: float, burst: float = 0) -> Budget:
    return Budget(limit, 1, burst)


def window(limit: float, seconds: float) -> Budget:
    return Budget(limit, seconds)


weight = window  # the same thing; says that the calls carry weights


@dataclass(frozen=True, slots=True)
class Answer:
    """How this venue says "no" in a body with HTTP 200. Values are compared as text: 0 = "0", true = "true"."""

    field: str = ""  # path of the field that tells; "" = the status alone tells
    good: tuple[str, ...] = ()  # its values for success; () = the field's presence is a refusal
    code: str = ""  # path of the reason's code; "" = `field` itself
    slow_down: tuple[str, ...] = ()  # codes that mean "too many requests"
    barred: tuple[str, ...] = ()  # codes that mean "not from your country"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, or one per item. Its rows become the table `name`; the call named "rates" gives the rows to parse."""

    name: str
    url: str  # {word}: the item; {cursor} {page} {offset}: paging; {now_ms}: the clock
    rows: str | Callable[[Any], list[Row]] = (
        ""  # path to the rows ("a.b", "a.*" = an object's values, "" = the body) or function
    )
    body: Row | None = None  # given: a POST. A value that is exactly "{word}" becomes the item with its type
    key: str | Callable[[Row], Any] | None = None  # field, or row → key, that indexes the table; None only for "rates"
    each: tuple[Any, ...] | Callable[[Tables], list[Any]] = ()  # the items; each row is given its item under {word}
    about: int = 0  # how many items a table gave lately: what a cycle costs is shown before the first one
    at_most: int = 0  # items a run, the longest unasked first; 0 = all
    good_for: float = 0  # seconds an answer (of one item) stays good; 0 = this run
    optional: bool = False  # the run does without it: the table is then empty
    keep: tuple[str, ...] = ()  # the only fields of a row that the table holds on to; () = all. Memory is the reason
    weight: float = 1
    cursor: str = ""  # path of the next {cursor} in the body; empty or missing there = the end
    page_size: int = 0  # for {page} and {offset}: a page with fewer rows is the last

    @property
    def word(self) -> str | None:
        """The placeholder that takes the item, if there is one."""
        words = [w for w in placeholders(self) if w not in RESERVED]
        return words[0] if words else None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A rate that was charged: at `time` (Unix seconds), a fraction of notional, positive = longs paid."""

    time: int
    rate: float
    interval_hours: float | None = None
    mark_price: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Settled rates of one contract. The placeholders say how it is walked.

    {since_UNIT} and {until_UNIT} (ms s us ns iso): a window; {until_…} alone: back from a time; {page}, {offset},
    {cursor}: as in Call; none: one answer. {symbol}, or what `asks` names, is the contract.
    """

    url: str
    parse: Callable[[Row], Settlement | None]
    rows: str | Callable[[Any], list[Row]] = ""
    body: Row | None = None
    # contract, tables → placeholders, or None where this contract has no history; not given: {"symbol": contract.symbol}
    asks: Callable[[Any, Tables], Row | None] | None = None
    page_size: int = 0
    cursor: str = ""
    span_hours: float = 0  # longest window the venue answers; 0 = page_size intervals
    days: float = 0  # how far back it goes, where the venue says so
    weight: float = 1
    budget: Budget | None = None  # a stricter one of its own


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything the engine knows about a venue."""

    title: str
    kind: str  # "cex" or "dex"
    budget: Budget
    calls: tuple[Call, ...]
    parse: Callable[[Row, Tables], Rate | None]  # None = not one of ours (a spot row, a dated future, delisted)
    answer: Answer = Answer()
    rate_kind: str = "predicted"
    interval_hours: float | None = None  # the documented constant, used where parse gives none
    on_grid: bool = False  # no next time in the answer; paid at whole multiples of the interval, UTC
    history: History | None = None

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that is asked for current rates; one budget each."""
        return frozenset(host for call in self.calls for host in _hosts(call))


def _hosts(call: Call) -> Iterator[str]:
    host = urlsplit(call.url).netloc
    if PLACEHOLDER.fullmatch(host) and isinstance(call.each, tuple):
        yield from call.each
    else:
        yield host


class Table(dict[Any, Row]):
    """key → row, and whether a missing key proves that the venue does not list it."""

    def __init__(self, rows: Mapping[Any, Row] | Iterable[tuple[Any, Row]] = (), *, complete: bool = False) -> None:
        super().__init__(rows)
        self.complete = complete


# What adapters use beside the dataclasses


def find(table: Mapping[Any, Row], key: Any) -> Row | None:
    """The row; None where the list is complete and lacks it (not listed); {} where it is empty or partial (unknown)."""
    row = table.get(key)
    if row is None and not getattr(table, "complete", False):
        return {}
    return row


def columns(names: Mapping[int, str], path: str = "") -> Callable[[Any], list[Row]]:
    """A `rows` function for positional rows: index → name. A row too short for a position gives None there."""

    def rows(body: Any) -> list[Row]:
        return [_named(row, names) for row in at(body, path)]

    return rows


def _named(row: Any, names: Mapping[int, str]) -> Row:
    if not isinstance(row, list):
        raise TypeError(f"a row is not an array: {row!r:.60}")
    return {name: row[index] if index < len(row) else None for index, name in names.items()}


def keyed(name: str, path: str = "") -> Callable[[Any], list[Row]]:
    """A `rows` function for an object of objects whose key is the only name: the key is put in the row under `name`."""

    def rows(body: Any) -> list[Row]:
        return [{**row, name: key} for key, row in at(body, path).items()]

    return rows


def split_quote(symbol: str, quotes: Mapping[str, str]) -> tuple[str, str]:
    """ "BTCUSDT" → ("BTC", "USDT") by the first ending of `quotes` (ending → quote) that fits. For where no list gives the parts."""
    for ending, quote in quotes.items():
        if symbol.endswith(ending) and symbol != ending:
            return symbol.removesuffix(ending), quote
    raise BadRow("neither a list nor the symbol tells base and quote")


def in_batches(items: Iterable[Any], size: int) -> list[str]:
    """Items as comma lists of at most `size`."""
    texts = [str(item) for item in items]
    return [",".join(texts[start : start + size]) for start in range(0, len(texts), size)]


def at(body: Any, path: str) -> Any:
    """What stands at "a.b.0" in a body; steps may be list positions. Raises KeyError, IndexError or TypeError with the step."""
    for step in path.split(".") if path else ():
        body = body[int(step)] if isinstance(body, list) else _step(body, step)
    return body


def _step(body: Any, step: str) -> Any:
    if not isinstance(body, dict):
        raise TypeError(f"{step!r} asked of {type(body).__name__}")
    return body[step]


# Loading


@cache
def load() -> dict[str, Exchange]:
    """Every exchange by its id, in the order of the ids. Raises ValueError for a declaration that breaks the contract."""
    from funding import exchanges

    found = {}
    for module in pkgutil.iter_modules(exchanges.__path__):
        if not module.name.startswith("_"):
            name = module.name.replace("_", "-")
            found[name] = importlib.import_module(f"{exchanges.__name__}.{module.name}").EXCHANGE
            check(name, found[name])
    return dict(sorted(found.items()))


def check(name: str, exchange: Exchange) -> None:
    """The contract's rules, so that a slip is found at start and by the tests, not at three in the morning."""
    for problem in _problems(exchange):
        raise ValueError(f"funding/exchanges/{name.replace('-', '_')}.py: {problem}")


def _problems(exchange: Exchange) -> Iterator[str]:
    names = [call.name for call in exchange.calls]
    if names.count("rates") != 1 or len(set(names)) != len(names):
        yield f"call names must be unique with exactly one 'rates': {', '.join(names)}"
    if exchange.kind not in ("cex", "dex"):
        yield f"kind is cex or dex, not {exchange.kind!r}"
    if exchange.rate_kind not in RATE_KINDS:
        yield f"rate_kind is one of {', '.join(RATE_KINDS)}, not {exchange.rate_kind!r}"
    if exchange.on_grid and exchange.interval_hours is None:
        yield "on_grid needs interval_hours"
    for call in exchange.calls:
        yield from (f"call {call.name!r}: {problem}" for problem in _call_problems(call))


def _call_problems(call: Call) -> Iterator[str]:
    words = placeholders(call)
    items = words - set(RESERVED)
    if call.name not in TABLE_NAMES:
        yield f"is not one of the names of tables: {', '.join(TABLE_NAMES)}"
    if not call.url.startswith("https://"):
        yield f"the URL is not https: {call.url}"
    if call.key is None and call.name != "rates":
        yield "needs a key"
    if callable(call.each) and not (call.about or call.at_most):
        yield "says by neither `about` nor `at_most` how many items a table gives"
    if len(items) != (1 if call.each else 0):
        yield f"needs exactly one placeholder for `each`, and none without it: {sorted(items)}"
    if ("cursor" in words) != bool(call.cursor):
        yield "{cursor} and `cursor` go together"
    if bool(words & {"page", "offset"}) != bool(call.page_size):
        yield "{page} or {offset} and `page_size` go together"


def placeholders(call: Call | History) -> set[str]:
    """The words in braces, in the URL and in the values of the body."""
    return set(PLACEHOLDER.findall(call.url)) | set(PLACEHOLDER.findall(repr(call.body)))
