"""Opening a citizen whom none of one's teams follows: for a reason that is written down, and that others look at.

`staff.seen` asks `needs_reason` before any page about one citizen leaves. What is opened then stands in the access log
with the purpose *særlig grund* and the employee's own words, which the citizen can see as well; and whoever controls
access gets each of them to look at.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from citizens.models import Citizen
from followup.models import OutsideAccess
from identity.actors import StaffActor
from kommunalpro.problems import Problem
from municipalities.models import Municipality

LASTS = timedelta(hours=8)
"""A working day: the reason is asked for again tomorrow."""

SHORTEST_REASON = 10


class ReasonMissing(Problem):
    """The reason is empty or says nothing."""

    code = "reason_missing"


class NotSeenBy(Problem):
    """Nobody looks at their own."""

    code = "own_outside_access"


def standing_reason(*, actor: StaffActor, citizen_id: UUID, municipality: Municipality, at: datetime) -> str:
    """The reason that the employee gave for this citizen and that still holds; "" where there is none."""
    given = OutsideAccess.objects.filter(
        municipality=municipality, staff_member=actor.staff_id, citizen=citizen_id, until__gt=at
    )
    return given.order_by("-at").values_list("reason", flat=True).first() or ""


def reasons_given(municipality: Municipality) -> QuerySet[OutsideAccess]:
    """Every reason, those that nobody has looked at first, then the newest."""
    given = OutsideAccess.objects.filter(municipality=municipality)
    return given.select_related("citizen", "staff_member", "seen_by").order_by(
        F("seen_at").desc(nulls_first=True), "-at", "pk"
    )


def waiting(municipality: Municipality) -> QuerySet[OutsideAccess]:
    """Those that nobody has looked at."""
    return OutsideAccess.objects.filter(municipality=municipality, seen_at=None)


def give_reason(
    *, actor: StaffActor, citizen: Citizen, municipality: Municipality, reason: str, at: datetime
) -> OutsideAccess:
    """Write down why the employee opens the citizen; it holds for `LASTS`. Raises ReasonMissing.

    CPR numbers in it are masked: it is read by others.
    """
    words = without_cpr(" ".join(reason.split()))
    if len(words) < SHORTEST_REASON:
        raise ReasonMissing(
            _(
                "Skriv med nogle ord, hvorfor du har brug for at se borgeren, for eksempel at du afløser i teamet."
            )
        )
    return OutsideAccess.objects.create(
        municipality=municipality,
        citizen=citizen,
        staff_member_id=actor.staff_id,
        care_team_name=actor.context_name[:120],
        reason=words[: OutsideAccess.LONGEST_REASON],
        at=at,
        until=at + LASTS,
    )


def note_seen(*, access: OutsideAccess, actor: StaffActor, at: datetime) -> OutsideAccess:
    """Whoever controls access has looked at it; the first time counts. Raises NotSeenBy for one's own."""
    if access.staff_member_id == actor.staff_id:
        raise NotSeenBy(_("Det er dit eget opslag. En kollega med samme rolle skal se på det."))
    OutsideAccess.objects.filter(pk=access.pk, seen_at=None).update(seen_at=at, seen_by=actor.staff_id)
    access.refresh_from_db()
    return access
