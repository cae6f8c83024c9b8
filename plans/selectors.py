"""What staff read of their citizens' plans, tasks and answers.

Every function is told the municipality and gives nothing from outside it: its courses, for the citizens who
live there. What another municipality asked stays with that municipality, also for the citizen who moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from citizens.models import Citizen
from citizens.residents import lives_in
from followup.selectors import MOST_COUNTED
from followup.teams import ALL_TEAMS, Teams
from identity.models import StaffMember
from kommunalpro.compiled_queries import CompiledQuery, padded
from kommunalpro.walked_lists import row_has
from municipalities.models import CareTeam, Municipality
from plans.adjusting import Asked, asked_twice
from plans.correcting import in_force_instead_of
from plans.history import PlanEvent, events_of
from plans.models import Activity, CarePlan, CarePlanEvent, EpisodeOfCare, Plan, Task, TaskQuerySet
from plans.schedule import Occurrence
from plans.services import tasks_of
from questionnaires.models import PublicationStatus, Response, Score, is_corrected

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, slots=True)
class ScoreReading:
    """A score with the one before it: same citizen, questionnaire (any version) and item."""

    link_id: str
    name: str
    value: Decimal
    minimum: Decimal | None
    maximum: Decimal | None
    unit: str
    previous: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How much higher than the last time; None where there was none."""
        return None if self.previous is None else self.value - self.previous

    @property
    def change_size(self) -> Decimal | None:
        """The change without its sign, to go before “højere” or “lavere”."""
        return None if self.change is None else abs(self.change)


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """A completed response and its scores, as lists show it."""

    response: Response
    scores: tuple[ScoreReading, ...]


@dataclass(frozen=True, slots=True)
class CarePlanProgress:
    """How far a citizen is with a plan, and what was done with it."""

    care_plan: CarePlan
    answered: int
    overdue: int
    total: int
    events: tuple[CarePlanEvent, ...] = ()


# --- tasks -------------------------------------------------------------------------------------


def followed_tasks(municipality: Municipality) -> TaskQuerySet:
    """The tasks of the municipality's courses, for the citizens who live there."""
    return Task.objects.of(municipality).filter(lives_in(municipality))


def of_teams(tasks: TaskQuerySet, teams: Teams) -> TaskQuerySet:
    """Those of the courses that the teams follow; asked task by task, so that a long list can be walked along."""
    if teams.ids is None:
        return tasks
    care_plan = CarePlan.objects.filter(pk=OuterRef("care_plan"))
    return tasks.filter(row_has(care_plan, "episode__care_team", teams.ids))


def count_at_most(rows: QuerySet[AnyModel], most: int = MOST_COUNTED) -> int:
    """How many rows there are, or `most` + 1 for “more than `most`”; the database stops counting there."""
    return rows.order_by()[: most + 1].count()


def tasks_of_citizen(citizen: Citizen, municipality: Municipality) -> TaskQuerySet:
    """The citizen's tasks in this municipality's courses."""
    return (
        followed_tasks(municipality)
        .for_citizen(citizen)
        .with_questionnaire()
        # What lists never show: the answers.
        .defer("response__document")
    )


def answered_tasks(citizen: Citizen, municipality: Municipality) -> TaskQuerySet:
    """The citizen's answered tasks, the newest answer first, with what a list says of them."""
    return (
        followed_tasks(municipality)
        .for_citizen(citizen)
        .answered()
        .select_related("activity__version", "response__version")
        .only(
            "activity__title",
            "activity__version__title",
            "activity__version__language",
            "response__completed_at",
            "response__version__title",
            "response__version__language",
        )
        .order_by("-response__completed_at", "-response_id")
    )


# --- answers -----------------------------------------------------------------------------------


def responses_seen_by(municipality: Municipality) -> QuerySet[Response]:
    """Submitted responses in force to the municipality's tasks, for the citizens who live there."""
    return (
        Response.objects.in_force()
        .filter(
            task__isnull=False,
            municipality=municipality,
            citizen__municipality=municipality,
        )
        .select_related("citizen", "version", "task__care_plan__plan")
    )


