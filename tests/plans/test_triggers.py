"""An answer brings the next questionnaire: once, and without a price for plans in which none does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from municipalities.scope import Scope, within
from plans import correcting, triggers
from plans import services as plans
from plans.answer_conditions import AnswerCondition, problem_of
from plans.describing import describe_activity
from plans.models import CarePlan, Plan, Task
from plans.schedule import DANISH_TIME, AfterAnswer, Every, Length, Times, Unit
from questionnaires import services as questionnaires
from questionnaires.definitions import definition_of
from questionnaires.engine import Operator
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits

pytestmark = pytest.mark.django_db

MANY_DAYS = AnswerCondition("how-much", Operator.GREATER_OR_EQUAL, {"valueInteger": 3})


def plan_with_a_follower(
    condition: AnswerCondition | None = MANY_DAYS, *, days: int = 2, weeks: int | None = None, **more: Any
) -> Plan:
    def add(plan: Plan) -> None:
        factories.add_to(
            plan,
            AfterAnswer(days),
            after=plan.activities.get(),
            condition=condition.stored() if condition is not None else None,
        )

    plan: Plan = factories.PlanFactory(activities=add, weekly=weeks, **more)
    return plan


def answer(task: Task, at: datetime | None = None, **fields: list[str]) -> Task:
    at = at or timezone.now()
    response = plans.begin_task(task=task, at=at)
    questionnaires.save_answers(
        response=response, fields={name.replace("_", "-"): raw for name, raw in fields.items()}, at=at
    )
    return plans.submit_task(task=task, at=at)


def followers(care_plan: CarePlan) -> list[Task]:
    return list(care_plan.tasks.filter(triggered_by__isnull=False))


def midnight(days_from_now: int) -> datetime:
    day = timezone.now().astimezone(DANISH_TIME).date() + timedelta(days=days_from_now)
    return datetime.combine(day, datetime.min.time(), DANISH_TIME)


@pytest.mark.parametrize(
    ("condition", "fields", "comes"),
    [
        (None, {"pain": ["false"]}, True),
        (MANY_DAYS, {"pain": ["true"], "how_much": ["3"]}, True),
        (MANY_DAYS, {"pain": ["true"], "how_much": ["2"]}, False),
        (MANY_DAYS, {"pain": ["false"]}, False),
        (AnswerCondition("pain", Operator.EQUALS, {"valueBoolean": True}), {"pain": ["true"], "how_much": ["1"]}, True),
        (AnswerCondition("pain", Operator.EQUALS, {"valueBoolean": True}), {"pain": ["false"]}, False),
        # What was not answered is not “something else”.
        (AnswerCondition("how-much", Operator.NOT_EQUALS, {"valueInteger": 3}), {"pain": ["false"]}, False),
    ],
    ids=["any answer", "enough", "too few", "not asked", "yes", "no", "unanswered is not unequal"],
)  # fmt: skip
def test_the_answer_decides_whether_it_comes(
    condition: AnswerCondition | None, fields: dict[str, Any], comes: bool
) -> None:
    care_plan = factories.assign(plan=plan_with_a_follower(condition))
    answer(care_plan.tasks.get(), **fields)

    assert [task.opens_at for task in followers(care_plan)] == ([midnight(2)] if comes else [])
    care_plan.refresh_from_db()
    assert care_plan.status == (CarePlan.Status.ACTIVE if comes else CarePlan.Status.COMPLETED)


def test_a_citizen_brings_it_who_may_write_no_tasks() -> None:
    care_plan = factories.assign(plan=plan_with_a_follower())
    with within(Scope.citizen(care_plan.citizen_id)):
        answer(care_plan.tasks.get(), pain=["true"], how_much=["7"])
    assert len(followers(care_plan)) == 1


def test_each_of_several_answers_brings_its_own() -> None:
    at = timezone.now() - timedelta(days=8)
    care_plan = factories.assign(plan=plan_with_a_follower(weeks=2), at=at)
    first, second = care_plan.tasks.order_by("opens_at")
    answer(first, pain=["true"], how_much=["7"], at=at)
    answer(second, pain=["true"], how_much=["7"])
    assert len(followers(care_plan)) == 2


def test_answers_of_one_day_bring_one() -> None:
    at = timezone.now() - timedelta(days=8)
    care_plan = factories.assign(plan=plan_with_a_follower(weeks=2), at=at)
    for task in care_plan.tasks.order_by("opens_at"):
        answer(task, pain=["true"], how_much=["7"])
    assert len(followers(care_plan)) == 1


def test_it_is_never_brought_twice() -> None:
    care_plan = factories.assign(plan=plan_with_a_follower())
    task = answer(care_plan.tasks.get(), pain=["true"], how_much=["7"])
    with transaction.atomic():
        triggers.bring_followers(task=task, at=timezone.now() + timedelta(days=3))
    plans.submit_task(task=task, at=timezone.now())
    assert len(followers(care_plan)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_submissions_of_one_day_at_the_same_moment_bring_one() -> None:
    at = timezone.now() - timedelta(days=8)
    care_plan = factories.assign(plan=plan_with_a_follower(weeks=2), at=at)
    first, second = care_plan.tasks.order_by("opens_at")
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            answer(first, pain=["true"], how_much=["7"])
            submitting = other.submit(
                in_a_connection_of_its_own, answer, second, pain=["true"], how_much=["7"]
            )
            wait_until_somebody_waits()
        submitting.result()
    assert len(followers(care_plan)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_bring_one() -> None:
    care_plan = factories.assign(plan=plan_with_a_follower())
    task = care_plan.tasks.get()
    response = plans.begin_task(task=task, at=timezone.now())
    questionnaires.save_answers(
        response=response, fields={"pain": ["true"], "how-much": ["7"]}, at=timezone.now()
    )
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            plans.submit_task(task=task, at=timezone.now())
            second = other.submit(in_a_connection_of_its_own, plans.submit_task, task=task, at=timezone.now())
            wait_until_somebody_waits()
        assert second.result().status == Task.Status.COMPLETED
    assert len(followers(care_plan)) == 1


def test_a_correction_may_bring_what_the_answer_did_not_and_takes_nothing_back() -> None:
    care_plan = factories.assign(plan=plan_with_a_follower(correction_days=3))
    task = answer(care_plan.tasks.get(), pain=["true"], how_much=["1"])
    assert followers(care_plan) == []
    for days, expected in (("7", 1), ("1", 1), ("5", 1)):
        draft = correcting.begin(task=task, at=timezone.now())
        questionnaires.save_answers(response=draft, fields={"how-much": [days]}, at=timezone.now())
        task = correcting.submit(task=task, at=timezone.now())
        assert len(followers(care_plan)) == expected


def test_followers_bring_followers() -> None:
    def add(plan: Plan) -> None:
        first = plan.activities.get()
        second = factories.add_to(plan, AfterAnswer(0), after=first)
        factories.add_to(plan, AfterAnswer(0), after=second)

    care_plan = factories.assign(plan=factories.PlanFactory(activities=add))
    answer(care_plan.tasks.get(), pain=["false"])
    (follower,) = followers(care_plan)
    assert follower.triggers
    answer(follower, pain=["false"])
    assert len(followers(care_plan)) == 2


def test_submitting_costs_a_plan_without_triggers_no_query_more() -> None:
    def queries_of(plan: Plan) -> int:
        task = factories.open_task(plan=plan)
        response = plans.begin_task(task=task, at=timezone.now())
        questionnaires.save_answers(response=response, fields={"pain": ["false"]}, at=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            plans.submit_task(task=task, at=timezone.now())
        assert not any("plans_activity" in query["sql"] for query in captured.captured_queries)
        return len(captured)

    every_week = Every(Length(1, Unit.WEEKS), Times(2))
    one = queries_of(factories.PlanFactory(weekly=2))
    several = queries_of(
        factories.PlanFactory(weekly=2, activities=lambda plan: factories.add_to(plan, every_week))
    )
    assert one == several


def test_what_it_follows_is_told_in_words() -> None:
    plan = plan_with_a_follower()
    activity = plan.activities.select_related("after__version").get(after__isnull=False)
    assert describe_activity(activity) == (
        "2 dage efter svaret på »Om din dag«, når »Hvor mange dage i denne uge?« er mindst 3"
    )


@pytest.mark.parametrize(
    ("condition", "is_problem"),
    [
        (MANY_DAYS, False),
        (AnswerCondition("gone", Operator.EQUALS, {"valueInteger": 3}), True),
        (AnswerCondition("note", Operator.EQUALS, {"valueString": "x"}), True),
    ],
)
def test_a_condition_is_about_something_that_is_asked(condition: AnswerCondition, is_problem: bool) -> None:
    definition = definition_of(factories.QuestionnaireVersionFactory())
    assert problem_of(condition, definition) is is_problem
