"""Assigning a plan and answering its tasks, on real PostgreSQL."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from outbox.models import Delivery, EventName
from plans import services as plans
from plans.models import Activity, CarePlan, Plan, Task
from plans.schedule import Repeat
from questionnaires import engine
from questionnaires import services as questionnaires
from questionnaires.models import PublicationStatus, Response
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db


def deliveries() -> set[tuple[str, str]]:
    return set(Delivery.objects.values_list("event__name", "channel"))


def test_an_assigned_plan_has_its_tasks_and_its_news() -> None:
    citizen = factories.CitizenFactory()
    care_plan = factories.assign(
        citizen,
        plan=factories.PlanFactory(weekly=3),
        at=copenhagen("2026-11-23 10:00"),
        starts_on=date(2026, 11, 24),
    )

    assert [task.opens_at for task in care_plan.tasks.order_by("opens_at")] == [
        copenhagen("2026-11-24 00:00"),
        copenhagen("2026-12-01 00:00"),
        copenhagen("2026-12-08 00:00"),
    ]
    assert care_plan.episode.municipality == citizen.municipality
    assert deliveries() == {("care_plan.assigned", "fut"), ("care_plan.assigned", "nemsms")}


def test_a_citizen_outside_nemsms_gets_the_plan_and_no_message() -> None:
    factories.assign(factories.CitizenFactory(is_nemsms_enrolled=False))
    assert deliveries() == {("care_plan.assigned", "fut")}


def test_what_was_rolled_back_is_not_announced() -> None:
    with transaction.atomic():
        factories.assign()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert not CarePlan.objects.exists()


def test_the_same_plan_twice_is_refused_with_a_sentence() -> None:
    care_plan = factories.assign()
    with pytest.raises(plans.PlanAlreadyAssigned, match="har allerede denne plan"):
        factories.assign(care_plan.episode.citizen, plan=care_plan.plan)


def test_a_draft_plan_is_not_given_to_anyone() -> None:
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    with pytest.raises(plans.PlanNotActive):
        factories.assign(plan=plan)


def test_a_plan_of_a_draft_questionnaire_is_not_published(nurse: object) -> None:
    version = factories.QuestionnaireVersionFactory(status=PublicationStatus.DRAFT, published_at=None)
    plan = plans.create_plan(
        title="Plan",
        description="",
        owner=None,
        version=version,
        repeat=Repeat.WEEKLY,
        occurrences=4,
        answer_days=7,
    )
    with pytest.raises(plans.PlanNotActive):
        plans.publish_plan(plan=plan, by=nurse, at=timezone.now())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields", [{"repeat": "once", "occurrences": 2}, {"repeat": "weekly", "occurrences": 0}]
)
def test_an_impossible_rhythm_is_impossible_in_the_database(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="activity_once_happens_once"):
        Activity.objects.create(
            plan=Plan.objects.create(title="P"), version=factories.QuestionnaireVersionFactory(), **fields
        )


def answered(task: Task, **fields: list[str]) -> Response:
    response = plans.begin_task(task=task, at=timezone.now())
    saved = questionnaires.save_answers(
        response=response,
        fields={name.replace("_", "-"): raw for name, raw in fields.items()},
        at=timezone.now(),
    )
    return saved.response


def test_a_task_is_answered_and_announced() -> None:
    task = factories.open_task()
    answered(task, pain=["true"], how_much=["3"])

    done = plans.submit_task(task=task, at=timezone.now())

    assert done.status == Task.Status.COMPLETED
    assert done.response is not None
    assert done.response.is_completed
    assert (EventName.RESPONSE_COMPLETED, "fut") in deliveries()


def test_submitting_twice_is_submitting_once() -> None:
    task = factories.open_task()
    answered(task, pain=["false"])
    first = plans.submit_task(task=task, at=timezone.now())
    second = plans.submit_task(task=task, at=timezone.now())
    assert first.response == second.response
    assert Delivery.objects.filter(event__name=EventName.RESPONSE_COMPLETED).count() == 1


def test_missing_answers_stop_the_submission_and_keep_the_draft() -> None:
    task = factories.open_task()
    answered(task, pain=["true"], note=["Det gør ondt om natten"])
    with pytest.raises(questionnaires.ResponseIncomplete) as refused:
        plans.submit_task(task=task, at=timezone.now())
    assert [issue.link_id for issue in refused.value.issues] == ["how-much"]
    task.refresh_from_db()
    assert task.is_open
    assert task.response is not None
    assert engine.answers_of(task.response.document, "note") == ({"valueString": "Det gør ondt om natten"},)


def test_an_answer_that_a_later_one_took_away_is_not_submitted() -> None:
    task = factories.open_task()
    answered(task, pain=["true"], how_much=["3"])
    answered(task, pain=["false"])
    response = plans.submit_task(task=task, at=timezone.now()).response
    assert "how-much" not in str(response.document)  # type: ignore[union-attr]


def test_a_task_that_has_not_opened_cannot_be_answered() -> None:
    task = factories.open_task(starts_on=timezone.localdate() + timedelta(days=3))
    with pytest.raises(plans.TaskNotOpen):
        plans.begin_task(task=task, at=timezone.now())


def test_beginning_again_goes_on_with_the_same_draft() -> None:
    task = factories.open_task()
    assert plans.begin_task(task=task, at=timezone.now()) == plans.begin_task(task=task, at=timezone.now())


def test_a_submitted_response_never_changes() -> None:
    task = factories.open_task()
    answered(task, pain=["false"])
    response = plans.submit_task(task=task, at=timezone.now()).response
    with pytest.raises(DatabaseError, match="submitted"), transaction.atomic():
        Response.objects.filter(pk=response.pk).update(document={"item": []})  # type: ignore[union-attr]
    with pytest.raises(questionnaires.ResponseAlreadyCompleted):
        questionnaires.save_answers(response=response, fields={"pain": ["true"]}, at=timezone.now())  # type: ignore[arg-type]
