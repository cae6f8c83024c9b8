"""What can become of a text message: the states, and which may follow which.

The only way from one to another is `MessageQuerySet.move`, which reads this table.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    QUEUED = "queued", _("På vej")
    HELD = "held", _("Venter på sit tidspunkt")
    SENT = "sent", _("Sendt")
    RECEIVED = "received", _("Modtaget af NemSMS")
    DELIVERED = "delivered", _("Leveret")
    FAILED = "failed", _("Kunne ikke sendes")
    NOT_ENROLLED = "not_enrolled", _("Ikke sendt: ikke tilmeldt NemSMS")
    ANSWERED = "answered", _("Ikke sendt: allerede besvaret")
    CALLED_OFF = "called_off", _("Ikke sendt: opgaven er ikke åben længere")
    COLLAPSED = "collapsed", _("Samlet med en anden besked")


WAITING = frozenset({Status.QUEUED, Status.HELD})
"""It may still leave."""

ON_ITS_WAY = frozenset({Status.SENT, Status.RECEIVED, Status.DELIVERED})
"""NemSMS took it, as far as we know."""

NOT_SENT = frozenset({Status.NOT_ENROLLED, Status.ANSWERED, Status.CALLED_OFF, Status.COLLAPSED})
"""We ended it, with a reason; no receipt can come but for a message that left just before we did."""

_REPORTED = frozenset({Status.RECEIVED, Status.FAILED, Status.DELIVERED})

AFTER: Mapping[Status, frozenset[Status]] = {
    # A receipt may overtake our own note that the message left.
    Status.QUEUED: frozenset({Status.HELD, Status.SENT}) | _REPORTED | NOT_SENT,
    # Held anew where it was due and the evening had begun.
    Status.HELD: frozenset({Status.HELD, Status.SENT}) | _REPORTED | NOT_SENT,
    Status.SENT: _REPORTED,
    Status.RECEIVED: frozenset({Status.FAILED, Status.DELIVERED}),
    # A person sends it again; or we never heard the answer of a sending that went well.
    Status.FAILED: frozenset({Status.QUEUED, Status.HELD, Status.DELIVERED}),
    # Receipts come in any order and more than once, so the strongest stays: received < failed < delivered.
    Status.DELIVERED: frozenset(),
    # The worker died between sending and noting it, and the reason came up before its second try.
    **dict.fromkeys(NOT_SENT, frozenset({Status.DELIVERED})),
}


def before(status: Status) -> frozenset[Status]:
    """The states from which a message may come to `status`."""
    return frozenset(earlier for earlier, later in AFTER.items() if status in later)


def first_status(*, requested_at: datetime, leaves_at: datetime) -> Status:
    """How a new message waits: on its way at once, or held until its time."""
    return Status.HELD if leaves_at > requested_at else Status.QUEUED
