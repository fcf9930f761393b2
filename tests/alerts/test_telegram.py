"""Sending through a bot: what is said, and every way in which Telegram refuses."""

import json
import logging
from collections.abc import Iterator

import pytest

from funding.alerts.alert import as_text
from funding.alerts.delivery import DeliveryError, Sent
from funding.alerts.telegram import Telegram
from funding.fetch import Fetcher
from funding.message import Reply, Request
from tests.alerts.botapi import OTHER_TOKEN, TOKEN, BotApi, Chat
from tests.alerts.given import Time, alert
from tests.servers import Answer, Server, client_tls

ME, GROUP, CHANNEL = "1001", "-2002", "@funding_alerts"


@pytest.fixture
def bot(now: Time) -> Iterator[BotApi]:
    with BotApi(ME, GROUP, CHANNEL, timer=now.timer) as one:
        yield one


@pytest.fixture
def telegram(bot: BotApi, fetcher: Fetcher) -> Telegram:
    return Telegram(fetcher.fetch, TOKEN, bot.url)


def refused(telegram: Telegram, chat: str = ME) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        telegram.send(alert(), chat)
    assert TOKEN not in str(caught.value)
    return caught.value


def test_a_message_arrives_as_it_reads(telegram: Telegram, bot: BotApi) -> None:
    said = alert(title="BTC_USDT < 3 & rising", lines=("a<b",), command="funding try okx > x")
    assert telegram.send(said, ME) == Sent(1, ME)
    [message] = bot.messages
    assert (message.text, message.html, message.silent, message.chat) == (as_text(said), True, False, ME)
    assert json.loads(bot.seen[0].body)["link_preview_options"] == {"is_disabled": True}


def test_groups_and_channels_are_reached_by_number_or_name(telegram: Telegram, bot: BotApi) -> None:
    assert [telegram.send(alert(), chat).message_id for chat in (GROUP, CHANNEL)] == [1, 2]


def test_resolved_is_a_silent_reply_to_what_it_resolves(telegram: Telegram, bot: BotApi, now: Time) -> None:
    raised = telegram.send(alert(), ME)
    now.go(2)
    telegram.send(alert(kind="resolved"), ME, reply_to=raised.message_id)
    now.go(2)
    telegram.send(alert(kind="resolved"), ME, reply_to=777)  # deleted meanwhile: it is sent all the same
    assert [(message.silent, message.reply_to) for message in bot.messages] == [(False, None), (True, 1), (True, None)]


def test_what_telegram_cannot_parse_is_sent_again_at_once_as_plain_text(fetcher: Fetcher, bot: BotApi) -> None:
    def spoilt(request: Request) -> Reply:
        return fetcher.fetch(Request(request.method, request.url, (request.body or b"").replace(b"</b>", b"")))

    Telegram(spoilt, TOKEN, bot.url).send(alert(title="1 < 2", command="x"), ME)
    assert bot.refusals == [
        "400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
    ]
    assert [(message.text, message.html) for message in bot.messages] == [("🔴 1 < 2\nx", False)]


def test_too_many_requests_says_how_long_to_wait(telegram: Telegram, bot: BotApi) -> None:
    bot.faults.append(429)
    error = refused(telegram)
    assert (str(error), error.wait, error.unsure) == ("Telegram: 429 Too Many Requests", 7.0, False)


def test_a_second_message_within_a_second_is_refused_by_this_server(telegram: Telegram, bot: BotApi, now: Time) -> None:
    telegram.send(alert(), ME)
    assert refused(telegram).wait == 1.0
    now.go(1)
    assert telegram.send(alert(), ME).message_id == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "Bad Request: chat not found"),
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (401, "Unauthorized"),
        (404, "Not Found"),
    ],
)
def test_what_no_try_will_mend_is_permanent(telegram: Telegram, bot: BotApi, code: int, words: str) -> None:
    bot.chats[ME] = Chat(refuses=(code, words))
    error = refused(telegram)
    assert (str(error), error.wait) == (f"Telegram: {code} {words}", None)


def test_another_bots_token_and_a_chat_that_is_none_are_permanent(
    fetcher: Fetcher, bot: BotApi, telegram: Telegram
) -> None:
    stranger = Telegram(fetcher.fetch, OTHER_TOKEN, bot.url)
    assert (refused(stranger).wait, str(refused(stranger))) == (None, "Telegram: 401 Unauthorized")
    assert refused(telegram, "999").wait is None


@pytest.mark.parametrize("fault", [500, 502, "html"])
def test_a_fault_of_the_server_is_tried_again_and_may_have_been_sent(
    telegram: Telegram, bot: BotApi, fault: object
) -> None:
    bot.faults.append(fault)
    error = refused(telegram)
    assert (error.wait, error.unsure) == (5.0, True)


@pytest.mark.parametrize("fault", ["lost", "reset"])
def test_a_lost_answer_leaves_it_open_whether_it_was_sent(telegram: Telegram, bot: BotApi, fault: str) -> None:
    bot.faults.append(fault)
    error = refused(telegram)
    assert (error.wait, error.unsure, len(bot.messages)) == (5.0, True, int(fault == "lost"))


def test_where_nobody_listens_nothing_was_sent(fetcher: Fetcher) -> None:
    error = refused(Telegram(fetcher.fetch, TOKEN, "http://127.0.0.1:9"))
    assert (str(error), error.wait, error.unsure) == (
        "Telegram: connect: 127.0.0.1:9: refused the connection",
        5.0,
        False,
    )


def test_a_group_that_has_another_number_now_is_followed(telegram: Telegram, bot: BotApi) -> None:
    bot.chats[GROUP].moved_to = "-1002002"
    bot.chats["-1002002"] = Chat(group=True)
    assert telegram.send(alert(), GROUP) == Sent(1, "-1002002")


def test_a_group_that_moves_in_a_circle_is_given_up(telegram: Telegram, bot: BotApi) -> None:
    bot.chats[GROUP].moved_to = GROUP
    assert refused(telegram, GROUP).wait is None
    assert len(bot.seen) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"ok":true}', b'{"ok":true,"result":[]}', b"\xff", b'{"ok":1}'])
def test_an_answer_of_another_shape_ends_in_a_receipt_or_an_error(fetcher: Fetcher, body: bytes) -> None:
    with Server({f"/bot{TOKEN}/sendMessage": Answer(200, body)}, tls=None) as server:
        telegram = Telegram(fetcher.fetch, TOKEN, server.url)
        if b'"ok":true' in body:
            assert telegram.send(alert(), ME) == Sent(None, ME)
        else:
            assert refused(telegram).wait == 5.0


def test_it_speaks_tls_and_names_a_certificate_that_is_not_accepted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Server({f"/bot{TOKEN}/sendMessage": Answer(200, b'{"ok":true,"result":{"message_id":5}}')}) as server:
        trusting, strict = Fetcher(plain=True, tls=client_tls()), Fetcher(plain=True)
        assert Telegram(trusting.fetch, TOKEN, server.url).send(alert(), ME).message_id == 5
        error = refused(Telegram(strict.fetch, TOKEN, server.url))
        assert "signed by an unknown authority" in str(error)
        trusting.close()
        strict.close()
    assert TOKEN not in caplog.text


def test_it_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Telegram(lambda request: Reply(200, b"", 0.0), TOKEN, "https://x"))
