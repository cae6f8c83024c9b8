"""Ten days of staff looking at citizens, so that the access log of a fresh demo has something to show."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from identity.access_log import Action, Use, What, record
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from kommunalpro.demo.people import CLINICAL_ROLES, DemoCitizen, DemoStaff, demo_staff
from plans.schedule import DANISH_TIME
from questionnaires.models import Response

DAYS = 10
ON_THE_LIST = 15
READ_A_DAY = 3
FRIDAY = 5


def load_access(
    citizens: Sequence[DemoCitizen],
    ids: Mapping[str, UUID],
    responses: Iterable[Response],
    nurses: Mapping[str | None, StaffMember],
    *,
    now: datetime,
) -> int:
    """Write what the main nurse of each municipality looked at on the working days before `now`.

    `ids` are the citizens' by their demo key, `responses` their answers. Returns how many entries there came.
    """
    newest: dict[UUID, Response] = {}
    for response in responses:
        known = newest.get(response.citizen_id)
        if known is None or response.started_at > known.started_at:
            newest[response.citizen_id] = response
    written = 0
    for code in sorted({each.municipality_code for each in citizens}):
        nurse = next(
            each for each in demo_staff() if each.municipality_code == code and each.roles == CLINICAL_ROLES
        )
        by = _logged_in(nurse, nurses[code])
        people = [
            ids[each.key]
            for each in citizens
            if each.municipality_code == code and each.care_team == nurse.care_team
        ]
        for days_ago in range(DAYS, 0, -1):
            morning = (now - timedelta(days=days_ago)).astimezone(DANISH_TIME).replace(hour=8, minute=5)
            if morning.isoweekday() <= FRIDAY:
                written += _a_day(people, newest, by, morning)
    return written


def _a_day(people: list[UUID], newest: Mapping[UUID, Response], by: StaffActor, morning: datetime) -> int:
    """The overview in the morning; then some citizens one by one, each with the newest answer."""
    chance = random.Random(f"access:{by.municipality_name}:{morning:%j}")  # noqa: S311 - the same each time
    written = record(use=Use(What.OVERVIEW, Action.LIST), of=people[:ON_THE_LIST], by=by, at=morning)
    # The first is whom everybody tries: looked at on Fridays for certain.
    first = people[:1] if morning.isoweekday() == FRIDAY else []
    for number, person in enumerate([*first, *chance.sample(people[1:], min(READ_A_DAY, len(people) - 1))]):
        at = morning + timedelta(minutes=7 + 20 * number)
        written += record(use=Use(What.CITIZEN), of=[person], by=by, at=at)
        if person in newest:
            use = Use(What.RESPONSE, subject_id=newest[person].pk)
            written += record(use=use, of=[person], by=by, at=at + timedelta(minutes=2))
    return written


def _logged_in(nurse: DemoStaff, member: StaffMember) -> StaffActor:
    """The nurse as their login would bring them, working in their team."""
    return StaffActor(
        staff_id=member.pk,
        name=nurse.name,
        municipality_id=member.municipality_id,
        municipality_name=nurse.organisation_name,
        roles=frozenset(Role(role) for role in nurse.roles),
        care_team=str(nurse.care_team_id),
        context_name=nurse.care_team or "",
    )
