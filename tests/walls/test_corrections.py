"""What a citizen may write and drop of a correction, and what staff see of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from municipalities.scope import Scope, within
from plans import correcting
from plans import services as plans
from plans.models import Task
from privacy import deletion
from questionnaires.models import Response
from questionnaires.services import save_answers
from tests import factories

pytestmark = pytest.mark.django_db


def answered() -> Task:
    now = timezone.now() - timedelta(hours=1)
    task = factories.open_task(plan=factories.PlanFactory(correction_days=3), at=now)
    response = plans.begin_task(task=task, at=now)
    save_answers(response=response, fields={"pain": ["false"]}, at=now)
    return plans.submit_task(task=task, at=now)


def corrected(task: Task, note: str) -> None:
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"note": [note]}, at=timezone.now())
    correcting.submit(task=task, at=timezone.now())


def test_a_citizen_corrects_and_drops_within_their_own_scope() -> None:
    task = answered()
    with within(Scope.citizen(task.citizen_id)):
        correcting.begin(task=task, at=timezone.now())
        correcting.drop(task=task)
        assert Response.objects.count() == 1
        corrected(task, "Rettet")
    assert Response.objects.former().count() == 1


def test_a_citizen_deletes_nothing_that_was_sent_and_no_first_draft() -> None:
    task = answered()
    begun = factories.open_task(task.citizen)
    plans.begin_task(task=begun, at=timezone.now())
    with within(Scope.citizen(task.citizen_id)):
        corrected(task, "Rettet")
        sent_and_begun = Response.objects.values_list("pk", flat=True)
        assert len(sent_and_begun) == 3
        Response.objects.filter(pk__in=list(sent_and_begun))._raw_delete(using="default")
    assert Response.objects.count() == 3


def test_staff_see_what_was_sent_and_not_what_is_being_corrected() -> None:
    task = answered()
    corrected(task, "Rettet")
    task.refresh_from_db()
    correcting.begin(task=task, at=timezone.now())
    with within(Scope.municipality(task.municipality_id)):
        assert Response.objects.count() == 2


def test_all_versions_are_deleted_with_their_course() -> None:
    """And the correction that was begun; an answer that was corrected counts as one."""
    task = answered()
    corrected(task, "Rettet")
    corrected(task, "Og igen")
    task.refresh_from_db()
    correcting.begin(task=task, at=timezone.now())
    assert Response.objects.count() == 4
    with within(Scope.system()):
        deleted = deletion.delete_courses([task.care_plan.episode])
    assert not Response.objects.exists()
    assert (deleted[deletion.Kind.RESPONSES], deleted[deletion.Kind.DRAFTS]) == (1, 1)
