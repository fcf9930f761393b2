"""What is wrong with the installation, as it is said: what, since when, how bad, what to run next."""

from typing import Any

import pytest

from funding.alerts.alert import as_text
from funding.alerts.judge import judge, judge_happenings
from funding.alerts.machine import Backups, Disk, Door, Facts, happenings, judge_machine, looked_at
from funding.store.outbox import Standing
from tests.alerts.given import NOW

GB = 1_000_000_000
WELL: dict[str, Any] = {"now": NOW, "interval_seconds": 300, "watched": 10_000.0, "data_age": 20.0, "process": 12}


def facts(**other: Any) -> Facts:
    return Facts(**WELL | other)


def exchange(name: str = "okx", **other: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "id": name, "frozen": False, "last_success_at": NOW - 60, "consecutive_failures": 0, "last_error_kind": None,
        "last_error": None, "skipped": {}, "notices": [], "contracts": 300,
    }  # fmt: skip
    return given | other


def failing(name: str = "okx", **other: Any) -> dict[str, Any]:
    given = {"consecutive_failures": 3, "last_error_kind": "timeout", "last_error": "no answer within 20 s"}
    return exchange(name, **given | other)


def said(found: Facts, standings: dict[str, Standing] | None = None) -> list[str]:
    """The whole text of every alert, were each of them to be said at the first look."""
    areas = judge_machine(found, standings or {})
    once = [finding for area in areas.values() for finding in area or ()]
    looks = [type(one)(**{name: getattr(one, name) for name in one.__slots__} | {"looks": 1}) for one in once]
    return [as_text(one) for one in judge({}, looks, looked_at(areas), found.now).alerts]


def test_nothing_is_said_while_all_is_well() -> None:
    assert said(facts(
        exchanges=[exchange()], disk=Disk(8 * GB, 20 * GB), wal_bytes=64 << 20, memory_free=0.4, clock_error=0.3,
        backups=Backups("b", NOW - 3600), door=Door("https://x", None, NOW + 60 * 86_400), failed_pings=0,
    )) == []  # fmt: skip
    assert said(Facts(now=NOW, interval_seconds=300, watched=5.0)) == []


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (facts(gone=15.0, data_age=75.0),
         "🔴 the collector is not running\nprocess 12 is gone\nthe newest rates came in 1 min 15 s ago\n"
         "journalctl -u funding-collector -n 50"),
        (facts(data_age=460.0),
         "🔴 no new rates for 7 min 40 s\nsince 14:05 UTC, due every 5 min\nprocess 12 runs, and hangs\n"
         "journalctl -u funding-collector -n 50"),
        (facts(data_age=None, process=None, watched=460.0),
         "🔴 no rates yet\nsince 14:05 UTC, due every 5 min\njournalctl -u funding-collector -n 50"),
        (facts(restarts=4),
         "🔴 the collector has started 4 times in 10 min\nit ends soon after each start\n"
         "journalctl -u funding-collector -n 50"),
        (facts(exchanges=[failing(), exchange("xt")]),
         "🔴 okx fails: timeout\nno answer within 20 s\nlast good run 14:12 UTC, 1 min ago; 3 failed since\n"
         "funding try okx"),
        (facts(exchanges=[failing(consecutive_failures=1, last_error_kind="blocked", last_error="451: not here")]),
         "🔴 okx blocks this server\n451: not here\nlast good run 14:12 UTC, 1 min ago; 1 failed since\nfunding try okx"),
        (facts(exchanges=[failing(consecutive_failures=1, last_error_kind="banned", last_error="418")]),
         "🔴 okx has banned this server\n418\nlast good run 14:12 UTC, 1 min ago; 1 failed since\nfunding try okx"),
        (facts(exchanges=[failing(last_error_kind="shape", last_error="rates: no field data")]),
         "🔴 okx has changed its answers\nrates: no field data\nlast good run 14:12 UTC, 1 min ago; 3 failed since\n"
         "funding try okx"),
        (facts(exchanges=[failing(last_success_at=None)]),
         "🔴 okx fails: timeout\nno answer within 20 s\nnever a good run; 3 failed since\nfunding try okx"),
        (facts(exchanges=[exchange(last_success_at=NOW - 901)]),
         "🔴 okx does not come to an end\nlast good run 13:58 UTC, 15 min 1 s ago; 0 failed since\nfunding try okx"),
        (facts(exchanges=[exchange(frozen=True)]),
         "🔴 okx gives old figures only\nlast good run 14:12 UTC, 1 min ago; 0 failed since\nfunding try okx"),
        (facts(exchanges=[exchange(skipped={"no rate": 40, "no time": 3}, contracts=300)]),
         "🔴 okx: 43 rows unreadable\nmostly: no rate\n300 are read\nit may have changed its answers\nfunding try okx"),
        (facts(exchanges=[exchange(notices=["12 rates, the last good run had 300"])]),
         "🔴 okx gives fewer rates\n12 rates, the last good run had 300\nthe others keep their last figures\n"
         "it may have changed its answers\nfunding try okx"),
        (facts(disk=Disk(1.2 * GB, 20 * GB)),
         "🔴 the disk has 1.2 GB left\n6% of 20 GB\ndf -h && funding db"),
        (facts(disk=Disk(9 * GB, 20 * GB, read_only=True)),
         "🔴 the disk can only be read\nnothing is stored any more\ndf -h && funding db"),
        (facts(wal_bytes=300_000_000),
         "🔴 the database's WAL is 300 MB\na reader that never ends keeps it from being emptied\nfunding db"),
        (facts(memory_free=0.05),
         "🔴 5% of the memory is left\nthe system ends a process when there is none\nps aux --sort=-rss | head"),
        (facts(clock_error=-95.0),
         "🔴 this machine's clock is 1 min 35 s behind\nages and times of funding are wrong by as much\ntimedatectl"),
        (facts(backups=Backups("/var/backups/funding", NOW - 4 * 3600)),
         "🔴 the newest backup is 4 h old\nmade 10:13 UTC, one is due every hour\n"
         "systemctl status funding-backup.timer; journalctl -u funding-backup -n 20"),
        (facts(backups=Backups("/var/backups/funding", None), watched=10_801.0),
         "🔴 there is no backup yet\nnothing in /var/backups/funding\n"
         "systemctl status funding-backup.timer; journalctl -u funding-backup -n 20"),
        (facts(door=Door("https://x.org", "tls: x.org: its certificate is not accepted: expired")),
         "🔴 the API cannot be reached from outside\ntls: x.org: its certificate is not accepted: expired\n"
         "curl -i https://x.org/livez"),
        (facts(door=Door("https://x.org", None, NOW + 5 * 86_400 + 3600)),
         "🔴 the certificate of x.org ends in 5 d 1 h\n26 Sep 15:13 UTC; it should have been renewed by now\n"
         "journalctl -u caddy -u nginx -n 50"),
        (facts(failed_pings=5),
         "🔴 the dead-man URL does not answer\n5 tries in a row; who waits there will think that this machine is dead\n"
         "journalctl -u funding-watch -n 20"),
        (facts(faults={"rules": "KeyError: 'x'"}),
         "🔴 a fault of the watch itself: rules\nKeyError: 'x'\nthe rest goes on\njournalctl -u funding-watch -n 50"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(found: Facts, text: str) -> None:
    assert said(found) == [text]


@pytest.mark.parametrize(
    "found",
    [
        facts(gone=14.0), facts(data_age=459.0), facts(restarts=2),
        facts(exchanges=[failing(consecutive_failures=2)]), facts(exchanges=[exchange(last_success_at=NOW - 900)]),
        facts(exchanges=[exchange(last_success_at=None)]), facts(exchanges=[exchange(skipped={"no rate": 2}, contracts=3)]),
        facts(exchanges=[exchange(skipped={"no rate": 20}, contracts=300)]),
        facts(disk=Disk(2.1 * GB, 20 * GB)), facts(disk=Disk(11 * GB, 1000 * GB)), facts(disk=Disk(0.6 * GB, 2 * GB)),
        facts(wal_bytes=256 << 20), facts(memory_free=0.08), facts(clock_error=5.0),
        facts(backups=Backups("b", NOW - 3 * 3600)), facts(backups=Backups("b", None)),
        facts(door=Door("https://x", None, NOW + 14 * 86_400)), facts(failed_pings=4),
    ],
)  # fmt: skip
def test_what_is_not_bad_enough_is_not_said(found: Facts) -> None:
    assert said(found) == []


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("disk", facts(disk=Disk(2.1 * GB, 20 * GB))),
        ("wal", facts(wal_bytes=200 << 20)),
        ("memory", facts(memory_free=0.1)),
        ("clock", facts(clock_error=-3.0)),
    ],
)
def test_what_is_measured_is_over_only_well_behind_its_limit(key: str, found: Facts) -> None:
    assert said(found) == []
    assert len(said(found, {key: Standing(key, NOW - 60)})) == 1


