"""Who would get a plan that is to be given to many, and who cannot and why, before anything is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from citizens.models import Citizen
from followup.teams import Teams
from identity.models import StaffMember
from municipalities.models import Municipality
from plans.assigning import has_it_already
from plans.bulk_assigning import Order, lives_elsewhere
from plans.bulk_models import MOST_AT_ONCE, BulkAssignment, BulkAssignmentItem
from plans.models import CarePlan, EpisodeOfCare, Task
from plans.selectors import followed_by_others

BY_NAME = ("is_name_protected", "family_name", "given_name", "pk")
RECENT = 5


@dataclass(frozen=True, slots=True)
class CannotGet:
    """Somebody who gets no plan, and the sentence that says why."""

    citizen: Citizen
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`getting` at most MOST_AT_ONCE; `left` says whether the team has more, for the next go."""

    getting: list[Citizen]
    cannot: list[CannotGet]
    left: bool = False

    @property
    def outside_nemsms(self) -> int:
        """How many of them get the plan, and no text message about it."""
        return sum(citizen.is_outside_nemsms for citizen in self.getting)


def known_citizens(ids: Iterable[UUID], municipality: Municipality) -> list[Citizen]:
    """Those of the ids whom the municipality may see: its residents, and whoever has a course there; by name."""
    course = EpisodeOfCare.objects.filter(citizen=OuterRef("pk"), municipality=municipality)
    found = Citizen.objects.filter(Q(municipality=municipality) | Q(Exists(course)), pk__in=list(ids))
    return list(found.order_by(*BY_NAME)[: MOST_AT_ONCE + 1])


def for_citizens(order: Order, ids: Iterable[UUID], municipality: Municipality, teams: Teams) -> Preview:
    """The plan for these, from somebody of `teams`; three queries, however many they are."""
    people = known_citizens(ids, municipality)
    return _parted(people, order, municipality, teams)


def for_team(order: Order, municipality: Municipality, teams: Teams) -> Preview:
    """The plan for everybody who has a course with the team: as many of those without it as one go takes."""
    course = EpisodeOfCare.objects.filter(
        citizen=OuterRef("pk"), care_team=order.care_team, status=EpisodeOfCare.Status.ACTIVE
    )
    followed = Citizen.objects.filter(Exists(course)).order_by(*BY_NAME)
    having = Q(Exists(_with_plan(order).filter(citizen=OuterRef("pk"))))
    of_here = Q(municipality=municipality)
    getting = list(followed.filter(of_here & ~having)[: MOST_AT_ONCE + 1])
    others = list(followed.exclude(of_here & ~having)[:MOST_AT_ONCE])
    preview = _parted([*getting[:MOST_AT_ONCE], *others], order, municipality, teams)
    return Preview(preview.getting, preview.cannot, left=len(getting) > MOST_AT_ONCE)


def recent_of(member: StaffMember) -> QuerySet[BulkAssignment]:
    """What somebody has given to many lately, the newest first."""
    return (
        BulkAssignment.objects.filter(made_by=member)
        .select_related("plan", "care_team")
        .order_by("-made_at", "pk")[:RECENT]
    )


def results_of(bulk: BulkAssignment) -> QuerySet[BulkAssignmentItem]:
    """Each citizen with what became of them: those without the plan first, then in the order of the preview."""
    has_it = ExpressionWrapper(Q(state=BulkAssignmentItem.State.ASSIGNED), output_field=BooleanField())
    return bulk.items.select_related("citizen").order_by(has_it, "position")


def followed_by_another_team() -> str:
    """Why nobody of other teams gives the citizen a plan among many, for the screen."""
    return _("Borgeren følges af et andet team. Bed teamet om det, eller åbn borgeren, og skriv hvorfor.")


def _with_plan(order: Order) -> QuerySet[CarePlan]:
    """Care plans in the way: the same plan with the same team, something left to answer, now or after a pause.

    One that is answered and only waits for corrections gives way (plans.services.assign_plan).
    """
    return CarePlan.objects.filter(
        Exists(Task.objects.not_ended().filter(care_plan=OuterRef("pk"))),
        episode__care_team=order.care_team,
        plan=order.plan,
        status__in=CarePlan.GOING_ON,
    ).order_by()


def _parted(people: Sequence[Citizen], order: Order, municipality: Municipality, teams: Teams) -> Preview:
    in_the_way = dict(_with_plan(order).filter(citizen__in=people).values_list("citizen", "status"))
    of_others = followed_by_others([citizen.pk for citizen in people], municipality, teams)
    getting, cannot = [], []
    for citizen in people:
        if citizen.pk in of_others:
            cannot.append(CannotGet(citizen, followed_by_another_team()))
        elif citizen.municipality_id != municipality.pk:
            cannot.append(CannotGet(citizen, lives_elsewhere()))
        elif citizen.pk in in_the_way:
            cannot.append(CannotGet(citizen, has_it_already(in_the_way[citizen.pk])))
        else:
            getting.append(citizen)
    return Preview(getting, cannot)
