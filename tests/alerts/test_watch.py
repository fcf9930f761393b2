"""The watch by a virtual clock: the ways in which a service dies or goes stale, each with an alert within its time.

Real: the database, the sockets, the files, the processes that are looked for. Given: the time, disk and memory.
"""

import datetime
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from funding.alerts.gather import OutsideClock, memory_free
from funding.alerts.machine import Disk
from funding.alerts.rules import Rule
from funding.alerts.telegram import Telegram
from funding.alerts.watch import TICK_SECONDS, Plan, Watch
from funding.fetch import Fetcher
from funding.store.events import save_event
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.observations import save_observations
from funding.store.open import writer
from funding.store.outbox import mute
from funding.store.runs import Contracts, observations_of, save
from tests.alerts.botapi import TOKEN, BotApi
from tests.alerts.given import DATE, SHORT, Time
from tests.servers import Answer, Seen, Server, authority, client_tls, in_turn, server_tls
from tests.store.given import OKX, rate, run

ME = "1001"
INTERVAL = 60
GB = 10**9
NAMES = ("okx", "xt", "gate", "kraken", "bybit", "woo", "mexc")


class Installation:
    """A collector, a watch and a phone. `go` lets time pass: runs come in, the watch looks every other second."""

    def __init__(self, folder: Path, bot: BotApi, now: Time, *, rules: tuple[Rule, ...] = (), **plan: Any) -> None:
        self.now, self.bot, self.path = now, bot, folder / "funding.db"
        self.backups = folder / "backups"
        self.disk = Disk(15 * GB, 20 * GB)
        self.memory = 0.5
        self.collecting = True
        self.broken: dict[str, dict[str, Any]] = {}  # exchange → what is wrong with its runs
        self.silent: set[str] = set()
        self.rates: dict[str, dict[str, Any]] = {}
        self._due = now.timer()
        self._known: dict[str, Contracts] = {}
        self._fetcher = Fetcher(plain=True, limits=SHORT, tls=client_tls())
        self._outside = OutsideClock(self._fetcher.fetch, now.timer)
        self.plan = Plan(
            database=self.path, backups=self.backups, interval_seconds=INTERVAL, rules=rules,
            channels={"telegram": Telegram(self._outside, TOKEN, bot.url)}, recipients=[("telegram", ME)], **plan,
        )  # fmt: skip
        self.conn = writer(self.path)
        migrate(self.conn)
        declare(self.conn, [replace(OKX, id=name, title=name) for name in NAMES])
        self.watch = self.new_watch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.close()
        self._fetcher.close()
        self.conn.close()

    def new_watch(self) -> Watch:
        return Watch(
            self.plan, self._outside, self._fetcher.fetch, clock=self.now.wall, timer=self.now.timer,
            sleep=lambda seconds: None, disk=lambda path: self.disk, memory_free=lambda: self.memory,
        )  # fmt: skip

    def restart_watch(self) -> None:
        self.watch.close()
        self.watch = self.new_watch()

    def go(self, seconds: float) -> None:
        until = self.now.timer() + seconds
        while self.now.timer() < until:
            if self.collecting and self.now.timer() >= self._due:
                self._due += INTERVAL
                self._cycle()
            self.watch.tick()
            self.now.go(TICK_SECONDS)

    def until(self, words: str, within: float) -> str:
        """The text of the message that begins so, which must come within so many seconds."""
        began = self.now.timer()
        while self.now.timer() - began <= within:
            for text in self.bot.texts():
                if text.startswith(words):
                    return text
            self.go(TICK_SECONDS)
        raise AssertionError(f"no {words!r} within {within} s, but {self.bot.texts()}")

    def _cycle(self) -> None:
        outcomes = []
        now = int(self.now.wall())
        for name in NAMES:
            if name not in self.silent:
                made = rate(exchange=name, observed_at=now, **self.rates.get(name, {}))
                given = {"exchange": name, "started_at": now, "took_seconds": 0.5, **self.broken.get(name, {})}
                outcomes.append(run(*(() if "error_kind" in given else (made,)), **given))
                save(self.conn, outcomes[-1], known=self._known, clock=self.now.wall)
        save_observations(self.conn, now, observations_of(outcomes, self._known))


