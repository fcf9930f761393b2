"""Sends through a Telegram bot. The token is in the URL: no error, log line or traceback may carry a URL from here."""

import json
from collections.abc import Callable
from typing import Any

from funding.alerts.alert import Alert, as_html, as_text
from funding.alerts.delivery import DeliveryError, Sent
from funding.errors import FetchError
from funding.message import Reply, Request

RETRY_SECONDS = 5.0
LONGEST_WORDS = 200
CANNOT_PARSE = "can't parse entities"
MOST_MOVES = 2
PERMANENT = (400, 401, 403, 404)  # the token or the chat is wrong, or the bot was thrown out: no try will help


class Telegram:
    """One bot. `fetch` sends a request and gives the reply of whatever status, or raises FetchError."""

    def __init__(self, fetch: Callable[[Request], Reply], token: str, url: str) -> None:
        self._fetch = fetch
        self._address = f"{url.rstrip('/')}/bot{token}/sendMessage"

    def __repr__(self) -> str:
        return "Telegram(…)"

    def send(self, alert: Alert, recipient: str, *, again: bool = False, reply_to: int | None = None) -> Sent:
        """One message, "resolved" without a sound. HTML, or plain text where Telegram cannot read it so."""
        message: dict[str, Any] = {"chat_id": recipient, "link_preview_options": {"is_disabled": True}}
        message |= {"text": as_html(alert, again=again), "parse_mode": "HTML"}
        if alert.kind == "resolved":
            message["disable_notification"] = True
        if reply_to is not None:
            message["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        answer = self._ask(message)
        if answer.get("error_code") == 400 and CANNOT_PARSE in _words(answer):
            del message["parse_mode"]
            answer = self._ask(message | {"text": as_text(alert, again=again)})
        return self._followed(message, answer)

    def _followed(self, message: dict[str, Any], answer: dict[str, Any]) -> Sent:
        """A group that became a supergroup has another number, which Telegram names."""
        for _ in range(MOST_MOVES):
            moved = _parameters(answer).get("migrate_to_chat_id")
            if moved is None:
                break
            message["chat_id"] = str(moved)
            answer = self._ask(message)
        if answer.get("ok") is not True:
            raise _refusal(answer)
        result = answer.get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        return Sent(number if isinstance(number, int) else None, message["chat_id"])

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Telegram's answer, good or bad. Raises DeliveryError where there is none to read."""
        try:
            reply = self._fetch(Request("POST", self._address, json.dumps(message).encode(), repeatable=False))
        except FetchError as error:
            unsure = error.kind not in ("dns", "connect", "tls")  # it may have been sent, and only the answer lost
            raise DeliveryError(f"Telegram: {error.kind}: {error.words}", wait=RETRY_SECONDS, unsure=unsure) from None
        try:
            answer = json.loads(reply.body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            words = f"Telegram: HTTP {reply.status}, and no JSON"
            raise DeliveryError(words, wait=RETRY_SECONDS, unsure=not 400 <= reply.status < 500)
        return {"error_code": reply.status, **answer}


def _refusal(answer: dict[str, Any]) -> DeliveryError:
    code, words = answer.get("error_code"), str(answer.get("description", ""))[:LONGEST_WORDS]
    wait: float | None = RETRY_SECONDS
    if code == 429:
        asked = _parameters(answer).get("retry_after")
        wait = float(asked) if isinstance(asked, int | float) and asked > 0 else RETRY_SECONDS
    elif code in PERMANENT:
        wait = None
    return DeliveryError(f"Telegram: {code} {words}", wait=wait, unsure=isinstance(code, int) and code >= 500)


def _parameters(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("parameters")
    return found if isinstance(found, dict) else {}


def _words(answer: dict[str, Any]) -> str:
    return str(answer.get("description", "")).lower()
