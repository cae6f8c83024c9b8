"""Assigning a plan and answering its tasks, on real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, date, timedelta

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import StaffMember
from outbox.models import Delivery, EventName
from plans import building, publishing, tasks
from plans import services as plans
from plans.models import Activity, CarePlan, Plan, Task
from plans.schedule import Once, Window
from questionnaires import engine
from questionnaires import services as questionnaires
from questionnaires.definitions import definition_of
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits
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


def test_whose_task_messages_come_from_the_platform_gets_none_from_us(settings: LazySettings) -> None:
    settings.TASK_MESSAGES_FROM = "platform"
    factories.assign()
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


def test_a_plan_of_a_draft_questionnaire_is_not_published(nurse: StaffMember) -> None:
    version = factories.QuestionnaireVersionFactory(status=PublicationStatus.DRAFT, published_at=None)
    plan = building.create_plan(
        texts=building.PlanTexts(title="Plan"),
        owner=None,
        activities=[building.ActivityContent(version=version, rhythm=Once(), window=Window(7))],
    )
    with pytest.raises(publishing.PlanNotReady, match="er ikke udgivet"):
        publishing.publish_plan(plan=plan, by=nurse, at=timezone.now())


def retire(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """As publishing the next version does; returns the next version."""
    version.status = PublicationStatus.RETIRED
    version.save(update_fields=["status"])
    newer: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        questionnaire=version.questionnaire, number=version.number + 1
    )
    return newer


def test_a_plan_goes_on_with_the_version_it_was_published_with() -> None:
    plan = factories.PlanFactory()
    version = plan.activities.get().version
    assert not plan.uses_an_older_version
    retire(version)

    task = factories.assign(plan=plan).tasks.get()

    assert task.activity.version == version
    assert Plan.objects.get(pk=plan.pk).uses_an_older_version
    assert submit(task).status == Task.Status.COMPLETED


def test_a_draft_plan_of_an_older_version_says_what_to_do(nurse: StaffMember) -> None:
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    retire(plan.activities.get().version)
    with pytest.raises(publishing.PlanNotReady) as refused:
        publishing.publish_plan(plan=plan, by=nurse, at=timezone.now())
    assert refused.value.sentence == "»Om din dag« findes i en nyere version. Vælg den i planen."


def test_a_plan_is_published_once(nurse: StaffMember) -> None:
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    first = publishing.publish_plan(plan=plan, by=nurse, at=copenhagen("2026-11-23 10:00"))
    with pytest.raises(publishing.PlanAlreadyPublished):
        publishing.publish_plan(plan=plan, by=factories.StaffMemberFactory(), at=timezone.now())
    plan.refresh_from_db()
    assert (plan.published_by, plan.published_at) == (nurse, first.published_at)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "once", "times": 2},
        {"kind": "once", "offsets": [0]},
        {"kind": "offsets"},
        {"kind": "offsets", "offsets": []},
        {"kind": "every", "times": 3},
        {"kind": "every", "every": 1, "every_unit": "weeks"},
        {"kind": "every", "every": 1, "every_unit": "years", "times": 3},
        {"kind": "every", "every": 1, "every_unit": "weeks", "times": 0},
        {"kind": "every", "every": 1, "every_unit": "weeks", "times": 3, "lasts": 2, "lasts_unit": "weeks"},
        {"kind": "weekdays", "every": 1, "every_unit": "weeks", "times": 3},
        {"kind": "weekdays", "every": 1, "every_unit": "weeks", "weekdays": [7], "times": 3},
        {"kind": "weekdays", "every": 1, "every_unit": "days", "weekdays": [1], "times": 3},
        {"kind": "appointment"},
        {"kind": "appointment", "days": 0},
        {"kind": "lunar"},
    ],
    ids=str,
)
def test_an_impossible_rhythm_is_impossible_in_the_database(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="activity_has_a_whole_rhythm"):
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


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_are_one_submission() -> None:
    task = factories.open_task()
    seen = answered(task, pain=["false"]).fingerprint
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            plans.submit_task(task=task, seen=seen, at=timezone.now())
            second = other.submit(
                in_a_connection_of_its_own, plans.submit_task, task=task, seen=seen, at=timezone.now()
            )
            wait_until_somebody_waits()
        assert second.result().status == Task.Status.COMPLETED
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


def submit(task: Task) -> Task:
    answered(task, pain=["false"])
    return plans.submit_task(task=task, at=timezone.now())


def test_a_plan_is_over_with_its_last_answer_and_can_be_given_again() -> None:
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=2), at=timezone.now() - timedelta(days=8))
    first, second = care_plan.tasks.order_by("opens_at")

    submit(first)
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.ACTIVE

    submit(second)
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.COMPLETED

    again = factories.assign(care_plan.episode.citizen, plan=care_plan.plan)
    assert again.episode == care_plan.episode
    assert again.status == CarePlan.Status.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_two_last_answers_at_the_same_moment_end_the_plan() -> None:
    """Each sees the other's task open until it is committed: the second to come has to wait and look again."""
    plan = factories.PlanFactory(activities=lambda plan: factories.add_to(plan, Once()))
    care_plan = factories.assign(plan=plan)
    first, second = care_plan.tasks.all()
    answered(first, pain=["false"])
    answered(second, pain=["false"])
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            plans.submit_task(task=first, at=timezone.now())
            submitting = other.submit(in_a_connection_of_its_own, submit, second)
            wait_until_somebody_waits()
        submitting.result()
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.COMPLETED


