"""Ways to a telephone, behind one protocol."""

from typing import Protocol
from uuid import UUID

import httpx
from django.conf import settings

from outbox.channels import Refused, RetryLater

TIMEOUT_SECONDS = 10.0


class SmsGateway(Protocol):
    """Hands one text message to whoever sends it."""

    def send(self, *, message_id: UUID, cpr: str, text: str, sender: str) -> None:
        """Send `text` on behalf of `sender` to the citizen's telephone.

        `message_id` is counted once however often it is sent. Raises RetryLater or Refused.
        """


class HttpSmsGateway:
    """A NemSMS service that takes a message as JSON over HTTP, as the simulator does."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def send(self, *, message_id: UUID, cpr: str, text: str, sender: str) -> None:
        body = {"messageId": str(message_id), "cpr": cpr, "text": text, "sender": sender}
        try:
            answer = httpx.post(f"{self.url}/messages", json=body, timeout=TIMEOUT_SECONDS)
        except httpx.TransportError as error:
            raise RetryLater(f"NemSMS could not be reached: {type(error).__name__}") from error
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise RetryLater(f"NemSMS answered {answer.status_code}")
        if answer.is_error:
            raise Refused(f"NemSMS refused the message ({answer.status_code}): {answer.text[:500]}")


def current() -> SmsGateway:
    """The gateway that the settings name."""
    return HttpSmsGateway(settings.NEMSMS_URL)
