"""A plan may limit how often staff remind, and how many days lie between."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from identity.models import StaffMember
from notifications import reminders
from notifications.models import Message
from plans.models import Plan, Task
from plans.schedule import Once
from tests import factories

pytestmark = pytest.mark.django_db


def overdue(**limits: Any) -> Task:
    def add(plan: Plan) -> None:
        factories.add_to(plan, Once(), title="Med grænse", **limits)

    at = timezone.now() - timedelta(days=9)
    care_plan = factories.assign(plan=factories.PlanFactory(activities=add), at=at)
    return care_plan.tasks.select_related("activity", "citizen").get(activity__title="Med grænse")


def test_no_more_reminders_than_the_plan_allows(nurse: StaffMember) -> None:
    task, now = overdue(most_reminders=2), timezone.now()
    for days in (0, 2):
        reminders.send(task=task, by=nurse, at=now + timedelta(days=days))
        Message.objects.update(status="sent", status_at=now, sent_at=now)
    with pytest.raises(reminders.ReminderNotPossible, match="højst 2 påmindelser"):
        reminders.send(task=task, by=nurse, at=now + timedelta(days=4))


def test_a_plan_without_reminders(nurse: StaffMember) -> None:
    with pytest.raises(reminders.ReminderNotPossible, match="højst 0 påmindelser"):
        reminders.send(task=overdue(most_reminders=0), by=nurse, at=timezone.now())


def test_as_many_days_between_reminders_as_the_plan_says(nurse: StaffMember) -> None:
    task, now = overdue(reminder_gap=5), timezone.now()
    first = reminders.send(task=task, by=nurse, at=now)
    Message.objects.update(status="sent", status_at=now, sent_at=now)
    with pytest.raises(reminders.ReminderNotPossible, match="mindst 5 dage"):
        reminders.send(task=task, by=nurse, at=now + timedelta(days=4))
    assert reminders.send(task=task, by=nurse, at=now + timedelta(days=5)) != first
