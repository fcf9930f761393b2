"""A Bot API on a real socket, as strict as Telegram's: entities, lengths in UTF-16, rates, its errors and their words.

`faults` are what goes wrong with the next requests, one each: "lost" takes the message and drops the connection, "reset"
drops it before, a number is that answer, "html" a proxy's page; None is none.
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.servers import Answer, Seen, Server

TOKEN = "123456789:AAE-secret_of-the_bot0123456789abcde"
OTHER_TOKEN = "987654321:AAE-another_bots_token0123456789abc"
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "tg-spoiler", "blockquote"}
FIELDS = {"chat_id", "text", "parse_mode", "disable_notification", "reply_parameters", "link_preview_options"}
MOST_UNITS = 4096
PER_GROUP = 20
WORDS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


@dataclass
class Message:
    """One that was taken. `text` is what a phone shows; `silent`: it makes no sound."""

    number: int
    chat: str
    text: str
    html: bool
    silent: bool
    reply_to: int | None
    at: float


class Refused(Exception):
    def __init__(self, code: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.parameters = parameters


@dataclass
class Chat:
    """`refuses`: code and words of every answer, for one that is blocked or gone. `moved_to`: its number now."""

    group: bool = False
    refuses: tuple[int, str] | None = None
    moved_to: str | None = None
    times: list[float] = field(default_factory=list)


class BotApi:
    """`with BotApi("1001") as bot:` serves at bot.url while it is entered."""

    def __init__(self, *chats: str, timer: Callable[[], float] = time.monotonic, date: str | None = None) -> None:
        self.chats = {chat: Chat(group=chat.startswith("-")) for chat in chats}
        self.messages: list[Message] = []
        self.refusals: list[str] = []
        self.faults: deque[Any] = deque()
        self.lost = 0
        self.date = date
        self._timer = timer
        self._lock = threading.Lock()
        self._server = Server(
            {f"/bot{TOKEN}/sendMessage": self._answer, f"/bot{OTHER_TOKEN}/sendMessage": _stranger}, tls=None
        )

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def seen(self) -> list[Seen]:
        return self._server.seen

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def texts(self, chat: str | None = None) -> list[str]:
        """As a person reads them: a space that does not break is a space."""
        return [message.text.replace("\u00a0", " ") for message in self.messages if chat in (None, message.chat)]

    def _answer(self, request: Seen) -> Answer:
        with self._lock:
            fault = self.faults.popleft() if self.faults else None
            if fault == "reset":
                return Answer(reset=True)
            if fault == "html":
                return Answer(502, b"<html>Bad Gateway</html>")
            if isinstance(fault, int):
                return self._said(Refused(fault, WORDS.get(fault, "Internal Server Error"), **_parameters(fault)))
            try:
                message = self._taken(request)
            except Refused as refused:
                return self._said(refused)
            if fault == "lost":
                self.lost += 1
                return Answer(reset=True)
            result = {
                "message_id": message.number,
                "date": int(time.time()),
                "chat": {"id": message.chat},
                "text": message.text,
            }
            return self._json(200, {"ok": True, "result": result})

    def _said(self, refused: Refused) -> Answer:
        self.refusals.append(f"{refused.code} {refused.words}")
        body = {"ok": False, "error_code": refused.code, "description": refused.words}
        return self._json(refused.code, body | ({"parameters": refused.parameters} if refused.parameters else {}))

    def _json(self, status: int, body: dict[str, Any]) -> Answer:
        return Answer(status, json.dumps(body).encode(), {"Date": self.date} if self.date else {})

    def _taken(self, request: Seen) -> Message:
        if request.method != "POST" or request.headers.get("content-type") != "application/json":
            raise Refused(400, "Bad Request: message text is empty")
        given = json.loads(request.body)
        assert given.keys() <= FIELDS, f"not fields of sendMessage: {given.keys() - FIELDS}"
        name = str(given["chat_id"])
        chat = self.chats.get(name)
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.moved_to:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, words, migrate_to_chat_id=int(chat.moved_to))
        if chat.refuses:
            raise Refused(*chat.refuses)
        html = given.get("parse_mode")
        if html not in (None, "HTML"):
            raise Refused(400, "Bad Request: unsupported parse_mode")
        text = parse(given["text"]) if html else given["text"]
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > MOST_UNITS:
            raise Refused(400, "Bad Request: message is too long")
        reply_to = self._replied(given.get("reply_parameters"), name)
        self._allow(chat)
        silent = bool(given.get("disable_notification"))
        message = Message(len(self.messages) + 1, name, text, bool(html), silent, reply_to, self._timer())
        self.messages.append(message)
        return message

    def _replied(self, given: dict[str, Any] | None, chat: str) -> int | None:
        if given is None:
            return None
        found = [one for one in self.messages if one.chat == chat and one.number == given["message_id"]]
        if not found and not given.get("allow_sending_without_reply"):
            raise Refused(400, "Bad Request: message to be replied not found")
        return found[0].number if found else None

    def _allow(self, chat: Chat) -> None:
        now = self._timer()
        chat.times = [at for at in chat.times if now - at < 60]
        if chat.times and now - chat.times[-1] < 1:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        if chat.group and len(chat.times) >= PER_GROUP:
            wait = int(60 - (now - chat.times[0])) + 1
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        chat.times.append(now)


def _stranger(_request: Seen) -> Answer:
    """A token that is none."""
    return Answer(401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}')


def _parameters(code: int) -> dict[str, Any]:
    return {"retry_after": 7} if code == 429 else {}


PIECES = re.compile(r"<[^<>]*>?|&[^;&<]{0,10};|[^<&]+|&", re.ASCII)
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}


def parse(html: str) -> str:
    """What is shown of Telegram's HTML. Raises Refused as Telegram does: a bare < or a tag left open is no text."""
    shown: list[str] = []
    tags: list[str] = []
    for found in PIECES.finditer(html):
        piece, offset = found[0], len(html[: found.start()].encode())
        if piece.startswith("<"):
            _tag(piece, offset, tags)
        else:
            shown.append(ENTITIES.get(piece, piece))
    if tags:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{tags[-1]}"')
    return "".join(shown)


def _tag(piece: str, offset: int, tags: list[str]) -> None:
    if not piece.endswith(">"):
        raise _unparsed(f"Unclosed start tag at byte offset {offset}")
    name = piece.strip("</>").split(" ", 1)[0].lower()
    if name not in TAGS:
        raise _unparsed(f'Unsupported start tag "{name}" at byte offset {offset}')
    if not piece.startswith("</"):
        tags.append(name)
    elif not tags or tags.pop() != name:
        raise _unparsed(f"Unmatched end tag at byte offset {offset}")


def _unparsed(words: str) -> Refused:
    return Refused(400, f"Bad Request: can't parse entities: {words}")
