"""`funding history`: what the contracts of one asset charged, or what they quoted, from the local database."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from sqlite3 import Connection
from typing import Any

from funding.analysis.history import RESOLUTIONS, SERIES, Observed, Settled, shape
from funding.api.formats import csv_rows
from funding.assets import canonical
from funding.cli import console, exits
from funding.cli.options import add_json, add_settings, comma_list, moment, settings
from funding.config import near
from funding.errors import NotFoundError, SettingError
from funding.store.contracts import select_contracts
from funding.store.observations import select_observations
from funding.store.open import reader
from funding.store.settlements import select_settlements

DEFAULT_DAYS = 7
DAY = 86_400

Column = console.Column
Points = Iterator[Settled | Observed]


def _named(name: str) -> Callable[[console.Row], Any]:
    return lambda row: row[name]


def _time(name: str) -> Callable[[console.Row], str]:
    return lambda row: console.moment(row[name])


def _percent(name: str, digits: int) -> Callable[[console.Row], str]:
    return lambda row: console.percent(row[name], digits)


# What a table shows of the columns of a series; the others say the same in another unit
SHOWN = {
    "exchange": Column("EXCHANGE", _named("exchange")),
    "symbol": Column("SYMBOL", _named("symbol"), cut=True),
    "start_time": Column("FROM", _time("start_time")),
    "funding_time": Column("CHARGED AT", _time("funding_time")),
    "settlements": Column("TIMES", lambda row: str(row["settlements"]), number=True),
    "observations": Column("TIMES", lambda row: str(row["observations"]), number=True),
    "observed_at": Column("QUOTED AT", _time("observed_at")),
    "funding_rate_pct": Column("RATE", _percent("funding_rate_pct", 4), number=True, signed=True),
    "funding_rate_sum_pct": Column("SUM", _percent("funding_rate_sum_pct", 4), number=True, signed=True),
    "funding_interval_hours": Column("EVERY", lambda row: console.hours(row["funding_interval_hours"]), number=True),
    "annualized_pct": Column("A YEAR", _percent("annualized_pct", 2), number=True, signed=True),
    "mark_price": Column("MARK", lambda row: console.price(row["mark_price"]), number=True),
    "next_funding_time": Column("FOR", _time("next_funding_time")),
    "source": Column("KNOWN FROM", _named("source")),
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "LIST: comma separated. TIME: Unix seconds, milliseconds or ISO 8601, UTC."
    parser.add_argument("asset", metavar="ASSET", help="As BTC; XBT and 1000PEPE are understood.")
    parser.add_argument("--observed", action="store_true", help="What was quoted, instead of what was charged.")
    parser.add_argument("--since", metavar="TIME", help=f"From this time on. [{DEFAULT_DAYS} days ago]")
    parser.add_argument("--until", metavar="TIME", help="Until before this time. [now]")
    parser.add_argument("--exchange", type=comma_list, default=(), metavar="LIST", help="Only these exchanges.")
    parser.add_argument(
        "--symbol", type=comma_list, default=(), metavar="LIST", help="Only the exchanges' own symbols."
    )
    parser.add_argument(
        "--resolution", choices=RESOLUTIONS, default="raw", help="A row a point, or their sum or last in so long. [raw]"
    )
    parser.add_argument("--csv", action="store_true", help="CSV, with every field, instead of a table.")
    add_json(parser, "A JSON array, with every field,")
    add_settings(parser, "database")


def run(args: Namespace) -> int:
    if args.csv and args.json:
        raise SettingError("--csv or --json, not both")
    start, end = _span(args, int(time.time()))
    series, seconds = SERIES["observed" if args.observed else "settled"], RESOLUTIONS[args.resolution]
    columns = series.columns if seconds is None else series.bucket_columns
    points = _observed if args.observed else _settled
    with closing(reader(settings(args).database)) as conn:
        rows = [
            shaped.cells
            for one in _contracts(conn, args)
            for shaped in shape(
                series, (one["exchange"], one["symbol"]), points(conn, one["contract_id"], start, end), seconds
            )
        ]
    if args.csv:
        sys.stdout.write(b"".join(csv_rows(columns, rows)).decode())
    else:
        _print(args, columns, rows)
    if not rows:
        raise NotFoundError(f"nothing {'quoted' if args.observed else 'charged'} is stored for that span")
    return exits.OK


def _print(args: Namespace, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    if args.json:
        console.print_list(named)
    elif named:
        console.print_table([SHOWN[name] for name in columns if name in SHOWN], named)


def _span(args: Namespace, now: int) -> tuple[int, int]:
    """Unix seconds, the end excluded. Raises SettingError."""
    end = now + 1 if args.until is None else int(moment("--until", args.until))
    start = now - DEFAULT_DAYS * DAY if args.since is None else int(moment("--since", args.since))
    if start >= end:
        raise SettingError("--since is not before --until" + ("" if args.since else f": it is {DEFAULT_DAYS} days ago"))
    return start, end


def _contracts(conn: Connection, args: Namespace) -> list[Any]:
    """Those that are no longer listed too. Raises NotFoundError with near names where there is none."""
    assets = tuple({canonical(args.asset), args.asset})
    found = list(select_contracts(conn, assets=assets, exchanges=args.exchange, symbols=args.symbol))
    if found:
        return found
    known = {row["asset"] for row in select_contracts(conn)}
    if known.isdisjoint(assets):
        raise NotFoundError(f"no contract of {canonical(args.asset)} was ever collected here{near(args.asset, known)}")
    raise NotFoundError(f"no contract of {canonical(args.asset)} is like that")


def _settled(conn: Connection, contract_id: int, start: int, end: int) -> Points:
    for row in select_settlements(conn, [contract_id], start, end):
        yield Settled(row["funding_time"], row["rate"], row["interval_hours"], row["mark_price"], row["source"])


def _observed(conn: Connection, contract_id: int, start: int, end: int) -> Points:
    for one in select_observations(conn, [contract_id], start, end):
        yield Observed(one.observed_at, one.rate, one.interval_hours, one.next_funding_time)