@pytest.fixture
def bot(now: Time) -> Iterator[BotApi]:
    with BotApi(ME, timer=now.timer) as one:
        yield one


Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path, bot: BotApi, now: Time) -> Iterator[Install]:
    with ExitStack() as stack:

        def make(**plan: Any) -> Installation:
            made = stack.enter_context(Installation(tmp_path, bot, now, **plan))
            made.go(130)
            assert bot.texts() == []
            return made

        yield make


def holder(path: Path) -> subprocess.Popen[bytes]:
    """A process that stands for the collector, by its number in the lock file."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(f"{path}.lock").write_text(f"{process.pid}\n")
    return process


# The collector


def test_a_collector_that_was_killed(install: Install) -> None:
    here = install()
    with holder(here.path) as process:
        here.go(4)
        here.collecting = False
        process.kill()
        process.wait(30)
        text = here.until("🔴 the collector is not running", 20)
        assert f"\nprocess {process.pid} is gone\n" in text
    with holder(here.path) as process:
        here.collecting = True
        assert here.until("🟢 rates are coming in again", 130)
        assert here.bot.messages[-1].reply_to == 1
        process.kill()


def test_a_collector_that_hangs(install: Install) -> None:
    here = install()
    Path(f"{here.path}.lock").write_text(f"{os.getpid()}\n")
    here.collecting = False
    text = here.until("🔴 no new rates for 1 min", 1.5 * INTERVAL + 12)
    assert f"process {os.getpid()} runs, and hangs" in text


def test_a_collector_that_never_collected_anything(tmp_path: Path, bot: BotApi, now: Time) -> None:
    with Installation(tmp_path, bot, now) as here:
        here.collecting = False
        here.until("🔴 no rates yet", 1.5 * INTERVAL + 70)


def test_a_collector_that_starts_again_and_again(install: Install) -> None:
    here = install()
    for _ in range(5):
        with holder(here.path) as process:
            here.go(20)
            process.kill()
        here.go(6)
    here.until("🔴 the collector has started ", 2)


# Exchanges

TIMEOUT = {"error_kind": "timeout", "error": "okx.com: no whole answer within 30 s"}


@pytest.mark.parametrize(
    ("broken", "words", "cycles"),
    [
        (TIMEOUT, "🔴 okx fails: timeout\nokx.com: no whole answer within 30 s\nlast good run", 3),
        ({"error_kind": "blocked", "error": "451"}, "🔴 okx blocks this server\n451", 1),
        ({"error_kind": "banned", "error": "418"}, "🔴 okx has banned this server\n418", 1),
        (
            {"error_kind": "shape", "error": "no rates: KeyError"},
            "🔴 okx has changed its answers\nno rates: KeyError",
            3,
        ),
        ({"skipped": {"fundingRate is missing": 7}}, "🔴 okx: 7 rows unreadable\nmostly: fundingRate is missing", 1),
        ({"notices": ("3 rates, the last good run had 250",)}, "🔴 okx gives fewer rates\n3 rates", 1),
    ],
)
def test_an_exchange_that_fails_blocks_or_changes(
    install: Install, broken: dict[str, Any], words: str, cycles: int
) -> None:
    here = install()
    here.broken["okx"] = broken
    here.until(words, cycles * INTERVAL + 64)
    here.broken.clear()
    here.until("🟢 okx ", INTERVAL + 64)
    assert (len(here.bot.messages), here.bot.messages[-1].silent) == (2, True)


def test_an_exchange_whose_run_never_ends(install: Install) -> None:
    here = install()
    here.silent.add("okx")
    here.until("🔴 okx does not come to an end", 3 * INTERVAL + 124)


def test_a_network_that_is_down_is_one_message(install: Install) -> None:
    here = install()
    here.broken = {name: {"error_kind": "dns", "error": f"{name}.com: the name does not resolve"} for name in NAMES}
    here.until("🔴 7 of 7 exchanges fail: dns 7", 3 * INTERVAL + 64)
    here.go(600)
    here.broken = {}
    here.until("🟢 most exchanges give rates again", INTERVAL + 64)
    here.go(600)
    assert len(here.bot.messages) == 2


# The machine


def test_a_disk_that_fills_up(install: Install) -> None:
    here = install()
    here.disk = Disk(1.5 * GB, 20 * GB)
    here.until("🔴 the disk has 1.5 GB left", 64)
    here.disk = Disk(5 * GB, 20 * GB)
    here.until("🟢 the disk has room again", 64)


def test_a_disk_that_can_only_be_read(install: Install) -> None:
    here = install()
    here.disk = Disk(9 * GB, 20 * GB, read_only=True)
    here.until("🔴 the disk can only be read", 64)


def test_a_wal_that_grows(install: Install) -> None:
    here = install()
    with closing(sqlite3.connect(here.path)) as reader:  # one that never ends
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM run").fetchone()
        os.truncate(f"{here.path}-wal", 300_000_000)  # sparse: nothing but its size is looked at
        here.until("🔴 the database's WAL is 300 MB", 64)


def test_a_memory_that_runs_out(install: Install) -> None:
    here = install()
    here.memory = 0.03
    here.until("🔴 3% of the memory is left", 184)


def test_a_clock_that_is_wrong_by_the_answers_from_outside(install: Install, now: Time) -> None:
    behind = [0.0]

    def ping(_: Seen) -> Answer:
        return Answer(headers={"Date": time.strftime(DATE, time.gmtime(time.time() + behind[0]))})

    with Server({"/ping": ping}, tls=None) as server:  # a reply is stamped by the real clock
        here = install(dead_man_url=f"{server.url}/ping")
        behind[0] = 3600
        here.until("🔴 this machine's clock is 59 min 59 s behind", 124)
        behind[0] = 0
        here.until("🟢 the clock is right again", 124)


def test_a_clock_that_is_behind_those_of_the_exchanges(install: Install) -> None:
    here = install()
    here.rates = {name: {"exchange_at": int(here.now.wall()) + 3600} for name in NAMES[:4]}
    here.until("🔴 this machine's clock is 59 min", INTERVAL + 64)


def test_backups_that_are_no_longer_made(install: Install, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    here = install()
    write_backup(folder, int(here.now.wall()))
    here.go(3 * 3600)
    assert here.bot.texts() == []
    here.until("🔴 the newest backup is 3 h", 124)
    write_backup(folder, int(here.now.wall()))
    here.until("🟢 there is a new backup", 64)


def write_backup(folder: Path, made_at: int) -> None:
    said = {"path": "x.db.gz", "made_at": made_at, "schema": 6, "rows": {}, "bytes": 1, "packed_bytes": 1, "sha256": ""}
    (folder / f"funding-{made_at}.json").write_text(json.dumps(said))


# What is outside


def test_an_api_that_is_down(install: Install) -> None:
    with Server({"/livez": Answer()}, tls=None) as server:
        here = install(public_url=server.url)
        server.script["/livez"] = Answer(502)
        text = here.until("🔴 the API cannot be reached from outside", 64)
        assert text.split("\n")[1:] == ["/livez answers 502", f"curl -i {server.url}/livez"]
        server.script["/livez"] = in_turn(Answer(502), Answer())
        here.until("🟢 the API can be reached again", 64)


def test_an_api_that_nobody_answers_for(install: Install) -> None:
    with Server({"/livez": Answer(close=True)}, tls=None) as server:
        here = install(public_url=server.url)
    here.until("🔴 the API cannot be reached from outside\nconnect: ", 124)


def test_a_certificate_that_ends_soon(tmp_path: Path, bot: BotApi, now: Time) -> None:
    now.set(time.time() - now.wall())  # it must hold by the real clock
    ends = datetime.datetime.fromtimestamp(now.wall() + 5 * 86_400 + 3600, datetime.UTC)
    context = server_tls("localhost")
    authority().issue_cert("localhost", not_after=ends).configure_cert(context)
    with (
        Server({"/livez": Answer()}, tls=context) as server,
        Installation(tmp_path, bot, now, public_url=server.url) as here,
    ):
        here.until(f"🔴 the certificate of {server.host} ends in 5 d", 64)


def test_a_certificate_that_has_ended(install: Install) -> None:
    with Server({"/livez": Answer()}, tls=None) as well:
        here = install(public_url=well.url)
    with Server({"/livez": Answer()}, tls=server_tls("localhost", expired=True)) as server:
        here.plan = replace(here.plan, public_url=server.url)
        here.restart_watch()
        text = here.until("🔴 the API cannot be reached from outside", 64)
        assert "its certificate is not accepted: expired" in text


def test_a_dead_man_url_that_does_not_answer(install: Install) -> None:
    with Server({"/ping": Answer()}, tls=None) as server:
        here = install(dead_man_url=f"{server.url}/ping")
        assert len(server.seen) == 3
        server.script["/ping"] = Answer(500)
        here.until("🔴 the dead-man URL does not answer", 6 * 60 + 4)


def test_the_dead_man_url_is_left_alone_while_alerts_reach_nobody(install: Install) -> None:
    with Server({"/ping": Answer()}, tls=None) as server:
        here = install(dead_man_url=f"{server.url}/ping")
        here.bot.chats[ME].refuses = (403, "Forbidden: bot was blocked by the user")
        here.disk = Disk(1 * GB, 20 * GB)
        here.go(64)
        pings = len(server.seen)
        here.go(300)
        assert len(server.seen) == pings


# What happened


def test_crashes_and_deploys_are_told_once(install: Install) -> None:
    here = install()
    now = int(here.now.wall())
    save_event(here.conn, "crash", "funding-api@1.service ended: watchdog (dumped ABRT)", now)
    save_event(here.conn, "deploy", "deploy of abc1234 complete", now)
    here.until("🟠 funding-api@1.service ended: watchdog (dumped ABRT)", 4)
    here.until("🔵 deploy of abc1234 complete", 6)
    here.restart_watch()
    save_event(here.conn, "deploy", "deploy of def5678 failed: probe; abc1234 serves", now)
    here.until("🟠 deploy of def5678 failed: probe; abc1234 serves", 6)
    here.go(60)
    assert len(here.bot.messages) == 3


# The database


def test_a_database_that_is_gone(install: Install) -> None:
    here = install()
    here.conn.close()
    here.collecting = False
    here.path.rename(here.path.with_suffix(".away"))
    text = here.until("🔴 the database cannot be used", 20)
    assert "there is no database, or it is out of reach" in text
    here.go(600)
    here.path.with_suffix(".away").rename(here.path)
    here.until("🟢 the database can be used again", 10)
    assert sum("database" in one for one in here.bot.texts()) == 2


def test_a_database_that_cannot_be_written(install: Install) -> None:
    here = install()
    with closing(sqlite3.connect(here.path, isolation_level=None)) as other:
        other.execute("PRAGMA application_id = 5")
        here.watch.close()
        here.until("🔴 the database cannot be used", 20)


# Itself


def test_a_fault_of_one_part_is_said_and_the_others_go_on(install: Install) -> None:
    here = install(rules=(Rule(name="broken", what="rate", above="x"),))  # type: ignore[arg-type]
    here.rates["okx"] = high()
    here.until("🔴 a fault of the watch itself: rules\nTypeError: ", 124)
    here.disk = Disk(1 * GB, 20 * GB)
    here.until("🔴 the disk has 1 GB left", 64)


def test_a_clock_that_is_set_brings_no_storm(install: Install) -> None:
    here = install(rules=(Rule(name="high", what="rate", above=5), Rule(name="new", what="listing")))
    for seconds in (86_400, -7200, 400, -86_400):
        here.now.set(seconds)
        here.go(300)
    assert [text.split("\n")[0] for text in here.bot.texts()] == []


def test_a_restart_repeats_nothing(install: Install) -> None:
    here = install()
    here.disk = Disk(1 * GB, 20 * GB)
    here.until("🔴 the disk has 1 GB left", 64)
    for _ in range(5):
        here.restart_watch()
        here.go(70)
    assert len(here.bot.messages) == 1


def test_without_anybody_to_tell_nothing_is_judged(install: Install) -> None:
    here = install()
    here.plan = replace(here.plan, recipients=[])
    here.restart_watch()
    here.disk = Disk(1 * GB, 20 * GB)
    here.go(200)
    here.plan = replace(here.plan, recipients=[("telegram", ME)])
    here.restart_watch()
    here.until("🔴 the disk has 1 GB left", 10)


# The market


def high(**other: Any) -> dict[str, Any]:
    return {"funding_rate": 0.001, "funding_interval_hours": 8.0, **other}


def test_a_rule_is_judged_within_seconds_of_the_rates(install: Install) -> None:
    here = install(rules=(Rule(name="high", what="rate", above=50, base=("BTC",)),))
    here.rates["okx"] = high()
    text = here.until("🔴 BTC on okx: +109.50 % a year", INTERVAL + 4)
    assert "BTC-USDT-SWAP: +0.1000 % every 8 h" in text
    here.rates.clear()
    here.until("🟢 BTC on okx is back behind 50 % a year", INTERVAL + 4)


def test_a_rule_that_wants_three_snapshots_in_a_row_counts_cycles(install: Install) -> None:
    here = install(rules=(Rule(name="high", what="rate", above=50, snapshots=3),))
    here.rates["okx"] = high()
    here.go(2 * INTERVAL)
    assert here.bot.texts() == []
    here.until("🔴 BTC on okx: +109.50 % a year", INTERVAL + 4)


def test_what_changed_while_no_watch_was_running_is_told(install: Install) -> None:
    here = install(rules=(Rule(name="turn", what="sign_flip"), Rule(name="every", what="interval_change")))
    here.rates["okx"] = {"funding_interval_hours": 8.0}
    here.go(2 * INTERVAL)
    here.rates["okx"] = {"funding_rate": -0.0002, "funding_interval_hours": 4.0}
    here.watch.close()
    here.collecting = True
    here._cycle()
    here.watch = here.new_watch()
    here.until("🔵 BTC on okx turned: shorts pay, −0.0200 %", 10)
    here.until("🔵 BTC on okx pays every 4 h, before every 8 h", 10)


def test_a_rule_that_the_settings_no_longer_have_stands_no_more(install: Install) -> None:
    here = install(rules=(Rule(name="high", what="rate", above=50),))
    here.rates["okx"] = high()
    here.until("🔴 BTC on okx", INTERVAL + 4)
    here.plan = replace(here.plan, rules=())
    here.restart_watch()
    here.go(70)
    with closing(sqlite3.connect(here.path)) as conn:
        [row] = conn.execute("SELECT bad_since, announced FROM alert_state WHERE key LIKE 'rule:%'")
    assert (row, len(here.bot.messages)) == ((None, 0), 1)


def test_what_is_muted_is_not_said(install: Install) -> None:
    here = install()
    mute(here.conn, "disk", int(here.now.wall()) + 600)
    here.disk = Disk(1 * GB, 20 * GB)
    here.go(590)
    assert here.bot.texts() == []
    text = here.until("🔴 the disk has 1 GB left", 74)
    assert "it has been so for 10 min" in text


def test_the_memory_of_this_machine_is_a_share(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:        2000 kB\nMemFree:          100 kB\nMemAvailable:     500 kB\n")
    assert memory_free(file) == 0.25
    assert memory_free(tmp_path / "none") is None
    file.write_text("MemTotal: 0 kB\nMemAvailable: 0 kB\n")
    assert memory_free(file) is None
