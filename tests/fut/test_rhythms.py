"""Each rhythm as the platform is told of it, and that it takes it and the answers to it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from fut import channel, subjects
from fut.client import FutClient
from fut.gateway import HttpFutGateway
from fut.mapping.care_plans import occurrence
from fut.occurrences import occurrence_problems
from fut.simulator.timings import kind_of, slots
from outbox import channels, dispatcher
from outbox.models import Delivery
from plans import services as plans
from plans.models import CarePlan, Plan, Task
from plans.schedule import (
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    Every,
    Length,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
)
from questionnaires import services as questionnaires
from tests import factories
from tests.conftest import copenhagen
from tests.fut.conftest import Simulator

pytestmark = pytest.mark.django_db

START = date(2026, 11, 24)  # a Tuesday


def assigned(rhythm: Rhythm, *, at: datetime | None = None, start: date = START, **more: Any) -> CarePlan:
    """A plan of a questionnaire once and one in this rhythm."""

    def add(plan: Plan) -> None:
        after = plan.activities.get() if isinstance(rhythm, AfterAnswer) else None
        factories.add_to(plan, rhythm, after=after, **more)

    return factories.assign(
        plan=factories.PlanFactory(activities=add),
        at=at or copenhagen("2026-11-23 10:00"),
        starts_on=start,
        appointment_on=start + timedelta(days=30) if isinstance(rhythm, BeforeAppointment) else None,
    )


def told(care_plan: CarePlan) -> dict[str, Any]:
    """What the platform is told of when the second activity is due."""
    facts = subjects.care_plan_facts(care_plan).activities[1]
    return occurrence(facts.occurrence)


@pytest.mark.parametrize(
    ("rhythm", "more", "repeat"),
    [
        (Every(Length(1, Unit.WEEKS), Times(3)), {}, {"period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]}),
        (Every(Length(2, Unit.WEEKS), Length(2, Unit.MONTHS)), {"answer_days": 20},
         {"period": 2, "periodUnit": "wk", "dayOfWeek": ["tue"]}),
        (Every(Length(1, Unit.WEEKS), Times(3)), {"answer_days": 20, "overlaps": True},
         {"period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]}),
        (Every(Length(3, Unit.DAYS), Times(4)), {}, {"period": 3, "periodUnit": "d"}),
        (Every(Length(1, Unit.MONTHS), Times(4)), {}, {"period": 1, "periodUnit": "mo"}),
        (OnWeekdays((0, 3), 2, Times(5)), {}, {"period": 2, "periodUnit": "wk", "dayOfWeek": ["mon", "thu"]}),
        # Nothing of it falls on a day off, so nothing is moved.
        (OnWeekdays((0, 3), 1, Times(2)), {"moves": "later"},
         {"period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "thu"]}),
    ],
)  # fmt: skip
def test_a_recurrence_has_our_days_there(
    rhythm: Rhythm, more: dict[str, Any], repeat: dict[str, Any]
) -> None:
    care_plan = assigned(rhythm, **more)
    found = told(care_plan)
    assert repeat.items() <= found["occurrenceTiming"]["repeat"].items()
    assert occurrence_problems(found) == []
    opened = care_plan.tasks.filter(activity__position=1).order_by("opens_at")
    there = slots(found, after=copenhagen("2026-01-01 00:00"), before=copenhagen("2030-01-01 00:00"))
    assert [slot.start for slot in there] == [task.opens_at for task in opened]
    assert all(subjects._fills_a_slot(care_plan, task.activity) for task in opened)


@pytest.mark.parametrize(
    ("rhythm", "more", "bounds"),
    [
        (AtOffsets((0, 30)), {}, {"start": "2026-11-24T00:00:00+01:00", "end": "2026-12-30T23:59:59+01:00"}),
        (Every(Length(1, Unit.MONTHS), Times(2)), {"start": date(2027, 1, 31)},
         {"start": "2027-01-31T00:00:00+01:00", "end": "2027-03-06T23:59:59+01:00"}),
        # 25 December is moved.
        (OnWeekdays((4,), 1, Times(5)), {"moves": "later"},
         {"start": "2026-11-27T00:00:00+01:00", "end": "2027-01-03T23:59:59+01:00"}),
        (AfterAnswer(2), {}, {"start": "2026-11-24T00:00:00+01:00"}),
    ],
    ids=["offsets", "month ends", "moved", "after an answer"],
)  # fmt: skip
def test_what_no_recurrence_can_say_is_asked_for_whenever(
    rhythm: Rhythm, more: dict[str, Any], bounds: dict[str, str]
) -> None:
    care_plan = assigned(rhythm, **more)
    found = told(care_plan)
    assert found == {"occurrenceTiming": {"repeat": {"boundsPeriod": bounds}}}
    assert occurrence_problems(found) == []
    assert kind_of(found) == "Adhoc"
    activity = care_plan.plan.activities.all()[1]
    assert not subjects._fills_a_slot(care_plan, activity)


@pytest.mark.parametrize("rhythm", [AtOffsets((5,)), BeforeAppointment(7)], ids=["one offset", "appointment"])
def test_what_is_due_once_is_a_moment(rhythm: Rhythm) -> None:
    care_plan = assigned(rhythm)
    opened = care_plan.tasks.get(activity__position=1).opens_at
    assert told(care_plan) == {
        "occurrenceDateTime": opened.astimezone(copenhagen("2026-01-01 00:00").tzinfo).isoformat()
    }


def test_a_plan_with_followers_has_no_end_that_is_known() -> None:
    assert subjects.care_plan_facts(assigned(AfterAnswer(2))).ends_at is None
    assert subjects.care_plan_facts(assigned(AtOffsets((0, 3)))).ends_at == copenhagen("2026-12-04 00:00")


def answer(task: Task) -> Task:
    response = plans.begin_task(task=task, at=timezone.now())
    questionnaires.save_answers(response=response, fields={"pain": ["false"]}, at=timezone.now())
    return plans.submit_task(task=task, at=timezone.now())


@pytest.fixture
def _towards_the_simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


@pytest.mark.usefixtures("_towards_the_simulator")
@pytest.mark.parametrize(
    ("rhythm", "kind"),
    [
        (Every(Length(2, Unit.DAYS), Times(3)), "Resolved"),
        (OnWeekdays(tuple(range(7)), 1, Times(3)), "Resolved"),
        (AtOffsets((0, 30)), "Adhoc"),
        (AfterAnswer(0), "Adhoc"),
    ],
    ids=["days", "weekdays", "offsets", "after an answer"],
)
def test_the_platform_takes_the_plan_and_its_answers(simulator: Simulator, rhythm: Rhythm, kind: str) -> None:
    now = timezone.now()
    care_plan = assigned(rhythm, at=now, start=timezone.localdate(now))
    answer(care_plan.tasks.get(activity__position=0))
    second = answer(care_plan.tasks.filter(activity__position=1).earliest("opens_at"))

    dispatcher.deliver_due(channels.named("fut"))

    delivered = Delivery.objects.filter(channel="fut").values_list("state", "last_problem")
    assert set(delivered) == {("delivered", "")}
    assert second.response is not None
    [there] = simulator.stored("QuestionnaireResponse", second.response.pk)
    assert f"'code': '{kind}'" in str(there["extension"])
