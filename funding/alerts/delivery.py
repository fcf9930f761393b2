"""What the two ways of sending have in common: what comes of one try."""

from dataclasses import dataclass
from typing import Protocol

from funding.alerts.alert import Alert
from funding.errors import FundingError


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived. `message_id`: by which a later message can reply to it; `recipient`: where it went, if that has moved."""

    message_id: int | None = None
    recipient: str | None = None


class DeliveryError(FundingError):
    """It was not sent, or nobody knows (`unsure`). `wait`: seconds until the next try; None: no try will ever help."""

    def __init__(self, words: str, *, wait: float | None, unsure: bool = False) -> None:
        super().__init__(words)
        self.wait = wait
        self.unsure = unsure


class Channel(Protocol):
    """A way to reach somebody."""

    def send(self, alert: Alert, recipient: str, *, again: bool = False, reply_to: int | None = None) -> Sent:
        """Raises DeliveryError. `again`: this may be a repetition."""
        ...
