"""When a text message may leave, and through which gateway: by the settings."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from notifications.gateways import Gateway
from notifications.quiet_hours import next_allowed
from notifications.sf1601.access import Sf1601Config
from notifications.sf1601.gateway import Sf1601Gateway


def allowed_from(moment: datetime) -> datetime:
    """The first instant at or after `moment` outside the quiet hours of the settings."""
    return next_allowed(moment, settings.NEMSMS_QUIET_HOURS)


@lru_cache(maxsize=1)
def gateway() -> Gateway:
    """The gateway of the settings; one a process, since it keeps connections and access tokens."""
    return Sf1601Gateway(
        Sf1601Config(
            url=settings.NEMSMS_URL,
            token_url=settings.NEMSMS_TOKEN_URL,
            certificate=_file(settings.NEMSMS_CERTIFICATE),
            key=_file(settings.NEMSMS_KEY),
            trust=_file(settings.NEMSMS_TRUST),
            legal_fields=settings.NEMSMS_LEGAL_FIELDS,
        )
    )


def _file(name: str) -> Path | None:
    return Path(name) if name else None
