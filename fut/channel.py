"""The FUT platform as a channel of the outbox."""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from fut.client import FutClient, FutConfig
from fut.gateway import FutGateway, HttpFutGateway
from fut.grants import REFRESH_TOKEN, TOKEN_EXCHANGE, ClientCredentials, Grant, StoredGrant
from fut.handover import FutHandover
from fut.service_bases import ServiceBases
from fut.subjects import service_request_id
from outbox.models import ChannelName, Delivery, Event, EventName

__all__ = ["FutChannel", "gateway", "service_request_id"]

CALL_SECONDS = 20.0


NEWS = frozenset(
    {
        EventName.CARE_PLAN_ASSIGNED,
        EventName.RESPONSE_COMPLETED,
        EventName.RESPONSE_CORRECTED,
        EventName.CARE_PLAN_PAUSED,
        EventName.CARE_PLAN_RESUMED,
        EventName.CARE_PLAN_CHANGED,
        EventName.CARE_PLAN_ENDED,
        EventName.EPISODE_FINISHED,
        EventName.EPISODE_MOVED,
        EventName.CONSENT_WITHDRAWN,
    }
)


class FutChannel:
    """Care plans and answers on their way to FUT-I."""

    name = ChannelName.FUT
    # A care plan comes before its answers.
    keeps_order = True
    # What leaves is read from the subject when it leaves.
    prepare = None
    # As long as a claim gives, so that none has to be renewed. No request is begun that may outlive it, and what an
    # attempt that ran out of time has learnt the next one knows.
    lease = timedelta(minutes=2)
    # An outage of days must lose nothing; what FUT refuses outright ends at once all the same.
    patience = timedelta(days=14)

    def wants(self, event: Event) -> bool:
        return event.name in NEWS

    def receiver(self, event: Event) -> str:
        """The service that takes it in the end: answers go on while care plans cannot (docs/adr/0014)."""
        service = "measurement" if event.name == EventName.RESPONSE_COMPLETED else "careplan"
        return ServiceBases(settings.FUT_BASE_URL, settings.FUT_SERVICE_URLS).receiver(service)

    def not_before(self, event: Event, moment: datetime) -> datetime:
        """At any hour."""
        del event
        return moment

    def opens(self, moment: datetime) -> datetime:
        """At any hour."""
        return moment

    def handover(self) -> FutHandover:
        return FutHandover(gateway)

    def postponed(self, delivery: Delivery, until: datetime) -> None:
        """It never is."""

    def gave_up(self, delivery: Delivery) -> None:
        """The dead delivery itself is the note."""

    def revived(self, delivery: Delivery) -> None:
        """Nothing was noted elsewhere."""


@lru_cache(maxsize=1)
def client() -> FutClient:
    """Speaks with the platform that the settings name; one a process, since it keeps the access tokens."""
    config = FutConfig(
        base_url=settings.FUT_BASE_URL,
        token_url=settings.FUT_TOKEN_URL,
        client_id=settings.FUT_CLIENT_ID,
        client_secret=settings.FUT_CLIENT_SECRET,
        timeout=CALL_SECONDS,
        service_urls=settings.FUT_SERVICE_URLS,
        grant=_grant(),
        certificate=settings.FUT_CERTIFICATE,
        key=settings.FUT_KEY,
        trust=settings.FUT_TRUST,
    )
    return FutClient(config)


@lru_cache(maxsize=1)
def gateway() -> FutGateway:
    return HttpFutGateway(client())


def _grant() -> Grant:
    if settings.FUT_TOKEN_GRANT == "client_credentials":  # noqa: S105 - the name of a grant
        return ClientCredentials()
    kind = REFRESH_TOKEN if settings.FUT_TOKEN_GRANT == REFRESH_TOKEN else TOKEN_EXCHANGE
    return StoredGrant(Path(settings.FUT_GRANT_FILE), kind)
