"""Plans that rest, go on and are changed, told to the platform; and answers to what was moved or asked besides."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from fut import channel
from fut.client import FutClient
from fut.gateway import HttpFutGateway
from fut.mapping import Standing, standing
from outbox import channels, dispatcher
from outbox.models import Delivery, EventName
from plans.adjusting import moved
from plans.asking_once_more import ask_once_more
from plans.assigning import assign_plan
from plans.changing import Wanted, change_care_plan
from plans.ending import revoke_care_plan
from plans.models import CarePlan
from plans.pausing import pause, resume
from plans.schedule import Occurrence
from tests import factories
from tests.fut.conftest import Simulator
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _towards_the_simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with FutClient(simulator.config(), transport=httpx.HTTPTransport()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def deliver() -> list[tuple[str, str]]:
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    dispatcher.deliver_due(channels.named("fut"))
    return list(Delivery.objects.filter(channel="fut").order_by("id").values_list("event__name", "state"))


def kept(simulator: Simulator, care_plan: CarePlan) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan and its request as they stand there."""
    request_id = channel.service_request_id(care_plan, care_plan.plan.activities.get())
    (plan,) = simulator.stored("CarePlan", care_plan.pk)
    (request,) = simulator.stored("ServiceRequest", request_id)
    return plan, request


def staff(care_plan: CarePlan):
    return factories.StaffMemberFactory(municipality=care_plan.episode.municipality)


def test_a_plan_rests_there_and_goes_on(simulator: Simulator) -> None:
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    deliver()
    pause(care_plan=care_plan, reason="Ferie", by=staff(care_plan), at=timezone.now())
    assert deliver()[-1] == (EventName.CARE_PLAN_PAUSED, "delivered")
    assert [one["status"] for one in kept(simulator, care_plan)] == ["on-hold", "on-hold"]

    resume(care_plan=care_plan, on=timezone.localdate(), by=staff(care_plan), at=timezone.now())
    assert deliver()[-1] == (EventName.CARE_PLAN_RESUMED, "delivered")
    assert [one["status"] for one in kept(simulator, care_plan)] == ["active", "active"]


def test_a_plan_that_goes_on_later_is_expected_on_no_day_before(simulator: Simulator) -> None:
    """It is active there at once, as it is here; but its recurrence would still ask in the week that is left out."""
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    deliver()
    pause(care_plan=care_plan, reason="Ferie", by=staff(care_plan), at=timezone.now())
    on = timezone.localdate() + timedelta(days=7)
    resume(care_plan=care_plan, on=on, by=staff(care_plan), at=timezone.now())

    assert deliver()[-2:] == [
        (EventName.CARE_PLAN_RESUMED, "delivered"),
        (EventName.CARE_PLAN_CHANGED, "delivered"),
    ]
    _plan, request = kept(simulator, care_plan)
    assert request["status"] == "active"
    assert set(request["occurrenceTiming"]["repeat"]) == {"boundsPeriod"}
    assert request["occurrenceTiming"]["repeat"]["boundsPeriod"]["start"][:10] == on.isoformat()


def test_a_plan_that_rested_is_answered_after_it_goes_on(simulator: Simulator) -> None:
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    now = timezone.now()
    pause(care_plan=care_plan, reason="Ferie", by=staff(care_plan), at=now)
    resume(care_plan=care_plan, on=timezone.localdate(), by=staff(care_plan), at=now)
    task = answer(care_plan.tasks.earliest("opens_at"))

    assert {state for _name, state in deliver()} == {"delivered"}
    assert len(simulator.stored("QuestionnaireResponse", task.response_id)) == 1


def test_what_ended_while_it_rested_is_told_as_ended(simulator: Simulator) -> None:
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    now = timezone.now()
    pause(care_plan=care_plan, reason="Ferie", by=staff(care_plan), at=now)
    revoke_care_plan(care_plan=care_plan, at=now)
    assert {state for _name, state in deliver()} == {"delivered"}
    assert [one["status"] for one in kept(simulator, care_plan)] == ["revoked", "revoked"]


def test_a_changed_plan_has_its_new_days_there(simulator: Simulator) -> None:
    plan = factories.PlanFactory(weekly=3)
    care_plan = factories.assign(plan=plan)
    deliver()
    start = timezone.localdate() + timedelta(days=3)
    change_care_plan(
        care_plan=care_plan,
        wanted=Wanted(plan=plan, starts_on=start),
        reason="Aftalt",
        by=staff(care_plan),
        at=timezone.now(),
    )
    assert deliver()[-1] == (EventName.CARE_PLAN_CHANGED, "delivered")
    there, request = kept(simulator, care_plan)
    # Its days are no recurrence any more: what is open stays, and the rest counts from another day.
    repeat = request["occurrenceTiming"]["repeat"]
    assert set(repeat) == {"boundsPeriod"}
    last = care_plan.tasks.filter(status="open").latest("due_at").due_at
    assert repeat["boundsPeriod"]["end"][:10] == f"{timezone.localtime(last - timedelta(days=1)):%Y-%m-%d}"
    assert there["period"]["start"][:10] == start.isoformat()


def test_a_moved_task_and_an_extra_one_are_answered_ad_hoc(simulator: Simulator) -> None:
    plan = factories.PlanFactory(weekly=2)
    citizen = factories.CitizenFactory()
    today, now = timezone.localdate(), timezone.now()
    activity = plan.activities.get()
    first, _second = (
        Occurrence(task.opens_at, task.due_at)
        for task in factories.assign(plan=plan, at=now).tasks.order_by("opens_at")
    )
    care_plan = assign_plan(
        plan=plan,
        citizen=citizen,
        care_team=factories.CareTeamFactory(municipality=citizen.municipality),
        starts_on=today,
        occurrences={activity.pk: [first, moved(first, today + timedelta(days=3))]},
        by=factories.StaffMemberFactory(municipality=citizen.municipality),
        at=now,
    )
    answered = [answer(care_plan.tasks.earliest("opens_at"))]
    extra = ask_once_more(
        care_plan=care_plan, activity=activity, days=2, reason="", by=staff(care_plan), at=timezone.now()
    )
    answered.append(answer(extra))

    assert {state for _name, state in deliver()} == {"delivered"}
    for task in answered:
        (there,) = simulator.stored("QuestionnaireResponse", task.response_id)
        (timing,) = [one for one in there["extension"] if one["url"].endswith("ehealth-resolved-timing")]
        codes = [
            one["valueCodeableConcept"]["coding"][0]["code"]
            for one in timing["extension"]
            if one["url"] == "type"
        ]
        assert codes == ["Adhoc"]


def test_what_has_ended_there_is_not_taken_up_again() -> None:
    request = {"resourceType": "ServiceRequest", "status": "revoked"}

    assert standing(request, Standing.ON_HOLD, is_plan=False) is None
    assert standing({**request, "status": "active"}, Standing.ON_HOLD, is_plan=False) == {
        **request,
        "status": "on-hold",
    }
