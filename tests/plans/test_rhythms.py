"""Assigning each kind of rhythm makes the tasks it says, on real PostgreSQL."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from plans import services as plans
from plans.describing import describe, describe_activity
from plans.models import Activity, Plan
from plans.rhythm_columns import columns_of
from plans.schedule import (
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    Every,
    Length,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
)
from questionnaires.models import PublicationStatus
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

START = date(2026, 11, 24)  # a Tuesday


def plan_of(*rhythms: Rhythm, **more: Any) -> Plan:
    """A published plan whose second and later activities have these rhythms; the first is once, at the start."""

    def add(plan: Plan) -> None:
        for rhythm in rhythms:
            after = plan.activities.first() if isinstance(rhythm, AfterAnswer) else None
            factories.add_to(plan, rhythm, after=after, **more)

    plan: Plan = factories.PlanFactory(activities=add)
    return plan


RHYTHMS: list[tuple[Rhythm, str, list[str]]] = [
    (Once(), "Én gang, når planen begynder", ["2026-11-24"]),
    (AtOffsets((0, 30, 90)), "Når planen begynder, efter 30 dage og efter 90 dage",
     ["2026-11-24", "2026-12-24", "2027-02-22"]),
    (AtOffsets((1,)), "Efter 1 dag", ["2026-11-25"]),
    (Every(Length(1, Unit.WEEKS), Times(2)), "Hver uge 2 gange", ["2026-11-24", "2026-12-01"]),
    (Every(Length(3, Unit.DAYS), Times(1)), "Hver 3. dag 1 gang", ["2026-11-24"]),
    (Every(Length(1, Unit.MONTHS), Length(2, Unit.MONTHS)), "Hver måned i 2 måneder", ["2026-11-24", "2026-12-24"]),
    (OnWeekdays((1,), 2, Length(3, Unit.MONTHS)), "Hver 2. uge i 3 måneder, om tirsdagen",
     ["2026-11-24", "2026-12-08", "2026-12-22", "2027-01-05", "2027-01-19", "2027-02-02", "2027-02-16"]),
    (OnWeekdays((0, 2, 4), 1, Times(3)), "Hver uge 3 gange, om mandagen, onsdagen og fredagen",
     ["2026-11-25", "2026-11-27", "2026-11-30"]),
    (BeforeAppointment(10), "10 dage før aftalen", ["2026-12-10"]),
    (AfterAnswer(2), "2 dage efter svaret på et andet spørgeskema i planen", []),
    (AfterAnswer(0), "Samme dag som svaret på et andet spørgeskema i planen", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rhythm", "sentence", "days"), RHYTHMS, ids=[sentence for _, sentence, _ in RHYTHMS]
)
def test_each_rhythm_is_kept_told_and_becomes_tasks(rhythm: Rhythm, sentence: str, days: list[str]) -> None:
    plan = plan_of(rhythm)
    activity = plan.activities.last()
    assert activity is not None
    assert activity.rhythm == rhythm
    assert describe(rhythm) == sentence

    care_plan = factories.assign(
        plan=plan,
        at=copenhagen("2026-11-23 10:00"),
        starts_on=START,
        appointment_on=date(2026, 12, 20) if isinstance(rhythm, BeforeAppointment) else None,
    )

    tasks = care_plan.tasks.filter(activity=activity).order_by("opens_at")
    assert [task.opens_at for task in tasks] == [copenhagen(f"{day} 00:00") for day in days]
    assert not any(task.triggers for task in tasks)
    first = care_plan.tasks.get(activity=plan.activities.first())
    assert first.triggers == isinstance(rhythm, AfterAnswer)


def test_holidays_are_told_with_the_rhythm() -> None:
    plan = plan_of(AtOffsets((30,)), moves="later", title="Efter jul")
    activity = plan.activities.last()
    assert activity is not None
    assert describe_activity(activity) == (
        "Efter 30 dage. Ligger dagen i en weekend eller på en helligdag, åbner det hverdagen efter"
    )
    care_plan = factories.assign(plan=plan, at=copenhagen("2026-11-23 10:00"), starts_on=START)
    task = care_plan.tasks.get(activity=activity)
    assert task.opens_at == copenhagen("2026-12-28 00:00")
    assert task.title == "Efter jul"


@pytest.mark.parametrize("appointment", [None, date(2026, 11, 23)], ids=["none", "before the start"])
def test_a_plan_that_is_counted_from_an_appointment_is_not_given_without_one(
    appointment: date | None,
) -> None:
    with pytest.raises(plans.AppointmentMissing, match="Skriv datoen for aftalen"):
        factories.assign(
            plan=plan_of(BeforeAppointment(3)),
            at=copenhagen("2026-11-23 10:00"),
            starts_on=START,
            appointment_on=appointment,
        )


def test_an_appointment_that_no_activity_asks_for_is_not_kept() -> None:
    care_plan = factories.assign(starts_on=START, at=copenhagen("2026-11-23 10:00"), appointment_on=START)
    assert care_plan.appointment_on is None


@pytest.mark.parametrize("change", ["update", "insert", "delete", "move"])
@pytest.mark.parametrize("status", ["active", "in-review"])
def test_the_activities_of_a_published_plan_never_change(change: str, status: str) -> None:
    plan = factories.PlanFactory()
    Plan.objects.filter(pk=plan.pk).update(status=PublicationStatus.RETIRED)
    if status == "in-review":
        plan = factories.PlanFactory(status=PublicationStatus.IN_REVIEW, published_at=None)
    draft = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    activities = Activity.objects.filter(plan=plan)
    changes: dict[str, Callable[[], object]] = {
        "update": lambda: activities.update(answer_days=3),
        "insert": lambda: factories.add_to(plan, Once()),
        "delete": activities.delete,
        "move": lambda: draft.activities.update(plan=plan, position=9),
    }
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        changes[change]()


@pytest.mark.parametrize("column", ["title", "description", "version", "what_happens_now"])
def test_a_published_plan_itself_never_changes(column: str) -> None:
    plan = factories.PlanFactory()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(**{column: 7 if column == "version" else "Andet"})
    with pytest.raises(DatabaseError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(status=PublicationStatus.DRAFT)


def test_an_activity_follows_only_one_of_its_own_plan() -> None:
    other = factories.PlanFactory().activities.get()
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)

    def follow_another_plans() -> None:
        factories.add_to(plan, AfterAnswer(1), after=other)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="activity_follows_one_of_its_plan"), transaction.atomic():
        follow_another_plans()


@pytest.mark.parametrize(
    "more", [{"kind": "answer", "days": 1}, {"kind": "once", "condition": {}}], ids=["nothing", "once"]
)
def test_what_follows_an_answer_says_which(more: dict[str, object]) -> None:
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    with pytest.raises(IntegrityError, match="activity_after_an_answer_has_another"):
        Activity.objects.create(
            plan=plan,
            position=5,
            version=factories.QuestionnaireVersionFactory(),
            **{**columns_of(Once()), **more},
        )
