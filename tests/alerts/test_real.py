"""Real processes by the real clock: a collector that is killed, one that hangs, a watch that is killed. `make chaos-alerts`."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.botapi import TOKEN, BotApi
from tests.programs import Program
from tests.servers import Answer, Server

pytestmark = pytest.mark.skipif(os.environ.get("CHAOS") != "long", reason="half a minute each: make chaos-alerts")

TICKERS = "/futures.kraken.com/derivatives/api/v3/tickers"
KILLED_SECONDS, HUNG_SECONDS, AGAIN_SECONDS = 25, 25, 75


@pytest.fixture
def bot() -> Iterator[BotApi]:
    with BotApi("1001") as one:
        yield one


@pytest.fixture
def given(bot: BotApi) -> Iterator[dict[str, Any]]:
    with Server({TICKERS: Answer(500)}, tls=None) as exchanges:
        yield {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "1001", "FUNDING_TELEGRAM_URL": bot.url,
            "FUNDING_EXCHANGES": "kraken", "FUNDING_INTERVAL_SECONDS": 2, "FUNDING_UPSTREAM": exchanges.url,
        }  # fmt: skip


def heard(bot: BotApi, words: str, within: float) -> float:
    """After how many seconds a message came that begins so."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if any(text.startswith(words) for text in bot.texts()):
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"no {words!r} within {within} s, but {bot.texts()}")


def migrated(folder: Path, given: dict[str, Any]) -> None:
    with Program(folder, "migrate", **given) as migrate:
        assert migrate.process.wait(30) == 0


def test_a_collector_that_is_killed_and_comes_back(tmp_path: Path, bot: BotApi, given: dict[str, Any]) -> None:
    migrated(tmp_path, given)
    with Program(tmp_path, "watch", **given), Program(tmp_path, "collect", **given) as collect:
        collect.line("cycle: ")
        time.sleep(5)
        collect.process.kill()
        print(f"killed: an alert after {heard(bot, '🔴 the collector is not running', KILLED_SECONDS):.1f} s")
        with Program(tmp_path, "collect", **given) as second:
            second.line("cycle: ")
            print(f"back: said after {heard(bot, '🟢 rates are coming in again', AGAIN_SECONDS):.1f} s")


def test_a_collector_that_hangs(tmp_path: Path, bot: BotApi, given: dict[str, Any]) -> None:
    migrated(tmp_path, given)
    with Program(tmp_path, "watch", **given), Program(tmp_path, "collect", **given) as collect:
        collect.line("cycle: ")
        time.sleep(5)
        collect.process.send_signal(signal.SIGSTOP)
        print(f"hung: an alert after {heard(bot, '🔴 no new rates for ', HUNG_SECONDS):.1f} s")


def test_a_watch_that_is_killed_says_after_its_restart_what_it_had_not_said_and_nothing_twice(
    tmp_path: Path, bot: BotApi, given: dict[str, Any]
) -> None:
    migrated(tmp_path, given)
    with Program(tmp_path, "collect", **given) as collect:
        collect.line("cycle: ")
        for _ in range(4):
            with Program(tmp_path, "watch", **given) as watch:
                heard(bot, "🔴 kraken fails: http", AGAIN_SECONDS)
                watch.process.kill()
        with Program(tmp_path, "event", "crash", "funding-watch.service ended: signal (killed KILL)", **given) as event:
            assert event.process.wait(30) == 0
        with Program(tmp_path, "watch", **given):
            heard(bot, "🟠 funding-watch.service ended: signal (killed KILL)", AGAIN_SECONDS)
    assert len(bot.texts()) == 2