def test_a_collector_that_is_dead_is_not_the_fault_of_each_exchange() -> None:
    old = [exchange(name, last_success_at=NOW - 2000) for name in ("okx", "xt")]
    areas = judge_machine(facts(gone=60.0, exchanges=old), {})
    assert (areas["exchange"], areas["exchanges"]) == (None, None)
    assert not looked_at(areas)("exchange:okx")


def test_many_exchanges_that_fail_at_once_are_one_message_and_each_stays_as_it_stood() -> None:
    names = ("a", "b", "c", "d", "e")
    found = facts(exchanges=[*(failing(name, last_error_kind="dns", last_error="a.com: no name") for name in names[:4]),
                             failing("e"), exchange("f"), exchange("g")])  # fmt: skip
    assert said(found) == [
        "🔴 5 of 7 exchanges fail: dns 4, timeout 1\none says: a.com: no name\n"
        "so many at once: rather this machine's network or DNS\nfunding try okx"
    ]
    assert not looked_at(judge_machine(found, {}))("exchange:a")


def test_facts_that_are_missing_judge_nothing() -> None:
    areas = judge_machine(Facts(now=NOW, interval_seconds=300, watched=5.0), {})
    assert [area for area, found in areas.items() if found is not None] == ["collector", "restarts", "watch"]


def event(kind: str, text: str) -> dict[str, Any]:
    return {"id": 1, "at": NOW - 30, "kind": kind, "text": text}


def test_events_are_messages_the_bad_ones_with_what_to_run() -> None:
    events = [
        event("deploy", "deploy of abc1234 complete"),
        event("deploy", "deploy of abc1234 failed: probe; def5678 serves"),
        event("rollback", "rollback of def5678 complete"),
        event("crash", "funding-collector.service ended: signal (killed KILL)"),
        event("rescue", "the database was damaged: restored from x"),
    ]
    alerts = judge_happenings({}, happenings(events), NOW).alerts
    assert [as_text(one).replace("\nat 14:12 UTC", "") for one in alerts] == [
        "🔵 deploy of abc1234 complete",
        "🟠 deploy of abc1234 failed: probe; def5678 serves\nfunding event",
        "🔵 rollback of def5678 complete",
        "🟠 funding-collector.service ended: signal (killed KILL)\njournalctl -u funding-collector.service -n 50",
        "🟠 the database was damaged: restored from x\nfunding event",
    ]
