"""Saying whom a page shows. Each view of the Medarbejdermodul does, or its page does not leave.

    seen(request, [citizen.pk], Use(What.CITIZEN), at=now)
    nobody_seen(request)

`staff.access.municipal_staff` refuses a page whose view said neither: forgetting is a fault, not a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from identity import access_log
from identity.access_log import Use
from staff.access import MunicipalRequest


def seen(request: MunicipalRequest, citizens: Iterable[UUID], use: Use, *, at: datetime) -> None:
    """The page shows these citizens (ids), or the act was about them: enter it into the access log."""
    access_log.record(use=use, of=citizens, by=request.actor, at=at)
    request.is_accounted_for = True


def nobody_seen(request: MunicipalRequest) -> None:
    """The page shows no citizen."""
    request.is_accounted_for = True
