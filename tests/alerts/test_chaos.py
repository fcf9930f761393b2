"""State changes while the process is killed at any moment and Telegram fails in every way: nothing lost, nothing twice.

CHAOS=long makes it five thousand changes and more kills (`make chaos-alerts`). The seed is printed.
"""

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from funding.alerts.alert import AGAIN
from funding.store.migrate import migrate
from funding.store.open import reader, writer
from funding.store.outbox import newest_letters
from tests.alerts.botapi import BotApi
from tests.alerts.worker import CHATS
from tests.programs import environment

LONG = os.environ.get("CHAOS") == "long"
CHANGES, KILLS = (5000, 100) if LONG else (120, 5)
SPEED = 1000.0
FAULTS = ("lost", "reset", "html", 500, 429, "lost")
HANG_SECONDS = 600 if LONG else 50


@pytest.mark.timeout(HANG_SECONDS + 10)
def test_nothing_is_lost_and_nothing_comes_twice_but_after_a_lost_answer(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED") or 0) or random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}")
    path = tmp_path / "funding.db"
    with closing(writer(path)) as conn:
        migrate(conn)
    with BotApi(*CHATS, timer=lambda: time.monotonic() * SPEED) as bot:
        stop = threading.Event()
        weather = threading.Thread(target=_weather, args=(bot, chance, stop))
        weather.start()
        try:
            kills = _run(path, bot, chance)
        finally:
            stop.set()
            weather.join(10)
        said = f"{CHANGES} changes, {kills} kills, {bot.lost} answers lost, {len(bot.refusals)} refusals"
        print(f"{said}, {len(bot.messages)} messages")
        _check(path, bot, kills)


def _weather(bot: BotApi, chance: random.Random, stop: threading.Event) -> None:
    while not stop.wait(chance.uniform(0.01, 0.1)):
        if not bot.faults:
            bot.faults += [chance.choice(FAULTS) for _ in range(chance.choice((1, 1, 2, 8)))]


def _run(path: Path, bot: BotApi, chance: random.Random) -> int:
    """Until a process ends by itself; how many were killed."""
    command = [sys.executable, "-m", "tests.alerts.worker", str(path), bot.url, str(CHANGES), str(SPEED)]
    for kills in range(KILLS):
        process = subprocess.Popen(command, env=environment())
        try:
            process.wait(chance.uniform(0.25, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
        else:
            assert process.returncode == 0
            return kills
    bot.faults.clear()
    assert subprocess.run(command, env=environment(), timeout=HANG_SECONDS, check=False).returncode == 0
    return KILLS


def _check(path: Path, bot: BotApi, kills: int) -> None:
    with closing(reader(path)) as conn:
        rows = [dict(row) for row in newest_letters(conn, 10**6)][::-1]
    assert len(rows) == CHANGES * len(CHATS)
    assert [(row["id"], row["error"]) for row in rows if row["done_at"] is None or row["error"]] == []
    taken = {message.number: message for message in bot.messages}
    repeats = 0
    for chat in CHATS:
        mine = [row for row in rows if row["recipient"] == chat]
        assert [json.loads(row["alert"])["title"] for row in mine] == [f"change {number}." for number in range(CHANGES)]
        for row in mine:  # what is marked as sent was taken, by this chat, and is in that message
            message = taken[row["message_id"]]
            assert message.chat == chat
            assert json.loads(row["alert"])["title"] in message.text or _is_cut(message.text)
        repeats += _repeats(chat, bot)
    assert repeats <= bot.lost + kills, "a repetition without a lost answer"


def _is_cut(text: str) -> bool:
    """A summary of more than it names."""
    return re.search(r"^and [0-9]+ more$", text, re.MULTILINE) is not None


def _repeats(chat: str, bot: BotApi) -> int:
    """In order of their first coming; whatever comes again says so. How many messages said so in vain or not."""
    firsts: list[int] = []
    again = 0
    for message in bot.messages:
        if message.chat != chat:
            continue
        numbers = [int(found) for found in re.findall(r"change ([0-9]+)\.", message.text)]
        known = [number for number in numbers if number in firsts]
        assert not known or AGAIN in message.text, f"{known} came again unmarked"
        again += bool(known)
        firsts += [number for number in numbers if number not in firsts]
    assert firsts == sorted(firsts), "out of order"
    return again