def test_what_nobody_answers_is_called_off_four_weeks_after_its_time() -> None:
    started = copenhagen("2026-09-07 09:00")
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=2), at=started)
    first, second = care_plan.tasks.order_by("opens_at")

    plans.end_what_is_over(at=first.due_at + timedelta(days=28))
    assert [task.status for task in care_plan.tasks.order_by("opens_at")] == ["open", "open"]

    ended = plans.end_what_is_over(at=first.due_at + timedelta(days=28, seconds=1))
    assert ended == plans.Ended(tasks=1, care_plans=0)
    assert [task.status for task in care_plan.tasks.order_by("opens_at")] == ["cancelled", "open"]

    ended = plans.end_what_is_over(at=second.due_at + timedelta(days=29))
    assert ended == plans.Ended(tasks=1, care_plans=1)
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.COMPLETED

    assert plans.end_what_is_over(at=second.due_at + timedelta(days=30)) == plans.Ended(tasks=0, care_plans=0)


def test_ending_what_is_over_leaves_alone_what_is_not() -> None:
    begun = factories.overdue_task(days=3)
    answered_long_ago = factories.overdue_task(days=60)
    submit(answered_long_ago)
    to_come = factories.assign(starts_on=timezone.localdate() + timedelta(days=60))

    assert plans.end_what_is_over(at=timezone.now()) == plans.Ended(tasks=0, care_plans=0)

    begun.refresh_from_db()
    answered_long_ago.refresh_from_db()
    assert begun.is_open
    assert answered_long_ago.status == Task.Status.COMPLETED
    assert to_come.tasks.unanswered().exists()


@pytest.mark.django_db(transaction=True)
def test_a_late_answer_on_its_way_in_is_not_called_off() -> None:
    task = factories.overdue_task(days=60)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Task.objects.select_for_update().get(pk=task.pk)  # as submit_task begins
        night = other.submit(in_a_connection_of_its_own, plans.end_what_is_over, at=timezone.now())
        assert night.result() == plans.Ended(tasks=0, care_plans=0)


def test_beat_ends_what_is_over_every_night(settings: LazySettings) -> None:
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "plans.tasks.end_what_is_over" in names
    factories.overdue_task(days=60)
    tasks.end_what_is_over()
    assert not Task.objects.unanswered().exists()


def test_a_plan_from_today_never_lies_before_its_course() -> None:
    citizen = factories.CitizenFactory()
    now = copenhagen("2026-11-23 10:00")
    later = factories.assign(citizen, at=now, starts_on=date(2027, 1, 22))
    today = factories.assign(citizen, at=now, starts_on=date(2026, 11, 23))
    assert later.episode == today.episode
    assert today.episode.started_on == date(2026, 11, 23)


def test_a_course_begins_on_the_danish_day_of_the_assignment() -> None:
    just_after_midnight = copenhagen("2026-11-24 00:30").astimezone(UTC)
    care_plan = factories.assign(at=just_after_midnight, starts_on=date(2026, 12, 1))
    assert care_plan.episode.started_on == date(2026, 11, 24)


@pytest.mark.django_db(transaction=True)
def test_assigning_keeps_nobody_from_writing_about_the_citizen() -> None:
    """The citizen's answers, messages and references name the citizen: their rows must not wait for an assignment."""
    citizen = factories.CitizenFactory()

    def write_about_the_citizen() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            questionnaires.start_response(
                citizen=citizen,
                municipality_id=citizen.municipality_id,
                version=factories.QuestionnaireVersionFactory(),
                at=timezone.now(),
            )

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        factories.assign(citizen)
        other.submit(in_a_connection_of_its_own, write_about_the_citizen).result()


def test_beginning_and_submitting_leave_the_questionnaire_where_it_is(
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[CaptureQueriesContext]],
) -> None:
    """It is compiled already: 40 KB a click would travel for nothing."""
    definition_of((task := factories.open_task()).activity.version)
    with django_assert_max_num_queries(40) as seen:
        submit(task)
    assert not [query["sql"] for query in seen.captured_queries if '."source"' in query["sql"]]
