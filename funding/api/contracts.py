"""Which contracts a request is about: what exchange=, symbol=, base= and the like mean."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from funding.analysis.current import HOURS_A_YEAR, STORED, rate_pct
from funding.analysis.search import searcher
from funding.api.problems import bad_parameters, did_you_mean, parameter_error
from funding.assets import canonical

Stored = tuple[Any, ...]  # the values of STORED

names_of = itemgetter(*map(STORED.index, ("asset", "symbol", "exchange")))
rate_of = itemgetter(*map(STORED.index, ("funding_rate", "funding_interval_hours")))


def on_exchanges(values: Mapping[str, Any], known: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Exchanges and symbols that exchange= and symbol= ask the store for. `known`: the exchanges that are collected here.

    Raises ProblemError (400) for others, and for a contract on an exchange that is left out.
    """
    exchanges: tuple[str, ...] = values["exchange"]
    check_exchanges(exchanges, known)
    if values["symbol"] is None:
        return exchanges, ()
    return _one_contract(values["symbol"], exchanges, known)


def check_exchanges(asked: Iterable[str], known: Collection[str], parameter: str = "exchange") -> None:
    """Raises ProblemError (400) that names those that are not collected here."""
    unknown = [
        parameter_error(parameter, f"{one} is not an exchange collected here{did_you_mean(one, known)}", one)
        for one in asked
        if one not in known
    ]
    if unknown:
        raise bad_parameters(unknown)


def asset_spellings(bases: Sequence[str]) -> tuple[str, ...]:
    """The assets that are meant; as typed too, since what the table of assets does not list keeps the venue's case."""
    return tuple(dict.fromkeys(spelling for base in bases for spelling in (canonical(base), base)))


def quote_spellings(quotes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spelling for quote in quotes for spelling in (quote, quote.upper())))


def matching(rows: Iterable[Stored], values: Mapping[str, Any]) -> Iterable[Stored]:
    """The rows that search= and min_annualized= ask for; one without a yearly rate does not reach any."""
    if values["search"] is not None:
        finds = searcher(values["search"])
        rows = (row for row in rows if finds(names_of(row)))
    least = values["min_annualized"]
    return (row for row in rows if _reaches(least, *rate_of(row))) if least else rows


def _reaches(least: float, rate: float, hours: float | None) -> bool:
    yearly = rate_pct(rate, hours, HOURS_A_YEAR)
    return yearly is not None and abs(yearly) >= least


def _one_contract(
    text: str, exchanges: tuple[str, ...], known: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`exchange:symbol` splits at the first colon; a symbol may hold colons itself, so the exchange must be one."""
    exchange, colon, symbol = text.partition(":")
    if not colon or exchange not in known:
        return exchanges, (text,)
    if exchanges and exchange not in exchanges:
        raise bad_parameters([parameter_error("symbol", f"is on {exchange}, which exchange= leaves out", text)])
    return (exchange,), (symbol,)
