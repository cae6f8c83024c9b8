"""Who is late and who is silent, against the same rules said over all tasks in Python."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone

from citizens.models import Citizen
from followup.selectors import Whose
from followup.teams import ALL_TEAMS, Teams
from plans import overdue
from plans.models import Task
from plans.schedule import Once
from plans.services import assign_plan
from questionnaires.models import Response
from tests.factories import (
    CareTeamFactory,
    CitizenFactory,
    MunicipalityFactory,
    PlanFactory,
    StaffMemberFactory,
    add_to,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def whose() -> Whose:
    """Twelve citizens in two teams with two questionnaires: of their tasks some are late, many at the same moment."""
    random, municipality = Random(20261128), MunicipalityFactory()
    by = StaffMemberFactory(municipality=municipality)
    teams = CareTeamFactory.create_batch(2, municipality=municipality)
    plan = PlanFactory(weekly=3, activities=lambda plan: add_to(plan, Once()))
    for number in range(12):
        citizen = CitizenFactory(municipality=municipality)
        team, weeks = teams[number % 2], random.randrange(6)
        at = NOW - timedelta(weeks=weeks)
        assign_plan(
            plan=plan, citizen=citizen, care_team=team, starts_on=timezone.localdate(at), by=by, at=at
        )
    for task in Task.objects.order_by("pk"):
        if random.random() < 0.3:
            at = NOW - timedelta(days=random.randrange(30))
            response = Response.objects.create(
                citizen=task.citizen,
                municipality=municipality,
                version=task.activity.version,
                status=Response.Status.COMPLETED,
                document={},
                started_at=at,
                saved_at=at,
                completed_at=at,
            )
            Task.objects.filter(pk=task.pk).update(status=Task.Status.COMPLETED, response=response)
    return Whose(municipality, ALL_TEAMS)


def late_in_python(tasks: list[Task]) -> dict[UUID, list[Task]]:
    """The tasks past their time by citizen, as they were due."""
    found: dict[UUID, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda one: (one.due_at, one.pk)):
        if task.status == Task.Status.OPEN and task.due_at < NOW:
            found[task.citizen_id].append(task)
    return found


def latest_answer(citizen_id: UUID) -> datetime | None:
    answers = Response.objects.filter(citizen=citizen_id).order_by("-completed_at")
    return answers.values_list("completed_at", flat=True).first()


def choices(whose: Whose) -> list[tuple[Whose, list[Task]]]:
    """All of them, one team's, and one questionnaire's; with the tasks that those are."""
    tasks = list(Task.objects.select_related("care_plan__episode", "activity__version"))
    team_id = tasks[0].care_plan.episode.care_team_id
    questionnaire_id = tasks[0].activity.version.questionnaire_id
    return [
        (whose, tasks),
        (
            Whose(whose.municipality, Teams((team_id,))),
            [one for one in tasks if one.care_plan.episode.care_team_id == team_id],
        ),
        (
            Whose(whose.municipality, ALL_TEAMS, questionnaire_id=questionnaire_id),
            [one for one in tasks if one.activity.version.questionnaire_id == questionnaire_id],
        ),
    ]


def test_each_citizen_stands_once_for_what_was_due_first(whose: Whose) -> None:
    for chosen, tasks in choices(whose):
        late = late_in_python(tasks)
        assert len(late) > 1
        found = overdue.overdue_citizens(chosen, NOW).order_by(*overdue.LONGEST_FIRST)
        assert [one.pk for one in found] == [
            one.pk for one in sorted((of[0] for of in late.values()), key=lambda one: (one.due_at, one.pk))
        ]
        for row in overdue.with_what_is_missing(found, chosen, NOW):
            of = late[row["citizen"]]
            assert (row["due_at"], row["questionnaires"]) == (of[0].due_at, len(of))
            assert row["answered"] == latest_answer(row["citizen"])


def test_silent_are_those_with_two_late_and_no_answer_since(whose: Whose) -> None:
    seen = 0
    for chosen, tasks in choices(whose):
        silent = set()
        for citizen_id, of in late_in_python(tasks).items():
            answered = latest_answer(citizen_id)
            if len(of) > 1 and (answered is None or answered < of[0].due_at):
                silent.add(citizen_id)
        assert {one.citizen_id for one in overdue.silent_citizens(chosen, NOW)} == silent
        seen += len(silent)
    assert seen


def test_nobody_who_has_moved_away(whose: Whose) -> None:
    citizen_id = overdue.overdue_citizens(whose, NOW)[0].citizen_id
    Citizen.objects.filter(pk=citizen_id).update(municipality=CareTeamFactory().municipality)
    assert citizen_id not in {one.citizen_id for one in overdue.overdue_citizens(whose, NOW)}
