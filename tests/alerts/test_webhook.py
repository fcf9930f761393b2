"""The webhook: signed JSON, and what its answers mean."""

import hashlib
import hmac
import json

import pytest

from funding.alerts.delivery import DeliveryError, Sent
from funding.alerts.webhook import Webhook, host_of
from funding.fetch import Fetcher
from tests.alerts.given import NOW, alert
from tests.servers import Answer, Server

SECRET = "a secret of some length"


def webhook(fetcher: Fetcher, server: Server) -> Webhook:
    return Webhook(fetcher.fetch, f"{server.url}/hook?key=abc", SECRET, lambda: NOW + 0.5)


def test_the_same_message_arrives_as_json_and_its_signature_can_be_checked(fetcher: Fetcher) -> None:
    with Server({"/hook": Answer(204, b"")}, tls=None) as server:
        assert webhook(fetcher, server).send(alert(lines=("größer",)), "host", again=True) == Sent()
        [seen] = server.seen
    assert json.loads(seen.body) == {
        "key": "thing:1", "kind": "raised", "title": "thing 1 is bad", "lines": ["größer"], "command": None, "at": NOW,
        "again": True,
    }  # fmt: skip
    expected = hmac.new(SECRET.encode(), f"{NOW}.".encode() + seen.body, hashlib.sha256).hexdigest()
    assert (seen.headers["x-funding-time"], seen.headers["x-funding-signature"]) == (str(NOW), f"sha256={expected}")
    assert (seen.method, seen.target, seen.headers["content-type"]) == ("POST", "/hook?key=abc", "application/json")


@pytest.mark.parametrize(
    ("answer", "words", "wait", "unsure"),
    [
        (Answer(500), "webhook: HTTP 500", 10.0, True),
        (Answer(404), "webhook: HTTP 404", 10.0, False),
        (Answer(410), "webhook: HTTP 410", None, False),
        (Answer(reset=True), "webhook: reset: ", 10.0, True),
    ],
)
def test_what_an_answer_means(fetcher: Fetcher, answer: Answer, words: str, wait: float | None, unsure: bool) -> None:
    with Server({"/hook": answer}, tls=None) as server, pytest.raises(DeliveryError) as caught:
        webhook(fetcher, server).send(alert(), "host")
    assert str(caught.value).startswith(words)
    assert "key=abc" not in str(caught.value)
    assert (caught.value.wait, caught.value.unsure) == (wait, unsure)


def test_neither_secret_nor_address_is_shown(fetcher: Fetcher) -> None:
    with Server(tls=None) as server:
        assert repr(webhook(fetcher, server)) == "Webhook(…)"
    assert host_of("https://hooks.example.org:8443/a/secret/path") == "hooks.example.org:8443"
