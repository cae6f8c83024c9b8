"""The two calls to Serviceplatformen: is the citizen enrolled in NemSMS, and send.

Which answers mean what follows HTTP; the services' own error bodies are not described publicly, so their words are
kept for a person and no code is read out of them. A message that was taken without our hearing of it is sent again
under the same messageUUID.
"""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import httpx
import structlog

from notifications.gateways import Sender, TextMessage
from notifications.sf1601.access import LOOK_UP, SEND, Access, Sf1601Config, connection
from notifications.sf1601.memo import kombi_request
from outbox.channels import ReceiverAway, Refused, RetryLater, retry_by_status

log = structlog.get_logger(__name__)

# The answers that say that the message itself is wrong; sending it again would not help.
WRONG_MESSAGE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Sf1601Gateway:
    """`notifications.gateways.Gateway` over SF1601. Safe between threads; make one a process, after it has forked."""

    def __init__(self, config: Sf1601Config) -> None:
        self._config = config
        self._http = connection(config)
        self._access = Access(self._http, config)

    def close(self) -> None:
        self._http.close()

    def is_enrolled(self, *, cpr: str, sender: Sender) -> bool:
        # The number in the address is the service's own choice; nothing of ours logs the address.
        answer = self._call(
            "GET", "PostForespoerg_1/nemsms", LOOK_UP, sender.cvr, params={"cprNumber": cpr}, headers={}
        )
        try:
            result = answer.json()["result"]
        except (ValueError, KeyError, TypeError) as error:
            raise RetryLater("NemSMS: opslaget om tilmelding gav et svar, der ikke kunne læses") from error
        if not isinstance(result, bool):
            raise RetryLater("NemSMS: opslaget om tilmelding svarede hverken ja eller nej")
        return result

    def send(self, message: TextMessage) -> None:
        body = kombi_request(message, legal_fields=self._config.legal_fields)
        self._call(
            "POST",
            "KombiPostAfsend_1/memos",
            SEND,
            message.sender.cvr,
            content=body,
            headers={"Content-Type": "application/xml; charset=UTF-8"},
        )

    def _call(
        self,
        method: str,
        path: str,
        service: str,
        cvr: str,
        *,
        headers: dict[str, str],
        params: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One call that went well. Raises RetryLater, or Refused where the message itself is at fault."""
        transaction = str(uuid4())
        headers = {
            **headers,
            "Authorization": self._access.authorization(cvr=cvr, service=service),
            "X-TransaktionsId": transaction,
            "X-TransaktionsTid": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        try:
            answer = self._http.request(
                method, f"{self._config.url}/service/{path}", headers=headers, params=params, content=content
            )
        except httpx.TransportError as error:
            raise ReceiverAway(
                f"NemSMS: ingen forbindelse ({type(error).__name__})", sent=f"{method} {path}"
            ) from error
        log.debug("sf1601", path=path, status=answer.status_code, transaction=transaction)
        if answer.is_success:
            return answer
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._access.forget(cvr=cvr, service=service)
        words = f"{answer.status_code}: {answer.text[:500]} (transaktion {transaction})"
        if answer.status_code in WRONG_MESSAGE:
            raise Refused(f"NemSMS afviste beskeden ({words})", sent=f"{method} {path}")
        # An overload, an outage, or our own agreement and certificate: the message itself is not at fault.
        problem = retry_by_status(answer.status_code, f"NemSMS svarede {words}", after=_retry_after(answer))
        problem.sent = f"{method} {path}"
        raise problem


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """The pause that the service asks for in seconds, if it does."""
    seconds = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
