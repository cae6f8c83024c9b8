"""Plans that end and courses that finish, told to the platform once and never over somebody else's head."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.utils import timezone

from fut import channel, terminology
from fut.client import FutClient
from fut.errors import FutConflict
from fut.gateway import HttpFutGateway
from fut.mapping import Ending, consent_withdrawn, ended, episode_finished
from fut.models import FutReference
from fut.tokens import Context
from outbox import channels, dispatcher
from outbox.models import Delivery, EventName
from plans import enrolling
from plans import services as plans
from plans.models import CarePlan, CourseConsent
from tests import factories
from tests.fut.conftest import LosesAnswers, Simulator
from tests.fut.people import NOON
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> LosesAnswers:
    """Loses nothing unless a test says what."""
    return LosesAnswers(lambda _: False)


@pytest.fixture(autouse=True)
def _towards_the_simulator(
    simulator: Simulator, network: LosesAnswers, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with FutClient(simulator.config(), transport=network) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def given(weekly: int | None = None) -> CarePlan:
    return factories.assign(plan=factories.PlanFactory(weekly=weekly))


def deliver() -> list[tuple[str, str]]:
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    dispatcher.deliver_due(channels.named("fut"))
    return list(Delivery.objects.filter(channel="fut").order_by("id").values_list("event__name", "state"))


def problems() -> list[str]:
    return list(
        Delivery.objects.filter(channel="fut").exclude(last_problem="").values_list("last_problem", flat=True)
    )


def statuses(simulator: Simulator, care_plan: CarePlan) -> list[str]:
    """The plan's and its request's."""
    request_id = channel.service_request_id(care_plan, care_plan.plan.activities.get())
    kept = simulator.stored("CarePlan", care_plan.pk) + simulator.stored("ServiceRequest", request_id)
    return [resource["status"] for resource in kept]


def elsewhere(simulator: Simulator, resource_type: str, **changed: Any) -> None:
    """Somebody else changes it on the platform."""
    address = FutReference.objects.get(resource_type=resource_type).url
    with FutClient(simulator.config()) as client:
        inside = client.within(Context(episode=FutReference.objects.get(resource_type="EpisodeOfCare").url))
        inside.update(address, {**inside.read(address), **changed})


def test_the_last_answer_ends_the_plan_there_as_well(simulator: Simulator) -> None:
    care_plan = given()
    task = answer(care_plan.tasks.get())

    assert deliver() == [
        (EventName.CARE_PLAN_ASSIGNED, "delivered"),
        (EventName.RESPONSE_COMPLETED, "delivered"),
        (EventName.CARE_PLAN_ENDED, "delivered"),
    ]
    assert statuses(simulator, care_plan) == ["completed", "completed"]
    assert len(simulator.stored("QuestionnaireResponse", task.response_id)) == 1


def test_a_plan_that_is_stopped_takes_no_more_answers_on_either_side(simulator: Simulator) -> None:
    care_plan = given(weekly=3)
    answer(care_plan.tasks.earliest("opens_at"))
    for _ in range(2):  # the second click
        plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())

    assert [state for _, state in deliver()] == ["delivered"] * 3
    assert statuses(simulator, care_plan) == ["revoked", "revoked"]
    assert sorted(care_plan.tasks.values_list("status", flat=True)) == ["cancelled", "cancelled", "completed"]


def test_a_plan_that_is_over_cannot_be_stopped() -> None:
    care_plan = given()
    answer(care_plan.tasks.get())

    with pytest.raises(plans.CarePlanOver):
        plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())


def test_a_course_is_finished_when_its_plans_are_over(simulator: Simulator) -> None:
    care_plan = given()
    with pytest.raises(plans.EpisodeHasPlans):
        plans.finish_episode(episode=care_plan.episode, at=timezone.now())
    answer(care_plan.tasks.get())
    at = timezone.now()
    for _ in range(2):
        plans.finish_episode(episode=care_plan.episode, at=at)

    assert deliver()[-1] == (EventName.EPISODE_FINISHED, "delivered")
    [there] = simulator.stored("EpisodeOfCare", care_plan.episode_id)
    assert there["status"] == "finished"
    assert there["period"]["end"] > there["period"]["start"]
    assert Delivery.objects.filter(event__name=EventName.EPISODE_FINISHED, channel="fut").count() == 1


def withdraw(care_plan: CarePlan) -> None:
    """The citizen has said yes, and takes it back."""
    nurse = factories.StaffMemberFactory(municipality=care_plan.municipality)
    factories.consented(care_plan.episode, by=nurse, at=timezone.now())
    enrolling.withdraw_consent(episode=care_plan.episode, by=nurse, at=timezone.now())


def consents(simulator: Simulator, care_plan: CarePlan) -> list[dict[str, Any]]:
    [episode] = simulator.stored("EpisodeOfCare", care_plan.episode_id)
    about = f"EpisodeOfCare/{episode['id']}"
    return [
        one
        for one in simulator.stored("Consent")
        if one["provision"]["data"][0]["reference"]["reference"].endswith(about)
    ]


def test_a_consent_that_is_withdrawn_is_inactive_there_after_all_else_has_ended(simulator: Simulator) -> None:
    care_plan = given()
    deliver()
    [before] = consents(simulator, care_plan)
    assert before["status"] == "active"
    withdraw(care_plan)

    assert deliver() == [
        (EventName.CARE_PLAN_ASSIGNED, "delivered"),
        (EventName.CARE_PLAN_ENDED, "delivered"),
        (EventName.EPISODE_FINISHED, "delivered"),
        (EventName.CONSENT_WITHDRAWN, "delivered"),
    ]
    [there] = consents(simulator, care_plan)
    assert there["status"] == "inactive"
    assert there["provision"]["period"]["end"] >= there["provision"]["period"]["start"]
    assert there["provision"]["actor"] == before["provision"]["actor"]


def test_a_consent_withdrawn_before_the_course_was_told_is_inactive_there(simulator: Simulator) -> None:
    care_plan = given()
    withdraw(care_plan)

    assert {state for _, state in deliver()} == {"delivered"}
    assert [one["status"] for one in consents(simulator, care_plan)] == ["inactive"]


def test_a_course_that_the_platform_never_heard_of_is_not_made_there_to_be_ended(
    simulator: Simulator,
) -> None:
    nurse = factories.StaffMemberFactory()
    course = enrolling.begin_course(
        citizen=factories.CitizenFactory(municipality=nurse.municipality),
        care_team=factories.CareTeamFactory(municipality=nurse.municipality),
        consent=enrolling.Yes(given=CourseConsent.Given.ORAL, on=timezone.localdate()),
        by=nurse,
        at=timezone.now(),
    )
    enrolling.withdraw_consent(episode=course, by=nurse, at=timezone.now())

    assert deliver() == [
        (EventName.EPISODE_FINISHED, "delivered"),
        (EventName.CONSENT_WITHDRAWN, "delivered"),
    ]
    assert simulator.stored("EpisodeOfCare", course.pk) == []
    assert not FutReference.objects.exists()


def test_consents_to_other_things_stay(simulator: Simulator) -> None:
    """Somebody on the platform has recorded one of another kind."""
    care_plan = given()
    deliver()
    [before] = consents(simulator, care_plan)
    kept = {
        key: before[key]
        for key in ("resourceType", "scope", "patient", "performer", "policyRule", "provision")
    }
    other = {
        **kept,
        "meta": {"profile": before["meta"]["profile"]},
        "status": "active",
        "category": [{"coding": [{"system": terminology.CS_CONSENT_CATEGORY, "code": "SSLPCI"}]}],
    }
    episode, patient = (
        FutReference.objects.get(resource_type=name).url for name in ("EpisodeOfCare", "Patient")
    )
    with FutClient(simulator.config()) as client:
        client.within(Context(patient=patient, episode=episode)).create(other)
    withdraw(care_plan)
    deliver()

    assert sorted(one["status"] for one in consents(simulator, care_plan)) == ["active", "inactive"]


def test_a_plan_that_ended_otherwise_there_is_left_alone_and_shown(simulator: Simulator) -> None:
    care_plan = given()
    deliver()
    elsewhere(simulator, "CarePlan", status="completed")
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())

    assert deliver()[-1] == (EventName.CARE_PLAN_ENDED, "dead")
    [problem] = problems()
    assert "completed" in problem
    assert "revoked" in problem
    assert statuses(simulator, care_plan) == ["completed", "active"]


def test_what_others_have_written_stays(simulator: Simulator) -> None:
    care_plan = given()
    deliver()
    elsewhere(simulator, "CarePlan", status="on-hold", description="Ring før besøg")
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())

    assert deliver()[-1] == (EventName.CARE_PLAN_ENDED, "delivered")
    [there] = simulator.stored("CarePlan", care_plan.pk)
    assert (there["status"], there["description"]) == ("revoked", "Ring før besøg")


class ChangesBetween(httpx.BaseTransport):
    """Somebody else is quicker than our first PUT of a plan."""

    def __init__(self, change: Any) -> None:
        self._inner, self._change, self.done = httpx.HTTPTransport(), change, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and "/CarePlan/" in request.url.path and not self.done:
            self.done = True
            self._change()
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_who_is_quicker_is_not_overwritten(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    care_plan = given()
    deliver()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    between = ChangesBetween(lambda: elsewhere(simulator, "CarePlan", description="Ring før besøg"))
    with FutClient(simulator.config(), transport=between) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        first, [problem] = deliver()[-1], problems()
        second = deliver()[-1]

    assert (first[1], second[1]) == ("waiting", "delivered")
    assert "ændret" in problem
    [there] = simulator.stored("CarePlan", care_plan.pk)
    assert (there["status"], there["description"]) == ("revoked", "Ring før besøg")


def test_a_withdrawal_whose_answer_got_lost_is_seen_and_not_made_again(
    simulator: Simulator, network: LosesAnswers
) -> None:
    care_plan = given()
    deliver()
    network._lost = lambda request: (
        request.method == "PUT" and "/Consent/" in request.url.path and not network.losses
    )
    withdraw(care_plan)
    for _ in range(2):
        outcome = deliver()

    assert network.losses == 1
    assert {state for _, state in outcome} == {"delivered"}
    [there] = consents(simulator, care_plan)
    assert (there["status"], there["meta"]["versionId"]) == ("inactive", "2")


@pytest.mark.parametrize("lost", ["ServiceRequest", "CarePlan", "EpisodeOfCare"])
def test_an_ending_whose_answer_got_lost_is_seen_and_not_made_again(
    simulator: Simulator, network: LosesAnswers, lost: str
) -> None:
    care_plan = given()
    deliver()
    network._lost = lambda request: (
        request.method in {"PUT", "PATCH"} and f"/{lost}/" in request.url.path and not network.losses
    )
    answer(care_plan.tasks.get())
    plans.finish_episode(episode=care_plan.episode, at=timezone.now())
    for _ in range(4):
        outcome = deliver()

    assert network.losses == 1
    assert {state for _, state in outcome} == {"delivered"}
    assert statuses(simulator, care_plan) == ["completed", "completed"]
    for resource_type in ("CarePlan", "ServiceRequest"):
        [row] = FutReference.objects.filter(resource_type=resource_type)
        assert row.version_id == "2"  # active, then over: written once


# Pure


@pytest.mark.parametrize("theirs", ["draft", "active", "on-hold"])
@pytest.mark.parametrize("ending", Ending)
def test_only_the_status_changes(theirs: str, ending: Ending) -> None:
    there = {"resourceType": "CarePlan", "id": "1", "status": theirs, "title": "Trivsel"}

    assert ended(there, ending, is_plan=True) == {**there, "status": ending}


def test_a_request_that_others_have_ended_stays() -> None:
    assert (
        ended({"resourceType": "ServiceRequest", "status": "revoked"}, Ending.COMPLETED, is_plan=False)
        is None
    )


@pytest.mark.parametrize("theirs", ["cancelled", "entered-in-error"])
def test_a_course_that_others_have_cancelled_is_a_conflict(theirs: str) -> None:
    with pytest.raises(FutConflict, match=theirs):
        episode_finished({"resourceType": "EpisodeOfCare", "status": theirs}, NOON)


def test_a_consent_keeps_the_end_that_others_have_given_it() -> None:
    there = {"resourceType": "Consent", "status": "active", "provision": {"period": {"end": "2026-01-01"}}}

    assert consent_withdrawn(there, NOON) == {**there, "status": "inactive"}


@pytest.mark.parametrize("theirs", ["inactive", "rejected", "entered-in-error"])
def test_a_consent_that_does_not_count_any_more_stays(theirs: str) -> None:
    assert consent_withdrawn({"resourceType": "Consent", "status": theirs}, NOON) is None
