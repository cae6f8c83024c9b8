"""Ways to a telephone, behind one protocol; `notifications.sending.gateway` gives the one in use."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from notifications.texts import Kind, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The authority on whose behalf something is asked or sent: its CVR number and the name the citizen reads."""

    cvr: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """What leaves: one of the two fixed texts, to one citizen. `id` is counted once however often it is sent.

    Its `repr` leaves the CPR number out, so that it cannot slip into a log.
    """

    id: UUID
    kind: Kind
    cpr: str = field(repr=False)
    sender: Sender

    @property
    def text(self) -> str:
        return text_of(self.kind)


class Gateway(Protocol):
    """Hands text messages to NemSMS. Both methods raise RetryLater or Refused (outbox.channels)."""

    def is_enrolled(self, *, cpr: str, sender: Sender) -> bool:
        """Whether the citizen gets NemSMS, as of now."""
        ...

    def send(self, message: TextMessage) -> None:
        """Send it. How it went comes later, as a receipt with the message's id."""
        ...
