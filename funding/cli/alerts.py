"""`funding alerts`: sends a sample, lists what stands and what was sent, tries rules on the past, mutes."""

import json
import sqlite3
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from funding.alerts.alert import MARKS, Alert, as_text, clock, span
from funding.alerts.delivery import DeliveryError
from funding.alerts.judge import Verdict, judge_happenings
from funding.alerts.market import Contract, Snapshot, happenings
from funding.alerts.rules import CHANGES, Row, Rule
from funding.alerts.snapshots import replay, snapshot_now
from funding.alerts.watch import STALE_CYCLES, judge_levels
from funding.analysis.fees import Fees
from funding.cli import alerting, console, exits
from funding.cli.options import add_json, add_settings, moment, settings
from funding.config import Config, near
from funding.errors import NotFoundError, SettingError
from funding.store.migrate import check_writable
from funding.store.open import reader, writer
from funding.store.outbox import Standing, mute, newest_letters, select_standings

MOST_LETTERS = 20
UNITS = {"m": 60, "h": 3600, "d": 86_400}
STANDING = (
    console.Column("KEY", lambda row: row["key"]),
    console.Column("SINCE", lambda row: _time(row["bad_since"])),
    console.Column("TOLD", lambda row: "yes" if row["announced"] else "no"),
    console.Column("MUTED UNTIL", lambda row: _time(row["muted_until"])),
    console.Column("", lambda row: row["title"] or "", cut=True),
)
LETTERS = (
    console.Column("AT", lambda row: _time(row["at"])),
    console.Column("TO", lambda row: f"{row['channel']} {row['recipient']}"),
    console.Column("", lambda row: f"{MARKS[row['alert']['kind']]} {row['alert']['title']}", cut=True),
    console.Column("CAME TO", lambda row: _came_to(row)),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "test: sends a labelled sample to everybody and says what came of it. list: what is wrong now, what is muted, the"
        " newest messages. check: whether the settings and rules are usable, and what the rules would say now; with"
        " --since, what they would have said since then. mute, unmute: a key of `list`, or the beginning of some:"
        " exchange:okx, disk, rule:caps."
    )
    parser.add_argument("what", choices=("test", "list", "check", "mute", "unmute"))
    parser.add_argument("key", metavar="KEY", nargs="?", help="mute, unmute: what about.")
    parser.add_argument("--for", dest="span", metavar="TIME", default="8h", help="mute: 30m, 8h, 3d (8h).")
    parser.add_argument("--since", metavar="TIME", help="check: 24h, 7d, or a time: replays the rules from then on.")
    parser.add_argument("--rule", metavar="NAME", help="check: this one alone.")
    add_json(parser, "list: a JSON object; check: one JSON object per line")
    add_settings(parser, "database", "interval_seconds", "telegram_chat_id", "telegram_url")


def run(args: Namespace) -> int:
    config = settings(args)
    if args.what == "test":
        return _test(config)
    if args.what == "list":
        return _list(config, args.json)
    if args.what == "check":
        return _check(config, args)
    return _mute(config, args)


def _test(config: Config) -> int:
    alerting.check(config)
    if not config.tells_somebody:
        console.say(alerting.OFF)
        return exits.FAILED
    sample = Alert(
        key="sample",
        kind="sample",
        title="A sample of Funding Finder's alerts",
        lines=("sent by `funding alerts test`", "a real one says here since when, and the figures"),
        command="funding alerts list",
        at=int(time.time()),
    )
    failed = False
    with alerting.outside() as (outside, _):
        told = alerting.channels(config, outside)
        for channel, recipient in told.recipients:
            try:
                sent = told.by_name[channel].send(sample, recipient)
                number = "" if sent.message_id is None else f", message {sent.message_id}"
                moved = "" if sent.recipient in (None, recipient) else f"; the chat is {sent.recipient} now"
                console.say(f"{channel} to {recipient}: sent{number}{moved}")
            except DeliveryError as error:
                failed = True
                console.say(f"{channel} to {recipient}: not sent: {error}")
    return exits.FAILED if failed else exits.OK


def _list(config: Config, as_json: bool) -> int:
    now = int(time.time())
    with closing(reader(config.database)) as conn:
        stand = [_as_row(one) for one in select_standings(conn).values() if _matters(one, now)]
        letters = [_letter(row) for row in newest_letters(conn, MOST_LETTERS)][::-1]
    if as_json:
        console.print_lines([{"standing": stand, "letters": letters}])
        return exits.OK
    if stand:
        console.print_table(STANDING, stand)
    else:
        print("nothing is wrong")
    if letters:
        print()
        console.print_table(LETTERS, letters)
    return exits.OK


def _matters(one: Standing, now: int) -> bool:
    return one.bad_since is not None or (one.muted_until is not None and one.muted_until > now)


