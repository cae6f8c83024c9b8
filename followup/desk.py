"""What an employee has chosen for themself, and the numbers that stand over every page of theirs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db.models import F, Func, IntegerField, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from followup.errands import waiting_for
from followup.models import Attention, DeskSettings
from followup.selectors import MOST_COUNTED, Whose, answers_of
from followup.teams import Teams
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within


class DigestRefused(Problem):
    """The daily e-mail cannot be had like this."""

    code = "digest_refused"


def marked_answers(teams: Teams, municipality: Municipality) -> QuerySet[Attention]:
    """What the bell is about: marked answers in force of the teams' citizens that nobody has handled."""
    rows = answers_of(Whose(municipality=municipality, teams=teams))
    return rows.unhandled().marked()


def waiting_numbers(
    *, staff_id: UUID, teams: Teams, municipality: Municipality, may_see_answers: bool
) -> dict[str, Func | Value]:
    """How many `errands` there are to do, and `bell`: marked answers that came since the bell was opened."""
    numbers: dict[str, Func | Value] = {
        "errands": how_many(waiting_for(staff_id, teams, municipality)),
        "bell": Value(0),
    }
    # A login for a team that we do not know yet has no citizens to count for.
    if may_see_answers and teams.ids != ():
        opened = Subquery(DeskSettings.objects.filter(staff_member=staff_id).values("bell_seen_at")[:1])
        marked = marked_answers(teams, municipality).annotate(opened=opened)
        numbers["bell"] = how_many(marked.filter(Q(opened__isnull=True) | Q(answered_at__gt=F("opened"))))
    return numbers


def how_many(rows: QuerySet[Any, Any]) -> Func:
    """The number of rows as a part of a query: up to MOST_COUNTED, and one further for “more”."""
    some = ArraySubquery(rows.order_by().values("pk")[: MOST_COUNTED + 1])
    return Func(some, function="cardinality", output_field=IntegerField())


def settings_of(staff_id: UUID) -> DeskSettings | None:
    """What the employee has chosen, if anything."""
    return DeskSettings.objects.filter(staff_member=staff_id).select_related("digest_team").first()


def open_bell(*, by: StaffMember, municipality: Municipality, at: datetime) -> datetime | None:
    """The bell is opened: what came until now is no news any more. Gives when it was opened before."""
    desk, is_new = DeskSettings.objects.select_for_update().get_or_create(
        staff_member=by, defaults={"municipality": municipality, "bell_seen_at": at}
    )
    before = None if is_new else desk.bell_seen_at
    if not is_new:
        desk.bell_seen_at = at
        desk.save(update_fields=["bell_seen_at"])
    return before


def choose_digest(
    *, to: str, team: CareTeam | None, by: StaffMember, municipality: Municipality, has_team: bool = False
) -> DeskSettings:
    """Have the daily e-mail sent `to` an address, with the figures of `team`; None is the whole municipality.

    `has_team`: the login was for a team; where we do not know it there are no figures. Raises DigestRefused.
    """
    if has_team and team is None:
        raise DigestRefused(_("Dit team findes ikke her endnu, så der er ingen tal at sende."))
    if team is not None and team.municipality_id != municipality.pk:
        raise DigestRefused(_("Teamet er ikke i din kommune."))
    desk, _created = DeskSettings.objects.update_or_create(
        staff_member=by, defaults={"municipality": municipality, "digest_to": to, "digest_team": team}
    )
    return desk


def stop_digest(*, staff_id: UUID) -> None:
    """No e-mail any more; the address is forgotten. Twice is as once."""
    DeskSettings.objects.filter(staff_member=staff_id).update(digest_to="", digest_team=None)


# --- stopping the e-mail from the e-mail itself ---------------------------------------------------------

_SALT = "followup.digest"


def stop_token(desk: DeskSettings) -> str:
    """What stands in the e-mail's link: signed, so that nobody stops another's. It names no person to a reader."""
    return signing.dumps([str(desk.staff_member_id), desk.municipality_id], salt=_SALT)


def read_stop_token(token: str) -> tuple[UUID, int] | None:
    """Whose e-mail it stops: the employee's id and their municipality's; None where we have not signed it."""
    try:
        staff_id, municipality_id = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return UUID(staff_id), municipality_id


def stop_by_token(token: str) -> bool:
    """Stop the e-mail that the link came with, also where nobody is logged in; whether the link was ours."""
    whose = read_stop_token(token)
    if whose is None:
        return False
    staff_id, municipality_id = whose
    with within(Scope.municipality(municipality_id)):
        stop_digest(staff_id=staff_id)
    return True
