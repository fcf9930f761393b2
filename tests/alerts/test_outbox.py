"""The outbox: state and message together, in order, as fast as a chat may be written to."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.alerts.alert import Alert
from funding.alerts.outbox import Sender
from funding.alerts.telegram import Telegram
from funding.errors import StoreError
from funding.fetch import Fetcher
from funding.store.open import writer
from funding.store.outbox import (
    Letter,
    Standing,
    mute,
    newest_letters,
    oldest_waiting,
    prune_outbox,
    save_judgement,
    select_mark,
    select_standings,
    select_undelivered,
)
from tests.alerts.botapi import TOKEN, BotApi, Chat
from tests.alerts.given import NOW, Time, alert

ME, GROUP = "1001", "-2002"


@pytest.fixture
def bot(now: Time) -> Iterator[BotApi]:
    with BotApi(ME, GROUP, timer=now.timer) as one:
        yield one


@pytest.fixture
def sender(bot: BotApi, fetcher: Fetcher, now: Time) -> Sender:
    return Sender({"telegram": Telegram(fetcher.fetch, TOKEN, bot.url)}, now.wall, now.timer)


def write(conn: sqlite3.Connection, *alerts: Alert, chats: tuple[str, ...] = (ME,), at: int = NOW) -> None:
    save_judgement(conn, [], [Letter("telegram", chat, one.to_json()) for one in alerts for chat in chats], at)


def drain(sender: Sender, conn: sqlite3.Connection, now: Time, seconds: int = 120) -> None:
    for _ in range(seconds // 2):
        sender.send_waiting(conn)
        now.go(2)


def came_to(conn: sqlite3.Connection) -> list[tuple[int | None, str | None]]:
    return [(row["message_id"], row["error"]) for row in newest_letters(conn, 100)][::-1]


def test_what_is_written_is_sent_in_order_one_a_pass_and_chat(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1), alert(2), chats=(ME, GROUP))
    assert sender.send_waiting(conn) == 2
    assert sender.send_waiting(conn) == 0  # within the same second
    now.go(2)
    assert sender.send_waiting(conn) == 2
    assert sender.send_waiting(conn) == 0
    assert bot.texts(ME) == bot.texts(GROUP) == ["🔴 thing 1 is bad", "🔴 thing 2 is bad"]
    assert bot.refusals == []
    assert oldest_waiting(conn) is None


def test_a_storm_is_one_summary(sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time) -> None:
    write(conn, *(alert(number) for number in range(11)))
    drain(sender, conn, now, 4)
    [text] = bot.texts()
    assert text.startswith("🔴 11 alerts at once: 11 raised\n🔴 thing 0 is bad\n")
    assert came_to(conn) == [(1, None)] * 11


def test_ten_are_no_storm_and_a_group_gets_no_more_than_twenty_a_minute(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    for number in range(40):
        write(conn, alert(number), chats=(GROUP,), at=int(now.wall_now))
        sender.send_waiting(conn)
        now.go(2)
    drain(sender, conn, now)
    assert bot.refusals == []
    assert all(sum(0 <= other.at - one.at < 60 for other in bot.messages) <= 20 for one in bot.messages)
    assert not [row for row in newest_letters(conn, 100) if row["done_at"] is None]


def test_an_outage_keeps_the_order_and_repeats_nothing(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1), alert(2))
    bot.faults += ["reset", "html", 429, 500]
    drain(sender, conn, now)
    again = " (maybe again: the answer to the first try was lost)"
    assert bot.texts() == [f"🔴 thing 1 is bad{again}", "🔴 thing 2 is bad"]


def test_what_was_refused_outright_is_not_called_a_repetition(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1))
    bot.faults += [429]
    drain(sender, conn, now, 6)
    assert bot.texts() == []
    drain(sender, conn, now, 6)
    assert bot.texts() == ["🔴 thing 1 is bad"]


def test_a_lost_answer_is_at_most_one_repetition_and_says_so(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1))
    bot.faults.append("lost")
    drain(sender, conn, now)
    assert bot.texts() == ["🔴 thing 1 is bad", "🔴 thing 1 is bad (maybe again: the answer to the first try was lost)"]


def test_a_chat_that_refuses_for_good_is_given_up_said_in_the_log_and_does_not_hold_up_others(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time, caplog: pytest.LogCaptureFixture
) -> None:
    bot.chats[ME] = Chat(refuses=(403, "Forbidden: bot was blocked by the user"))
    write(conn, alert(1), chats=(ME, GROUP))
    drain(sender, conn, now, 10)
    words = "Telegram: 403 Forbidden: bot was blocked by the user"
    assert came_to(conn) == [(None, words), (1, None)]
    assert [(row["recipient"], row["error"], row["since"]) for row in select_undelivered(conn)] == [(ME, words, NOW)]
    assert f"telegram to {ME}: given up: {words}" in caplog.messages
    assert len(bot.seen) == 2
    bot.chats[ME] = Chat()
    write(conn, alert(2))
    drain(sender, conn, now, 10)
    assert list(select_undelivered(conn)) == []


def test_the_same_fault_again_and_again_is_one_line_of_the_log(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write(conn, alert(1))
    bot.faults += [500] * 5
    drain(sender, conn, now)
    assert caplog.messages == [f"telegram to {ME}: tried again in 5 s: Telegram: 500 Internal Server Error"]


def test_the_end_answers_its_beginning(sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time) -> None:
    write(conn, alert(1), alert(2))
    drain(sender, conn, now, 10)
    write(conn, alert(1, kind="resolved"))
    drain(sender, conn, now, 10)
    assert [(one.reply_to, one.silent) for one in bot.messages] == [(None, False), (None, False), (1, True)]


def test_a_group_that_moved_is_written_to_at_its_new_number_from_then_on(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    bot.chats[GROUP].moved_to = "-1002002"
    bot.chats["-1002002"] = Chat(group=True)
    write(conn, alert(1), alert(2), chats=(GROUP,))
    drain(sender, conn, now, 10)
    write(conn, alert(1, kind="resolved"), chats=(GROUP,))
    drain(sender, conn, now, 10)
    assert len(bot.texts("-1002002")) == 3
    assert [json.loads(one.body)["chat_id"] for one in bot.seen] == [GROUP, "-1002002", "-1002002", "-1002002"]
    assert bot.messages[-1].silent


def test_a_state_and_its_message_are_stored_together_or_not_at_all(conn: sqlite3.Connection) -> None:
    bad = Standing("disk", NOW, announced=True, title="full", resolved="room")
    unwritable = Letter("telegram", None, alert().to_json())  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        save_judgement(conn, [bad], [unwritable], NOW, {"event": 5})
    assert (select_standings(conn), list(newest_letters(conn, 9)), select_mark(conn, "event")) == ({}, [], None)
    save_judgement(conn, [bad], [Letter("telegram", ME, alert().to_json())], NOW, {"event": 5})
    assert (select_standings(conn), len(newest_letters(conn, 9)), select_mark(conn, "event")) == ({"disk": bad}, 1, 5)


def test_a_process_that_dies_while_it_sends_leaves_the_message_to_the_next_which_says_that_it_may_repeat(
    sender: Sender, conn: sqlite3.Connection, path: Path, bot: BotApi, now: Time
) -> None:
    class Killed(BaseException):
        pass

    class Dying:
        def send(self, *_: object, **__: object) -> None:
            raise Killed

    write(conn, alert(1))
    with pytest.raises(Killed):
        Sender({"telegram": Dying()}, now.wall, now.timer).send_waiting(conn)  # type: ignore[dict-item]
    with closing(writer(path)) as other:
        sender.send_waiting(other)
    assert bot.texts() == ["🔴 thing 1 is bad (maybe again: the answer to the first try was lost)"]


def test_a_clock_that_was_set_back_holds_no_message_up(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1))
    now.set(-7200)
    assert sender.send_waiting(conn) == 1


def test_a_mute_that_comes_in_between_is_kept(conn: sqlite3.Connection) -> None:
    standings = select_standings(conn)
    mute(conn, "disk", NOW + 60)
    save_judgement(conn, [Standing("disk", NOW)], [], NOW)
    assert standings == {}
    assert select_standings(conn)["disk"] == Standing("disk", NOW, muted_until=NOW + 60)
    mute(conn, "disk", None)
    assert select_standings(conn)["disk"] == Standing("disk", NOW)


def test_what_is_long_done_is_taken_out_and_what_waits_or_is_bad_stays(
    sender: Sender, conn: sqlite3.Connection, bot: BotApi, now: Time
) -> None:
    write(conn, alert(1))
    sender.send_waiting(conn)
    write(conn, alert(2))
    save_judgement(conn, [Standing("disk", NOW), Standing("wal", raised_at=NOW), Standing("new", streak=1)], [], NOW)
    prune_outbox(conn, NOW + 10)
    assert [json.loads(row["alert"])["key"] for row in newest_letters(conn, 9)] == ["thing:2"]
    assert list(select_standings(conn)) == ["disk", "new"]
