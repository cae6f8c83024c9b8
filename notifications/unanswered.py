"""The unanswered questionnaires that staff ask for: by team, plan, time and what became of the reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from citizens.models import NAMED_BY, Citizen
from followup.teams import ALL_TEAMS, Teams
from kommunalpro.compiled_queries import CompiledQuery, padded
from kommunalpro.walked_lists import row_has
from municipalities.models import CareTeam, Municipality
from notifications.models import Message
from plans.models import Activity, CarePlan, Plan, Task, TaskQuerySet
from plans.selectors import followed_tasks, of_teams


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the unanswered ones; what is None or False asks for all.

    `teams` are those whose citizens they are, `care_team` is one of them, and `plan_line` stays the same through a
    plan's versions. `is_reminded`: whether a reminder was ever asked for.
    """

    teams: Teams = ALL_TEAMS
    care_team: CareTeam | None = None
    plan_line: UUID | None = None
    only_overdue: bool = False
    is_reminded: bool | None = None
    only_outside_nemsms: bool = False

    @property
    def parts(self) -> dict[str, Any]:
        """Itself as values of a compiled query; `of_parts` puts them together again."""
        return {
            "team_ids": self.teams.ids,
            "care_team_id": self.care_team.pk if self.care_team is not None else None,
            "plan_line": self.plan_line,
            "only_overdue": self.only_overdue,
            "is_reminded": self.is_reminded,
            "only_outside_nemsms": self.only_outside_nemsms,
        }

    @classmethod
    def of_parts(cls, *, team_ids: tuple[int, ...] | None, care_team_id: int | None, **rest: Any) -> "Wanted":
        care_team = None if care_team_id is None else CareTeam(pk=care_team_id)
        return cls(teams=Teams(team_ids), care_team=care_team, **rest)


def wanted_tasks(municipality: Municipality, now: datetime, wanted: Wanted) -> TaskQuerySet:
    """The unanswered tasks that are asked for, of the residents; only the tasks themselves (`as_listed` adds the rest).

    No table is joined, so that the database walks along `open_tasks_of_a_municipality` and stops where a page ends
    (kommunalpro.walked_lists).
    """
    found = of_teams(followed_tasks(municipality).available(now), wanted.teams)
    if wanted.only_overdue:
        found = found.overdue(now)
    care_plan = CarePlan.objects.filter(pk=OuterRef("care_plan"))
    if wanted.care_team is not None:
        found = found.filter(row_has(care_plan, "episode__care_team", wanted.care_team.pk))
    if wanted.plan_line is not None:
        found = found.filter(row_has(care_plan, "plan__line", wanted.plan_line))
    if wanted.is_reminded is not None:
        reminders = Message.objects.filter(task=OuterRef("pk"), kind=Message.Kind.REMINDER)
        one = Subquery(reminders.order_by().values("pk")[:1])
        found = found.alias(reminder=one).filter(**{"reminder__isnull": not wanted.is_reminded})
    if wanted.only_outside_nemsms:
        citizen = Citizen.objects.filter(pk=OuterRef("citizen"))
        found = found.filter(row_has(citizen, "is_nemsms_enrolled", False))
    return found


def as_listed(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """With what a row says of their citizen and plan (`plan_title`); `with_activities` adds the questionnaire."""
    named = {"plan_title": F("care_plan__plan__title")}  # in this way mypy lets the model say its type
    related = tasks.select_related("citizen").annotate(**named)
    return related.only(
        "status",
        "opens_at",
        "due_at",
        *(f"citizen__{name}" for name in NAMED_BY),
        "citizen__is_nemsms_enrolled",
        "citizen__nemsms_asked_at",
        "activity",
    )


def with_activities(tasks: Sequence[Task]) -> None:
    """Give the tasks their activities: what is asked, and how many reminders there may be.

    One query. Joined to the tasks, the few activities would be read anew for each, and the walls around plans asked.
    """
    ids = list(dict.fromkeys(task.activity_id for task in tasks))
    activities = {one.pk: one for one in _ACTIVITIES.all(ids=padded(ids, 10))}
    for task in tasks:
        task.activity = activities[task.activity_id]


_ACTIVITIES = CompiledQuery(
    lambda ids: (
        Activity.objects.filter(pk__in=ids)
        .select_related("version")
        .only("title", "most_reminders", "reminder_gap", "version__title", "version__language")
        .order_by()
    )
)


def plans_going_on(municipality: Municipality) -> list[tuple[UUID, str]]:
    """(line, title) of each plan that citizens of the municipality are in, by title; the newest version's title."""
    titles: dict[UUID, str] = dict(_GOING_ON.rows(municipality_id=municipality.pk))
    return sorted(titles.items(), key=lambda one: (one[1].casefold(), one[0]))


def _going_on(*, municipality_id: int) -> QuerySet[Plan, Any]:
    given = CarePlan.objects.filter(municipality=municipality_id, status=CarePlan.Status.ACTIVE).order_by()
    versions = Plan.objects.filter(pk__in=given.values("plan"))
    return versions.order_by("line", "version").values_list("line", "title")


_GOING_ON = CompiledQuery(_going_on)