def former_response(municipality: Municipality, response_id: UUID) -> tuple[Response, Response] | None:
    """An earlier version of an answer that was corrected, and the one in force; None where staff see no such."""
    former = Response.objects.former().filter(municipality=municipality, pk=response_id)
    found = former.select_related("version", "entered_by").first()
    if found is None:
        return None
    in_force = responses_seen_by(municipality).filter(pk=in_force_instead_of(found).pk).first()
    return (found, in_force) if in_force is not None else None


def _scores(*, response_ids: tuple[UUID, ...], municipality_id: int) -> QuerySet[Score, Any]:
    """The fields of ScoreReading after the response of each."""
    earlier = (
        Score.objects.filter(
            ~is_corrected("response"),
            response__status=Response.Status.COMPLETED,
            municipality=municipality_id,
            response__citizen=OuterRef("response__citizen"),
            response__version__questionnaire=OuterRef("response__version__questionnaire"),
            response__completed_at__lt=OuterRef("response__completed_at"),
            link_id=OuterRef("link_id"),
        )
        .order_by("-response__completed_at")
        .values("value")[:1]
    )
    rows = Score.objects.filter(response__in=response_ids).order_by("pk")
    return rows.values_list(
        "response_id", "link_id", "name", "value", "minimum", "maximum", "unit", Subquery(earlier)
    )


_SCORES = CompiledQuery(_scores)


def scores_of(
    response_ids: Sequence[UUID], municipality: Municipality
) -> dict[UUID, tuple[ScoreReading, ...]]:
    """By response its scores, with the change since last time. One query; a response without scores is not in it."""
    readings: dict[UUID, list[ScoreReading]] = {}
    for response_id, *score in _SCORES.rows(
        response_ids=padded(response_ids, 25), municipality_id=municipality.pk
    ):
        readings.setdefault(response_id, []).append(ScoreReading(*score))
    return {response_id: tuple(scores) for response_id, scores in readings.items()}


def with_scores(responses: Iterable[Response], municipality: Municipality) -> list[ReadResponse]:
    """The responses with their scores and the change since last time, in one query for all of them."""
    responses = list(responses)
    scores = scores_of([response.pk for response in responses], municipality)
    return [ReadResponse(response=response, scores=scores.get(response.pk, ())) for response in responses]


# --- citizens and their plans --------------------------------------------------------------------


def citizens_in_care(
    municipality: Municipality, now: datetime, teams: Teams = ALL_TEAMS
) -> QuerySet[Citizen]:
    """The municipality's citizens with a course of one of `teams` under way, by name, each with its courses' teams.

    Annotated with `overdue` (how many questionnaires) and `answered_at` (the latest answer). Those whose
    name is protected come last, so that their place in the list does not give the name away.
    """
    under_way = teams.only(
        EpisodeOfCare.objects.filter(municipality=municipality, status=EpisodeOfCare.Status.ACTIVE)
    )
    return with_state(
        Citizen.objects.of(municipality)
        .filter(Exists(under_way.filter(citizen=OuterRef("pk"))))
        .order_by("is_name_protected", "family_name", "given_name", "pk"),
        municipality,
        now,
    )


def with_state(citizens: QuerySet[Citizen], municipality: Municipality, now: datetime) -> QuerySet[Citizen]:
    """Add `overdue`, `answered_at` and `courses` (active, with team) to each citizen."""
    overdue = (
        Task.objects.of(municipality)
        .overdue(now)
        .filter(citizen=OuterRef("pk"))
        .order_by()
        .values("citizen")
        .annotate(number=Count("pk"))
        .values("number")
    )
    latest = (
        Response.objects.in_force()
        .filter(citizen=OuterRef("pk"), municipality=municipality)
        .order_by("-completed_at")
        .values("completed_at")[:1]
    )
    courses = EpisodeOfCare.objects.filter(
        municipality=municipality, status=EpisodeOfCare.Status.ACTIVE
    ).select_related("care_team")
    return citizens.annotate(overdue=Subquery(overdue), answered_at=Subquery(latest)).prefetch_related(
        Prefetch("episodes", queryset=courses, to_attr="courses")
    )


