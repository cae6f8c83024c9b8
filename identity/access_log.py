"""Writing the access log: what was shown of whom, and what the municipality's control decided about it.

An entry is written in the transaction of the request that shows the data, before the page leaves: where it cannot
be written, the page is not shown. Who acts, from where and for which municipality comes from the login.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from identity.actors import StaffActor
from identity.models import AccessEntry, AccessReview
from kommunalpro.problems import Problem

Action = AccessEntry.Action
What = AccessEntry.What
Purpose = AccessEntry.Purpose


# Everything but the citizen is said once: for a list of fifty that is a fifth of the time that fifty rows of
# `bulk_create` take, and no row has to be read back.
_INSERT = """
INSERT INTO identity_accessentry (
    at, municipality_id, staff_id, staff_name, organisation_unit, care_team, unit_name,
    citizen_id, action, what, subject_id, purpose, reason, criterion, request_id
)
SELECT %(at)s, %(municipality_id)s, %(staff_id)s, %(staff_name)s, %(organisation_unit)s, %(care_team)s, %(unit_name)s,
    citizen_id, %(action)s, %(what)s, %(subject_id)s, %(purpose)s, %(reason)s, %(criterion)s, %(request_id)s
FROM unnest(%(citizens)s::uuid[]) AS citizen_id
"""


class NoMunicipality(TypeError):
    """Somebody who belongs to no municipality was shown a citizen: a fault of ours, never a page."""


class ReviewNotPossible(Problem):
    """The control cannot decide so; the sentence says why."""

    code = "review_not_possible"


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody did with citizens' data, and why.

    `subject_id` is the response, plan … itself. `criterion` is what was searched for, with CPR numbers masked by the
    caller; whatever still looks like one is masked whole. `reason` is the employee's own words, required for
    Purpose.BREAK_THE_GLASS.
    """

    what: What
    action: Action = Action.READ
    purpose: Purpose = Purpose.FOLLOW_UP
    subject_id: UUID | None = None
    criterion: str = ""
    reason: str = ""


def record(*, use: Use, of: Iterable[UUID], by: StaffActor, at: datetime) -> int:
    """Write one entry for each citizen in `of` (ids; each counts once), in one statement. Returns how many.

    A search that found nobody is an entry without a citizen. A list that showed nobody is none.
    Raises NoMunicipality, and whatever the database raises: then nothing may be shown.
    """
    if by.municipality_id is None:
        raise NoMunicipality("Citizens' data are shown to a municipality's own employees only.")
    citizens: list[UUID | None] = list(dict.fromkeys(of))
    if not citizens:
        if use.action != Action.SEARCH:
            return 0
        citizens = [None]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "at": at,
                "municipality_id": by.municipality_id,
                "staff_id": by.staff_id,
                "staff_name": by.name[:200],
                "organisation_unit": by.organisation_unit[:100],
                "care_team": by.care_team[:100],
                "unit_name": by.context_name[:200],
                "action": use.action.value,
                "what": use.what.value,
                "subject_id": use.subject_id,
                "purpose": use.purpose.value,
                "reason": without_cpr(use.reason)[:500],
                "criterion": without_cpr(use.criterion)[:200],
                "request_id": str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
                "citizens": citizens,
            },
        )
    return len(citizens)


def review(
    *, entry: AccessEntry, outcome: AccessReview.Outcome, note: str, by: StaffActor, at: datetime
) -> AccessReview:
    """Note the control's decision about an entry; an earlier one stays, and the newest counts.

    Raises ReviewNotPossible, with a sentence for the screen.
    """
    if entry.staff_id == by.staff_id:
        raise ReviewNotPossible(
            _("Det er dit eget opslag. En kollega med samme rolle skal tage stilling til det.")
        )
    note = without_cpr(note.strip())
    if outcome == AccessReview.Outcome.FOLLOW_UP and not note:
        raise ReviewNotPossible(_("Skriv, hvad der skal følges op på, så den næste ved, hvad der er sket."))
    return AccessReview.objects.create(
        at=at,
        municipality_id=entry.municipality_id,
        entry_id=entry.pk,
        entry_at=entry.at,
        outcome=outcome,
        note=note[:1000],
        staff_id=by.staff_id,
        staff_name=by.name[:200],
    )
