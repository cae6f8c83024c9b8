"""A submitted answer comes on staff's lists in the same moment, with its colours and whether it became worse."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from citizens.models import Citizen
from followup.models import Attention
from followup.noting import is_worse
from municipalities.scope import Scope, within
from plans import correcting
from plans.models import Task
from plans.services import begin_task, submit_task
from questionnaires.models import QuestionnaireVersion
from questionnaires.services import save_answers
from tests import factories
from tests.engine.test_scoring import significance
from tests.questionnaires.test_life_cycle import (
    RED,
    approved,
    draft,
    person,
    published,
    sent,
    switched_on,
    with_colours,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("now", "before", "worse"),
    [
        ({"a": "red"}, {"a": "yellow"}, True),
        ({"a": "yellow"}, {"a": "green"}, True),
        ({"a": "red"}, {"a": "red"}, False),
        ({"a": "green"}, {"a": "red"}, False),
        ({"a": "red"}, {}, False),
        ({"a": "red"}, {"b": "green"}, False),
        ({"a": "red", "b": "red"}, {"a": "red", "b": "green"}, True),
        ({}, {"a": "green"}, False),
    ],
    ids=["up", "to yellow", "the same", "better", "first", "another item", "one of two", "no colour"],
)
def test_worse_is_an_item_more_serious_than_last_time(
    now: dict[str, str], before: dict[str, str], worse: bool
) -> None:
    assert is_worse(now, before) is worse


@pytest.fixture
def citizen(db: None) -> Citizen:
    made: Citizen = factories.CitizenFactory()
    return made


def tasks_with(version: QuestionnaireVersion, citizen: Citizen) -> list[Task]:
    """Four weeks of it, two of which have come."""
    plan = factories.PlanFactory(weekly=4, weekly__version=version, correction_days=14)
    start = timezone.now() - timedelta(days=10)
    return list(factories.assign(citizen, plan=plan, at=start).tasks.order_by("opens_at"))


@pytest.fixture
def tasks(citizen: Citizen) -> list[Task]:
    return tasks_with(factories.QuestionnaireVersionFactory(), citizen)


@pytest.fixture
def coloured_tasks(citizen: Citizen) -> list[Task]:
    """Days of pain: red from five, yellow from two, green below, as two people have approved."""
    editor, approver, publisher = (person() for _ in range(3))
    made = with_colours()
    made["item"][0]["item"][1]["extension"] = [
        RED,
        significance("yellow", (">=", {"valueInteger": 2})),
        significance("green", ("<", {"valueInteger": 2})),
    ]
    version = draft(made, by=editor)
    switched_on(version.questionnaire, by=publisher)
    version = published(approved(sent(version, editor), approver), publisher)
    return tasks_with(version, citizen)


def answered(task: Task, at: datetime, **fields: list[str]) -> Attention:
    response = begin_task(task=task, at=at)
    save_answers(response=response, fields=fields, at=at)
    submit_task(task=task, at=at)
    return Attention.objects.get(response=response)


def days(number: int) -> dict[str, list[str]]:
    return {"pain": ["true"], "how-much": [str(number)]}


def test_without_decision_support_an_answer_is_new_and_nothing_more(
    citizen: Citizen, tasks: list[Task]
) -> None:
    now = timezone.now()
    with within(Scope.citizen(citizen.pk)):
        row = answered(tasks[0], now, pain=["false"])
    assert (row.colour, row.colours, row.worsened, row.handled_at) == ("", {}, False, None)
    assert (row.citizen_id, row.answered_at) == (citizen.pk, now)
    assert row.care_team == tasks[0].care_plan.episode.care_team
    assert row.questionnaire == tasks[0].activity.version.questionnaire


def test_a_corrected_answer_is_new_again_and_the_former_is_history(
    citizen: Citizen, tasks: list[Task]
) -> None:
    now = timezone.now()
    first = answered(tasks[0], now - timedelta(hours=2), pain=["false"])
    task = Task.objects.get(pk=tasks[0].pk)
    draft = correcting.begin(task=task, at=now)
    save_answers(response=draft, fields={"pain": ["true"], "how-much": ["3"]}, at=now)
    correcting.submit(task=task, at=now)
    assert list(Attention.objects.in_force().values_list("pk", flat=True)) == [draft.pk]
    assert Attention.objects.filter(pk=first.pk).exists()


def test_a_citizen_can_put_nothing_there_as_handled(citizen: Citizen, tasks: list[Task]) -> None:
    row = answered(tasks[0], timezone.now(), pain=["false"])
    with within(Scope.citizen(citizen.pk)):
        assert Attention.objects.filter(pk=row.pk).update(note="") == 0
        assert Attention.objects.filter(pk=row.pk).delete()[0] == 0


def test_its_colours_are_those_of_the_approved_rules(coloured_tasks: list[Task]) -> None:
    row = answered(coloured_tasks[0], timezone.now(), **days(5))
    assert (row.colour, row.colours, row.worsened) == ("red", {"how-much": "red"}, False)
    assert row.is_marked


@pytest.mark.parametrize(
    ("before", "now", "worse"), [(1, 3, True), (1, 5, True), (3, 3, False), (5, 3, False), (3, 1, False)]
)
def test_worse_is_said_against_the_citizens_own_last_answer(
    coloured_tasks: list[Task], before: int, now: int, worse: bool
) -> None:
    answered(coloured_tasks[0], timezone.now() - timedelta(days=1), **days(before))
    assert answered(coloured_tasks[1], timezone.now(), **days(now)).worsened is worse


def test_another_citizens_answer_is_not_the_last_one(coloured_tasks: list[Task], citizen: Citizen) -> None:
    version = coloured_tasks[0].activity.version
    other = tasks_with(version, factories.CitizenFactory(municipality=citizen.municipality))
    answered(other[0], timezone.now() - timedelta(days=1), **days(1))
    assert not answered(coloured_tasks[0], timezone.now(), **days(5)).worsened


def test_a_correction_is_held_against_the_answer_before_the_one_it_corrects(
    coloured_tasks: list[Task],
) -> None:
    now = timezone.now()
    answered(coloured_tasks[0], now - timedelta(days=2), **days(1))
    assert not answered(coloured_tasks[1], now - timedelta(hours=1), **days(1)).worsened
    task = Task.objects.get(pk=coloured_tasks[1].pk)
    corrected = correcting.begin(task=task, at=now)
    save_answers(response=corrected, fields=days(5), at=now)
    correcting.submit(task=task, at=now)
    assert Attention.objects.get(pk=corrected.pk).worsened