def citizens_named(text: str, municipality: Municipality, now: datetime) -> QuerySet[Citizen]:
    """Those whose name holds every word. A protected name is not found: the answer would give it away."""
    named = Citizen.objects.of(municipality).named(text).filter(is_name_protected=False)
    return with_state(named.order_by("family_name", "given_name", "pk"), municipality, now)


def citizen_with_cpr(number: str, municipality: Municipality) -> Citizen | None:
    """The municipality's citizen with exactly this CPR number. Raises citizens.cpr.InvalidCpr."""
    found: Citizen | None = Citizen.objects.of(municipality).by_cpr(number).first()
    return found


def courses_of(citizen_id: UUID, municipality: Municipality) -> QuerySet[EpisodeOfCare]:
    """The citizen's courses in this municipality, ended ones too, each with its team; the newest first."""
    return (
        EpisodeOfCare.objects.filter(citizen_id=citizen_id, municipality=municipality)
        .select_related("care_team")
        .order_by("-started_on", "pk")
    )


def followed_by_others(citizens: Iterable[UUID], municipality: Municipality, teams: Teams) -> set[UUID]:
    """Those of the citizens (ids) who have a course here, and none with any of `teams`; no query where that is all.

    Whom nobody follows yet is nobody else's.
    """
    if teams.is_all:
        return set()
    courses = EpisodeOfCare.objects.filter(municipality=municipality, citizen__in=list(citizens))
    rows = list(courses.values_list("citizen", "care_team"))
    return {citizen for citizen, _ in rows} - {citizen for citizen, team in rows if teams.holds(team)}


_DONE_WITH = CarePlanEvent.objects.filter(care_plan=OuterRef("pk")).values(
    row=JSONObject(kind="kind", at="at", reason="reason", counts_from="counts_from", by="by__name")
)


def _event(care_plan_id: UUID, row: Mapping[str, str | None]) -> CarePlanEvent:
    """A row of `_DONE_WITH` as the event that it is of."""
    return CarePlanEvent(
        care_plan_id=care_plan_id,
        kind=row["kind"] or "",
        at=datetime.fromisoformat(row["at"] or ""),
        reason=row["reason"] or "",
        counts_from=date.fromisoformat(row["counts_from"]) if row["counts_from"] else None,
        by=StaffMember(name=row["by"]) if row["by"] else None,
    )


def _plans(*, citizen_id: UUID, municipality_id: int, now: datetime) -> QuerySet[CarePlan]:
    late = Q(tasks__status=Task.Status.OPEN, tasks__due_at__lt=now)
    return (
        CarePlan.objects.filter(citizen=citizen_id, municipality=municipality_id)
        .select_related("plan", "episode__care_team", "assigned_by")
        .annotate(
            total=Count("tasks", filter=~Q(tasks__status=Task.Status.CANCELLED)),
            answered=Count("tasks", filter=Q(tasks__status=Task.Status.COMPLETED)),
            overdue=Count("tasks", filter=late),
            # Read with their plans: the citizen's page asks for much already.
            done=ArraySubquery(_DONE_WITH),
        )
        .order_by("-assigned_at")
    )


_PLANS = CompiledQuery(_plans)


def care_plans_of(citizen: Citizen, municipality: Municipality, now: datetime) -> list[CarePlanProgress]:
    """The citizen's plans in this municipality with how far they are: those in progress first, then the newest."""
    counted: list[Any] = _PLANS.all(citizen_id=citizen.pk, municipality_id=municipality.pk, now=now)
    plans = [
        CarePlanProgress(
            care_plan=row,
            answered=row.answered,
            overdue=row.overdue,
            total=row.total,
            events=tuple(_event(row.pk, one) for one in row.done),
        )
        for row in counted
    ]
    return sorted(plans, key=lambda plan: plan.care_plan.status != CarePlan.Status.ACTIVE)


# --- assigning -------------------------------------------------------------------------------------


def assignable_plans(municipality: Municipality) -> QuerySet[Plan]:
    """Active plans that the municipality may use, with their activities and titles.

    Also those on an older version of a questionnaire: the screens say so, nothing forbids it (docs/adr/0007).
    """
    activities = Activity.objects.select_related("version").defer("version__source")
    return (
        Plan.objects.active()
        .usable_by(municipality)
        .exclude(activities__version__withdrawn_at__isnull=False)
        .order_by("title", F("owner__name").asc(nulls_first=True), "published_at")
        .prefetch_related(Prefetch("activities", queryset=activities))
    )