def _as_row(one: Standing) -> dict[str, Any]:
    names = ("key", "bad_since", "announced", "muted_until", "title")
    return {name: getattr(one, name) for name in names}


def _letter(row: sqlite3.Row) -> dict[str, Any]:
    names = ("channel", "recipient", "done_at", "error", "message_id", "due_at")
    return {"at": row["created_at"], "alert": json.loads(row["alert"]), **{name: row[name] for name in names}}


def _came_to(row: Row) -> str:
    if row["done_at"] is None:
        return "waits" + (f": {row['error']}" if row["error"] else "")
    return f"given up: {row['error']}" if row["error"] else "sent"


def _mute(config: Config, args: Namespace) -> int:
    if not args.key:
        raise SettingError(f"alerts {args.what} takes a KEY; funding alerts list shows them")
    seconds = _span("--for", args.span)
    if not config.database.exists():
        raise NotFoundError(f"{config.database}: there is no database")
    until = int(time.time()) + seconds if args.what == "mute" else None
    with closing(writer(config.database, synchronous="FULL")) as conn:
        check_writable(conn)
        mute(conn, args.key, until)
    console.say(f"{args.key}: nothing is said until {_time(until)} UTC" if until else f"{args.key}: no longer muted")
    return exits.OK


# Trying rules


def _check(config: Config, args: Namespace) -> int:
    rules = _chosen(alerting.rules_of(config), args.rule)
    console.say(alerting.standing(config))
    now = int(time.time())
    start = None if args.since is None else _since(args.since, now)
    with closing(reader(config.database)) as conn:
        alerts = _now(conn, rules, config, now) if start is None else _past(conn, rules, config, start, now)
        count = 0
        for alert in alerts:
            count += 1
            if args.json:
                console.print_lines([alert.to_json()])
            else:
                print(f"{clock(alert.at, now)}\n{_indented(alert)}\n")
    over = "now" if start is None else f"in {span(now - start)}"
    console.say(f"{count} message{'' if count == 1 else 's'} {over}, of {len(rules)} rules; nothing was sent")
    return exits.OK


def _indented(alert: Alert) -> str:
    return "\n".join(f"  {console.plain(line)}" for line in as_text(alert).split("\n"))


def _chosen(rules: Sequence[Rule], name: str | None) -> Sequence[Rule]:
    if name is None:
        return rules
    found = [rule for rule in rules if rule.name == name]
    if not found:
        raise SettingError(f"{name} is not a rule of the settings{near(name, [rule.name for rule in rules])}")
    return found


def _now(conn: sqlite3.Connection, rules: Sequence[Rule], config: Config, now: int) -> Iterator[Alert]:
    """What lasts, as if nothing had been said yet and every rule looked once."""
    snapshot = snapshot_now(conn, now, STALE_CYCLES * config.interval_seconds)
    yield from judge_levels([replace(rule, snapshots=1) for rule in rules], snapshot, {}, _fees(config)).alerts


def _past(conn: sqlite3.Connection, rules: Sequence[Rule], config: Config, start: int, now: int) -> Iterator[Alert]:
    """What a watch would have said, cycle by cycle. Volumes and open interest are those of now: they are not kept."""
    step, threshold = config.interval_seconds, STALE_CYCLES * config.interval_seconds
    standings: dict[str, Standing] = {}
    before: Mapping[Contract, Row] = {}
    changes, fees = [rule for rule in rules if rule.what in CHANGES], _fees(config)
    for snapshot in replay(conn, start, now, step, threshold, lambda row: any(rule.means(row) for rule in rules)):
        for verdict in (
            judge_levels(rules, snapshot, standings, fees),
            _happened(changes, before, snapshot, standings),
        ):
            standings |= {one.key: one for one in verdict.standings}
            yield from verdict.alerts
        before = snapshot.listed() if changes else {}


def _happened(
    rules: Sequence[Rule], before: Mapping[Contract, Row], snapshot: Snapshot, standings: Mapping[str, Standing]
) -> Verdict:
    return judge_happenings(standings, happenings(rules, before, snapshot), snapshot.now)


def _fees(config: Config) -> Fees:
    return Fees(dict(config.fees))


def _since(text: str, now: int) -> int:
    start = now - _span("--since", text) if text[-1:] in UNITS else int(moment("--since", text))
    if start >= now:
        raise SettingError(f"--since {text}: that is in the future")
    return start


def _span(flag: str, text: str) -> int:
    if not text[:-1].isdecimal() or text[-1:] not in UNITS or not 0 < int(text[:-1]) < 10_000:
        raise SettingError(f"{flag} is a number with m, h or d, such as 8h, not {text!r:.40}")
    return int(text[:-1]) * UNITS[text[-1]]


def _time(seconds: int | None) -> str:
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
