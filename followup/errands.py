"""A colleague, or a team, is asked to do something about a citizen."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from citizens.models import Citizen
from followup.models import Errand
from followup.notes import checked
from followup.teams import Teams
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import CareTeam, Municipality
from questionnaires.models import Response

SEEN_WITHIN = timedelta(days=180)
"""Who has not logged in for so long is not offered: nobody would see the errand."""


class ErrandRefused(Problem):
    """It is nobody's, or two's, or not of this municipality."""

    code = "errand_refused"


class DoneByAnother(Problem):
    """A colleague has done it already; only they say that it is not done after all."""

    code = "errand_done_by_another"


def colleagues_of(municipality: Municipality, at: datetime) -> QuerySet[StaffMember]:
    """Who can be asked by name: who has worked here in `SEEN_WITHIN`."""
    seen = StaffMember.objects.filter(municipality=municipality, last_login_at__gt=at - SEEN_WITHIN)
    return seen.people().exclude(name="").order_by("name", "pk")


def ask(
    *,
    citizen: Citizen,
    municipality: Municipality,
    text: str,
    by: StaffMember,
    at: datetime,
    for_member: StaffMember | None = None,
    for_team: CareTeam | None = None,
    due_on: date | None = None,
    response: Response | None = None,
) -> Errand:
    """Ask one colleague or one team of the municipality; `response` is what it is about, where it is one answer.

    CPR numbers in the text are masked. Raises NoteRefused or ErrandRefused.
    """
    if (for_member is None) == (for_team is None):
        raise ErrandRefused(_("Vælg en kollega eller et team."))
    asked = for_member or for_team
    if asked is None or asked.municipality_id != municipality.pk:
        raise ErrandRefused(_("Vælg en fra din egen kommune."))
    if response is not None and (response.citizen_id, response.municipality_id) != (
        citizen.pk,
        municipality.pk,
    ):
        raise ErrandRefused(_("Svaret er ikke denne borgers."))
    return Errand.objects.create(
        citizen=citizen,
        municipality=municipality,
        response=response,
        text=checked(text),
        asked_by=by,
        asked_at=at,
        for_member=for_member,
        for_team=for_team,
        due_on=due_on,
    )


def finish(*, errand: Errand, by: StaffMember, at: datetime) -> Errand:
    """It is done. Again by the same person is as once. Raises DoneByAnother."""
    if not Errand.objects.filter(pk=errand.pk, done_at=None).update(done_at=at, done_by=by):
        errand.refresh_from_db()
        if errand.done_by_id != by.pk:
            raise DoneByAnother(_("En kollega har allerede løst opgaven."))
    errand.refresh_from_db()
    return errand


def take_back(*, errand: Errand, by: StaffMember) -> Errand:
    """It is not done after all; who did it or asked for it says so. Twice is as once. Raises DoneByAnother."""
    involved = Q(done_by=by) | Q(asked_by=by)
    if not Errand.objects.filter(involved, pk=errand.pk).update(done_at=None, done_by=None):
        errand.refresh_from_db()
        if errand.is_done:
            raise DoneByAnother(_("Kun den, der har løst opgaven eller bedt om den, kan tage det tilbage."))
    errand.refresh_from_db()
    return errand


# --- lists ----------------------------------------------------------------------------------------


def errands_of(municipality: Municipality) -> QuerySet[Errand]:
    """The municipality's, about citizens who live there."""
    return Errand.objects.filter(municipality=municipality, citizen__municipality=municipality)


def waiting_for(staff_id: UUID, teams: Teams, municipality: Municipality) -> QuerySet[Errand]:
    """What nobody has done and is this employee's, or one of their teams'; what is due first comes first."""
    of_a_team = Q(for_team__isnull=False) if teams.ids is None else Q(for_team__in=teams.ids)
    own = Q(for_member=staff_id) | of_a_team
    return (
        errands_of(municipality)
        .filter(own, done_at=None)
        .order_by(F("due_on").asc(nulls_last=True), "asked_at", "pk")
    )


def asked_by(staff_id: UUID, municipality: Municipality) -> QuerySet[Errand]:
    """What the employee has asked of others and is not done; what is due first comes first."""
    asked = errands_of(municipality).filter(asked_by=staff_id, done_at=None).exclude(for_member=staff_id)
    return asked.order_by(F("due_on").asc(nulls_last=True), "asked_at", "pk")


def done_lately(staff_id: UUID, municipality: Municipality, at: datetime) -> QuerySet[Errand]:
    """What the employee did in the last fortnight, or others did for them; the newest first."""
    involved = Q(done_by=staff_id) | Q(asked_by=staff_id)
    lately = errands_of(municipality).filter(involved, done_at__gt=at - timedelta(days=14))
    return lately.order_by("-done_at", "pk")


def with_what_is_shown(errands: QuerySet[Errand], today: date) -> QuerySet[Errand]:
    """With all that a line says; `is_late` where the day has passed."""
    late = errands.annotate(is_late=Q(due_on__lt=today))
    return late.select_related("citizen", "asked_by", "for_member", "for_team", "done_by")
