"""Questionnaires that follow an answer: their tasks are made when it is submitted, each once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from municipalities.scope import Scope, within
from plans import schedule
from plans.answer_conditions import AnswerCondition
from plans.models import Activity, Task


def bring_followers(*, task: Task, at: datetime) -> None:
    """Make the tasks that the answer to `task` brings; call inside the transaction that submits or corrects it.

    `task` is locked and has its response, with the answers. What an answer has brought stays, also when a correction
    says otherwise: somebody may have begun on it. A second call brings nothing new, nor does another answer of the same
    day: the database has one task of an activity on a day and one for each answer.
    """
    if not task.triggers or task.response is None:
        return
    # A citizen may not write tasks: what the plan lays down is the municipality's to write.
    with within(Scope.municipality(task.municipality_id)):
        found = [
            one
            for one in Activity.objects.filter(after=task.activity_id)
            if (condition := AnswerCondition.of(one.condition)) is None
            or condition.is_met(task.response.document)
        ]
        if not found:
            return
        care_plan = task.care_plan
        dates = schedule.Dates(
            start=care_plan.starts_on,
            appointment=care_plan.appointment_on,
            answered=at.astimezone(schedule.DANISH_TIME).date(),
        )
        triggering = _triggering(care_plan.plan_id)
        Task.objects.bulk_create(
            [
                Task(
                    care_plan_id=task.care_plan_id,
                    activity=activity,
                    municipality_id=task.municipality_id,
                    citizen_id=task.citizen_id,
                    opens_at=occurrence.opens_at,
                    due_at=occurrence.due_at,
                    triggers=activity.pk in triggering,
                    triggered_by=task,
                )
                for activity in found
                for occurrence in schedule.occurrences(activity.rhythm, activity.window, dates)
            ],
            ignore_conflicts=True,
        )


def _triggering(plan_id: UUID) -> set[UUID | None]:
    """The activities of a plan that others follow."""
    return set(Activity.objects.filter(plan=plan_id, after__isnull=False).values_list("after", flat=True))


def waits_for_itself(activities: Mapping[UUID, UUID | None]) -> bool:
    """Whether a chain of activities (each with the one it follows, or None) comes back to where it began."""
    for first in activities:
        seen, current = {first}, activities[first]
        while current is not None:
            if current in seen:
                return True
            seen.add(current)
            current = activities.get(current)
    return False
