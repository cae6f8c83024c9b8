"""When a text message may leave, and through which gateway: by the settings."""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from notifications.gateways import Gateway
from notifications.quiet_hours import next_allowed
from notifications.sf1601.access import Sf1601Config
from notifications.sf1601.gateway import Sf1601Gateway

# Two calls for a token and the message itself, each within Sf1601Config.timeout.
LONGEST_SENDING = timedelta(seconds=30)


def allowed_from(moment: datetime) -> datetime:
    """The first instant at or after `moment` at which a sending may begin: it ends outside the quiet hours, too.

    What began at 17:59:59 would make a telephone ring after 18:00.
    """
    allowed = next_allowed(moment, settings.NEMSMS_QUIET_HOURS)
    ends = allowed + LONGEST_SENDING
    after = next_allowed(ends, settings.NEMSMS_QUIET_HOURS)
    return allowed if after == ends else after


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
