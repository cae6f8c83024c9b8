"""Ways to a telephone, behind one protocol."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

import httpx
from django.conf import settings

from outbox.channels import Refused, RetryLater

TIMEOUT_SECONDS = 10.0
# The answers that say that the message itself is wrong; sending it again would not help.
WRONG_MESSAGE = {httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY}


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
        if answer.status_code in WRONG_MESSAGE:
            raise Refused(f"NemSMS refused the message ({answer.status_code}): {answer.text[:500]}")
        if answer.is_error:
            # An overload, an outage, or our own settings: the message itself is not at fault.
            raise RetryLater(f"NemSMS answered {answer.status_code}", after=_retry_after(answer))


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """The pause that the service asks for in seconds, if it does."""
    seconds = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


def current() -> SmsGateway:
    """The gateway that the settings name."""
    return HttpSmsGateway(settings.NEMSMS_URL)
