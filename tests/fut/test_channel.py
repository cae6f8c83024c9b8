"""From our rows through the outbox to the platform, over HTTP to the simulator's own process."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from fut import channel
from fut.client import FutClient
from fut.gateway import HttpFutGateway
from fut.mapping.task_messages import no_task_messages_id
from fut.models import FutDefinition, FutReference
from fut.tokens import Context
from outbox import channels, dispatcher
from outbox.models import Delivery, EventName
from plans import services as plans
from plans.models import CarePlan, Task
from questionnaires import services as questionnaires
from questionnaires.models import QuestionnaireVersion
from tests import factories
from tests.fut.conftest import Simulator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _towards_the_simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def assigned(**plan: Any) -> CarePlan:
    return factories.assign(plan=factories.PlanFactory(**plan))


def answer(task: Task) -> Task:
    response = plans.begin_task(task=task, at=timezone.now())
    questionnaires.save_answers(
        response=response,
        fields={"pain": ["true"], "how-much": ["3"], "note": ["Mest om aftenen – på øen"]},
        at=timezone.now(),
    )
    return plans.submit_task(task=task, at=timezone.now())


def states() -> list[tuple[str, str, str]]:
    to_fut = Delivery.objects.filter(channel="fut").order_by("id")
    return list(to_fut.values_list("event__name", "state", "last_problem"))


def test_a_care_plan_and_its_answers_reach_the_platform(simulator: Simulator) -> None:
    care_plan = assigned(weekly=3)
    task = answer(care_plan.tasks.earliest("opens_at"))

    dispatcher.deliver_due(channels.named("fut"))

    assert states() == [
        (EventName.CARE_PLAN_ASSIGNED, "delivered", ""),
        (EventName.RESPONSE_COMPLETED, "delivered", ""),
    ]
    [there] = simulator.stored("CarePlan", care_plan.pk)
    assert there["status"] == "active"
    activity = care_plan.plan.activities.get()
    [request] = simulator.stored("ServiceRequest", channel.service_request_id(care_plan, activity))
    assert request["occurrenceTiming"]["repeat"]["periodUnit"] == "wk"
    [response] = simulator.stored("QuestionnaireResponse", task.response.pk)  # type: ignore[union-attr]
    assert response["questionnaire"] == activity.version.canonical
    [page] = response["item"]
    assert [(item["linkId"], item["answer"]) for item in page["item"]] == [
        ("pain", [{"valueBoolean": True}]),
        ("how-much", [{"valueInteger": 3}]),
        ("note", [{"valueString": "Mest om aftenen – på øen"}]),
    ]


def test_the_consent_has_the_moment_of_the_first_assignment(simulator: Simulator) -> None:
    """Also where the plan starts in two months, and another one follows before that."""
    first = timezone.now() - timedelta(hours=1)
    care_plan = factories.assign(
        at=first,
        starts_on=timezone.localdate(first) + timedelta(days=60),
    )
    factories.assign(care_plan.episode.citizen)

    dispatcher.deliver_due(channels.named("fut"))

    assert {state for _, state, _ in states()} == {"delivered"}
    episode = FutReference.objects.get(resource_type="EpisodeOfCare", local_id=care_plan.episode_id)
    patient = FutReference.objects.get(resource_type="Patient", local_id=care_plan.episode.citizen_id)
    with FutClient(simulator.config()) as platform:
        inside = platform.within(Context(patient=patient.url, episode=episode.url))
        [consent] = inside.search("Consent", data=episode.url, patient=patient.url)
    assert datetime.fromisoformat(consent["dateTime"]) == first.replace(microsecond=0)
    [there] = simulator.stored("EpisodeOfCare", care_plan.episode_id)
    assert datetime.fromisoformat(there["period"]["start"]) <= first


def test_the_platforms_addresses_are_kept(simulator: Simulator) -> None:
    care_plan = assigned()
    dispatcher.deliver_due(channels.named("fut"))
    kept = set(FutReference.objects.values_list("resource_type", flat=True))
    assert kept == {
        "Patient",
        "EpisodeOfCare",
        "Condition",
        "CommunicationRequest",
        "CarePlan",
        "ServiceRequest",
    }
    address = FutReference.objects.get(resource_type="CarePlan", local_id=care_plan.pk)
    assert address.url.startswith(simulator.origin)


def test_a_second_delivery_makes_no_second_resource(simulator: Simulator) -> None:
    care_plan = assigned()
    task = answer(care_plan.tasks.get())
    dispatcher.deliver_due(channels.named("fut"))
    # As after a crash between sending and writing it down.
    Delivery.objects.update(state=Delivery.State.WAITING, ended_at=None)
    FutReference.objects.all().delete()
    dispatcher.deliver_due(channels.named("fut"))

    assert {state for _, state, _ in states()} == {"delivered"}
    assert len(simulator.stored("CarePlan", care_plan.pk)) == 1
    assert len(simulator.stored("QuestionnaireResponse", task.response.pk)) == 1  # type: ignore[union-attr]


def test_answers_bring_a_care_plan_that_the_platform_lacks(simulator: Simulator) -> None:
    care_plan = assigned()
    task = answer(care_plan.tasks.get())
    Delivery.objects.filter(event__name=EventName.CARE_PLAN_ASSIGNED).update(
        state=Delivery.State.DEAD, ended_at=timezone.now()
    )
    dispatcher.deliver_due(channels.named("fut"))
    assert states()[1][1:] == ("delivered", "")
    assert len(simulator.stored("CarePlan", care_plan.pk)) == 1
    assert len(simulator.stored("QuestionnaireResponse", task.response.pk)) == 1  # type: ignore[union-attr]


def test_what_kam_published_comes_before_the_plan_that_is_made_of_it(simulator: Simulator) -> None:
    """And a second plan of the same kind brings nothing again; nor does one whose addresses were lost."""
    care_plan = assigned()
    factories.assign(plan=care_plan.plan)
    dispatcher.deliver_due(channels.named("fut"))
    FutDefinition.objects.all().delete()
    factories.assign(plan=care_plan.plan)
    dispatcher.deliver_due(channels.named("fut"))

    assert {state for _, state, _ in states()} == {"delivered"}
    activity = care_plan.plan.activities.get()
    [form] = simulator.stored("Questionnaire", activity.version_id)
    [what] = simulator.stored("ActivityDefinition", activity.pk)
    [plan] = simulator.stored("PlanDefinition", care_plan.plan_id)
    assert f"{form['url']}|{form['version']}" == activity.version.canonical
    assert what["relatedArtifact"] == [{"type": "composed-of", "resource": activity.version.canonical}]
    assert plan["action"] == [{"definitionCanonical": f"{what['url']}|{what['version']}"}]
    [there] = simulator.stored("CarePlan", care_plan.pk)
    assert there["instantiatesCanonical"] == [f"{plan['url']}|{plan['version']}"]
    assert FutDefinition.objects.count() == 3


def test_a_version_that_a_newer_one_retired_is_still_brought_active(simulator: Simulator) -> None:
    """The plan was published with it (docs/adr/0007), and the platform lets an active plan name nothing else."""
    care_plan = assigned()
    version = care_plan.plan.activities.get().version
    QuestionnaireVersion.objects.filter(pk=version.pk).update(status="retired")

    dispatcher.deliver_due(channels.named("fut"))

    [form] = simulator.stored("Questionnaire", version.pk)
    assert form["status"] == "active"


def test_a_platform_that_is_away_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, simulator: Simulator
) -> None:
    nowhere = FutClient(
        simulator.config(token_url="http://127.0.0.1:9/token", base_url="http://127.0.0.1:9/fhir")
    )
    monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(nowhere))
    assigned()
    dispatcher.deliver_due(channels.named("fut"))
    nowhere.close()
    [(_, state, problem)] = states()
    assert state == "waiting"
    assert problem


def test_a_refusal_is_kept_in_the_platforms_words(simulator: Simulator) -> None:
    care_plan = assigned()
    dispatcher.deliver_due(channels.named("fut"))
    # The plan is paused at the platform while the citizen writes: the everyday refusal.
    activity = care_plan.plan.activities.get()
    request = FutReference.objects.get(
        resource_type="ServiceRequest", local_id=channel.service_request_id(care_plan, activity)
    )
    episode = FutReference.objects.get(resource_type="EpisodeOfCare")
    with FutClient(simulator.config()) as platform:
        inside = platform.within(Context(episode=episode.url))
        inside.update(request.url, {**inside.read(request.url), "status": "on-hold"})
    answer(care_plan.tasks.get())
    dispatcher.deliver_due(channels.named("fut"))
    _, state, problem = states()[1]
    assert state == "dead"
    assert "NOT_ACTIVE" in problem


def opt_outs(care_plan: CarePlan, simulator: Simulator) -> list[dict[str, Any]]:
    return simulator.stored("CommunicationRequest", no_task_messages_id(care_plan.episode_id))


def test_we_tell_of_new_tasks_and_the_platform_does_not(simulator: Simulator) -> None:
    """One request an episode, however many plans; there before the first plan is."""
    care_plan = assigned()
    factories.assign(care_plan.episode.citizen)

    dispatcher.deliver_due(channels.named("fut"))

    [request] = opt_outs(care_plan, simulator)
    assert (request["status"], request["doNotPerform"]) == ("active", True)
    assert request["reasonCode"][0]["coding"][0]["code"] == "ReminderSubmitMeasurement"
    episode = FutReference.objects.get(resource_type="EpisodeOfCare", local_id=care_plan.episode_id)
    assert request["extension"][0]["valueReference"]["reference"] == episode.url
    [plan] = simulator.stored("CarePlan", care_plan.pk)
    assert int(request["id"]) < int(plan["id"])


def test_where_the_platform_tells_it_is_not_stopped(simulator: Simulator, settings: LazySettings) -> None:
    settings.TASK_MESSAGES_FROM = "platform"
    care_plan = assigned()

    dispatcher.deliver_due(channels.named("fut"))

    assert opt_outs(care_plan, simulator) == []
    assert not Delivery.objects.filter(channel="nemsms").exists()


def test_turned_round_and_back_the_episode_follows_with_its_next_plan(
    simulator: Simulator, settings: LazySettings
) -> None:
    care_plan = assigned()
    statuses = []
    for sender in ("us", "platform", "us"):
        settings.TASK_MESSAGES_FROM = sender
        factories.assign(care_plan.episode.citizen)
        dispatcher.deliver_due(channels.named("fut"))
        statuses.append([request["status"] for request in opt_outs(care_plan, simulator)])

    assert statuses == [["active"], ["revoked"], ["active"]]