def care_teams_of(municipality: Municipality) -> QuerySet[CareTeam]:
    """Those in which citizens can be given plans."""
    return CareTeam.objects.filter(municipality=municipality, is_active=True).order_by("name")


_CARE_TEAMS = CompiledQuery(lambda municipality_id: care_teams_of(Municipality(pk=municipality_id)))


def care_teams_to_choose(municipality: Municipality) -> list[CareTeam]:
    """The same, for the filters of lists."""
    return _CARE_TEAMS.all(municipality_id=municipality.pk)


def usual_care_team(citizen: Citizen, municipality: Municipality, own: Teams = ALL_TEAMS) -> CareTeam | None:
    """The team that follows the citizen already; else the only one there is among one's `own`; else None."""
    episode = (
        EpisodeOfCare.objects.filter(
            citizen=citizen,
            municipality=municipality,
            status=EpisodeOfCare.Status.ACTIVE,
            care_team__is_active=True,
        )
        .select_related("care_team")
        .order_by("-started_on")
        .first()
    )
    if episode is not None:
        return episode.care_team
    teams = list(own.only(care_teams_of(municipality), "pk")[:2])
    return teams[0] if len(teams) == 1 else None


def planned_tasks(
    plan: Plan, citizen: Citizen, starts_on: date, appointment_on: date | None = None
) -> list[Task]:
    """The tasks that assigning `plan` would make, in the order they open; nothing is saved."""
    tasks = tasks_of(CarePlan(plan=plan, starts_on=starts_on, appointment_on=appointment_on), citizen)
    return sorted(tasks, key=lambda task: (task.opens_at, task.title))


def same_asked_twice(
    tasks: Iterable[Task], citizen: Citizen, municipality: Municipality
) -> list[tuple[Task, Task]]:
    """Where two plans ask the same questionnaire in the same days: of `tasks` to be made, and of those there are.

    Each pair of plans and questionnaire once; at least one of the two is of `tasks`.
    """
    new = list(tasks)
    ids = {task.activity.version.questionnaire_id for task in new}
    there = (
        tasks_of_citizen(citizen, municipality).not_ended().filter(activity__version__questionnaire__in=ids)
    )
    asked = {
        Asked(
            task.care_plan.plan_id,
            task.activity.version.questionnaire_id,
            Occurrence(task.opens_at, task.due_at),
        ): task
        for task in (*there, *new)
    }
    added = set(map(id, new))
    pairs = [(asked[one], asked[other]) for one, other in asked_twice(asked)]
    return [pair for pair in pairs if added & set(map(id, pair))]


# --- what was done -----------------------------------------------------------------------------------


def events_with(care_plans: list[CarePlan], citizen: Citizen, municipality: Municipality) -> list[PlanEvent]:
    """What was done with plans that were read already, with who assigned them; the newest first. One query."""
    events = CarePlanEvent.objects.filter(citizen=citizen, municipality=municipality)
    return events_of(care_plans, list(events.select_related("by")))


def care_plan_for(care_plan_id: UUID, municipality: Municipality) -> CarePlan | None:
    """One care plan of a citizen who lives here, with what its page shows of it."""
    related = ("citizen", "plan", "episode__care_team", "assigned_by")
    found = CarePlan.objects.filter(municipality=municipality, citizen__municipality=municipality)
    return found.select_related(*related).filter(pk=care_plan_id).first()


def versions_to_go_on_with(care_plan: CarePlan) -> list[Plan]:
    """The version the citizen has, and the one of its line that is given to citizens now where that is another."""
    versions = Plan.objects.filter(
        Q(pk=care_plan.plan_id) | Q(line=care_plan.plan.line, status=PublicationStatus.ACTIVE)
    )
    activities = Activity.objects.select_related("version").defer("version__source")
    return list(versions.order_by("version").prefetch_related(Prefetch("activities", queryset=activities)))
