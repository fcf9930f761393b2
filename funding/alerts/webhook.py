"""Sends the same messages as JSON to an address of the owner's, signed. The address may hold a key: it is not shown.

X-Funding-Signature is "sha256=" and the HMAC-SHA256 of "<X-Funding-Time>.<body>", X-Funding-Time the Unix seconds of the
try: who receives can refuse what is old.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlsplit

from funding.alerts.alert import Alert
from funding.alerts.delivery import DeliveryError, Sent
from funding.errors import FetchError
from funding.message import Reply, Request

RETRY_SECONDS = 10.0
SIGNATURE, TIME = "X-Funding-Signature", "X-Funding-Time"


class Webhook:
    """The recipient is the address's host, for people. Any 2xx is a receipt; 410 says that nobody is there any more."""

    def __init__(self, fetch: Callable[[Request], Reply], url: str, secret: str, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._url = url
        self._secret = secret.encode()
        self._clock = clock

    def __repr__(self) -> str:
        return "Webhook(…)"

    def send(self, alert: Alert, recipient: str, *, again: bool = False, reply_to: int | None = None) -> Sent:
        body = json.dumps({**alert.to_json(), "again": again}, ensure_ascii=False, separators=(",", ":")).encode()
        moment = str(int(self._clock()))
        signature = hmac.new(self._secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        headers = ((TIME, moment), (SIGNATURE, f"sha256={signature}"))
        try:
            reply = self._fetch(Request("POST", self._url, body, headers=headers, repeatable=False))
        except FetchError as error:
            unsure = error.kind not in ("dns", "connect", "tls")
            raise DeliveryError(f"webhook: {error.kind}: {error.words}", wait=RETRY_SECONDS, unsure=unsure) from None
        if 200 <= reply.status < 300:
            return Sent()
        wait = None if reply.status == 410 else RETRY_SECONDS
        raise DeliveryError(f"webhook: HTTP {reply.status}", wait=wait, unsure=reply.status >= 500)


def host_of(url: str) -> str:
    return urlsplit(url).netloc
