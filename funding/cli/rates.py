"""`funding rates`: the stored rates as they stand now."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from sqlite3 import Connection
from typing import Any

from funding.analysis.current import FIELDS, Row, current
from funding.assets import canonical
from funding.cli import console, exits
from funding.cli.options import add_json, add_settings, comma_list, settings
from funding.cli.show import print_rates
from funding.config import near
from funding.errors import NotFoundError, SettingError
from funding.rate import KINDS
from funding.store.exchanges import select_exchanges
from funding.store.open import reader
from funding.store.rates import select_current
from funding.store.runs import newest_run


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "LIST: comma separated."
    parser.add_argument(
        "assets", metavar="ASSET", nargs="*", help="Only these, as BTC; XBT and 1000PEPE are understood."
    )
    parser.add_argument("--exchange", type=comma_list, default=(), metavar="LIST", help="Only these exchanges.")
    parser.add_argument("--quote", type=comma_list, default=(), metavar="LIST", help="Only contracts quoted in these.")
    parser.add_argument(
        "--symbol", type=comma_list, default=(), metavar="LIST", help="Only the exchanges' own symbols."
    )
    parser.add_argument("--kind", choices=KINDS, help="Only contracts of this kind.")
    parser.add_argument("--min-volume", type=float, metavar="USD", help="Least volume in 24 hours.")
    parser.add_argument("--min-open-interest", type=float, metavar="USD", help="Least open interest, one side.")
    parser.add_argument("--sort", metavar="FIELD", help="A field of --json; --sort=-FIELD is from the greatest down.")
    parser.add_argument("--limit", type=int, metavar="N", help="At most so many rows.")
    add_json(parser, "A JSON array, with every field,")
    add_settings(parser, "database", "interval_seconds")


def run(args: Namespace) -> int:
    config, now = settings(args), int(time.time())
    _check(args)
    with closing(reader(config.database)) as conn:
        if newest_run(conn) is None:
            raise NotFoundError(f"{config.database}: nothing has been collected yet")
        _check_exchanges(args.exchange, {row["id"] for row in select_exchanges(conn)})
        rows = _rows(conn, args, now, 3 * config.interval_seconds)
        return _show(args, _first(_sorted(rows, args.sort), args.limit), now)


def _check(args: Namespace) -> None:
    field = (args.sort or "").removeprefix("-")
    if field and field not in FIELDS:
        raise SettingError(f"--sort: {field} is not a field{near(field, FIELDS)}")
    if args.limit is not None and args.limit < 1:
        raise SettingError(f"--limit is at least 1, not {args.limit}")


def _check_exchanges(asked: Iterable[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            raise SettingError(f"--exchange: {name} is not collected here{near(name, known)}")


def _rows(conn: Connection, args: Namespace, now: int, threshold: int) -> Iterator[Row]:
    stored = select_current(
        conn,
        exchanges=args.exchange,
        assets=tuple({spelling for asset in args.assets for spelling in (canonical(asset), asset)}),
        quotes=tuple({spelling for quote in args.quote for spelling in (quote, quote.upper())}),
        symbols=args.symbol,
        kind=args.kind,
        min_volume_usd=args.min_volume,
        min_open_interest_usd=args.min_open_interest,
    )
    for row in stored:
        yield current(dict(zip(row.keys(), row, strict=True)), now, threshold)


def _sorted(rows: Iterable[Row], sort: str | None) -> Iterable[Row]:
    """What is unknown comes last, whichever way it is sorted."""
    if sort is None:
        return rows
    field = sort.removeprefix("-")
    listed = list(rows)
    known: list[Any] = [row for row in listed if row[field] is not None]
    return sorted(known, key=lambda row: row[field], reverse=sort.startswith("-")) + [
        r for r in listed if r[field] is None
    ]


def _first(rows: Iterable[Row], limit: int | None) -> list[Row]:
    return [row for _, row in zip(range(limit), rows, strict=False)] if limit else list(rows)


def _show(args: Namespace, rows: list[Row], now: int) -> int:
    if args.json:
        console.print_list(rows)
    elif rows:
        print_rates(rows, now)
    stale = sum(row["stale"] for row in rows)
    if stale:
        console.say(f"{stale} of {len(rows)} rows are stale (!)")
    if not rows:
        raise NotFoundError("no contract is like that, or no exchange of it has had a good run yet")
    return exits.OK
