"""Once at the platform, however often it is sent; and a look only where something can be there already."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fut import channel
from fut.client import FutClient
from fut.gateway import HttpFutGateway
from fut.handover import FutHandover
from fut.mapping.episodes import condition_id
from fut.mapping.task_messages import no_task_messages_id
from fut.models import FutDefinition, FutReference
from outbox import channels, dispatcher
from outbox.channels import ReceiverAway
from outbox.claims import claim
from outbox.models import ChannelState, Delivery, Event, ReceiverState
from outbox.services import send_again
from plans.models import CarePlan
from tests import factories
from tests.fut.conftest import LosesAnswers, Simulator
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db

COMMANDS = {
    "the citizen": ("POST", "Patient/$createPatient"),
    "the course": ("POST", "$create-episode-of-care"),
    "the consent": ("POST", "/Consent"),
    "the course made active": ("PATCH", "/EpisodeOfCare/"),
    "the stop of task messages": ("POST", "/CommunicationRequest"),
    "the plan": ("POST", "careplan/fhir"),
    "the answer": ("POST", "$submit-measurement"),
}


class Network(LosesAnswers):
    """What was asked, in order; may lose the answer to one command, once or always."""

    def __init__(self) -> None:
        super().__init__(self._is_lost)
        self.asked: list[str] = []
        self.losing: str | None = None
        self.times = 1
        self.pause = 0.0

    def _is_lost(self, request: httpx.Request) -> bool:
        if self.losing is None or self.losses >= self.times:
            return False
        method, ending = COMMANDS[self.losing]
        path = request.url.path
        return request.method == method and (path.endswith(ending) or (ending[-1] == "/" and ending in path))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/token":
            time.sleep(self.pause)
            self.asked.append(f"{request.method} {request.url.path.partition('/fhir')[2].lstrip('/')}")
        return super().handle_request(request)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture(autouse=True)
def _towards_the_simulator(
    simulator: Simulator, network: Network, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with FutClient(simulator.config(), transport=network) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


@pytest.fixture
def care_plan(network: Network) -> CarePlan:
    """Given to a citizen whom the platform does not know, of definitions that it knows."""
    plan = factories.PlanFactory(weekly=3)
    factories.assign(plan=plan)
    deliver()
    network.asked.clear()
    return factories.assign(plan=plan)


def deliver() -> list[str]:
    """All that waits, whenever it was to be tried again; the states of all, the oldest first."""
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    for breakers in (ChannelState, ReceiverState):  # whatever they say
        breakers.objects.update(failures=0, openings=0, open_until=None)
    dispatcher.deliver_due(channels.named("fut"))
    return list(Delivery.objects.filter(channel="fut").order_by("id").values_list("state", flat=True))


def looks(network: Network) -> list[str]:
    return [asked for asked in network.asked if asked.startswith("GET ") and "Organization" not in asked]


def there(simulator: Simulator, care_plan: CarePlan, response_id: object) -> dict[str, int]:
    """How many of each kind stand there for the citizen's course."""
    episode = simulator.stored("EpisodeOfCare", care_plan.episode_id)
    name = f"/EpisodeOfCare/{episode[0]['id']}"
    consents = [
        one
        for one in simulator.stored("Consent")
        if one["provision"]["data"][0]["reference"]["reference"].endswith(name)
    ]
    request_id = channel.service_request_id(care_plan, care_plan.plan.activities.get())
    return {
        "EpisodeOfCare": len(episode),
        "Condition": len(simulator.stored("Condition", condition_id(care_plan.episode_id))),
        "Consent": len(consents),
        "CommunicationRequest": len(
            simulator.stored("CommunicationRequest", no_task_messages_id(care_plan.episode_id))
        ),
        "CarePlan": len(simulator.stored("CarePlan", care_plan.pk)),
        "ServiceRequest": len(simulator.stored("ServiceRequest", request_id)),
        "QuestionnaireResponse": len(simulator.stored("QuestionnaireResponse", response_id)),
    }


ONCE_EACH = {
    "EpisodeOfCare": 1,
    "Condition": 1,
    "Consent": 1,
    "CommunicationRequest": 1,
    "CarePlan": 1,
    "ServiceRequest": 1,
    "QuestionnaireResponse": 1,
}


def test_what_was_never_sent_is_not_looked_for(care_plan: CarePlan, network: Network) -> None:
    answer(care_plan.tasks.earliest("opens_at"))

    assert set(deliver()) == {"delivered"}
    assert [asked for asked in network.asked if "Organization" not in asked] == [
        "POST Patient/$createPatient",
        "POST $create-episode-of-care",
        "POST Consent",
        f"PATCH EpisodeOfCare/{FutReference.objects.get(local_id=care_plan.episode_id).url.rpartition('/')[2]}",
        "POST CommunicationRequest",
        "POST ",
        "POST $submit-measurement",
    ]


@pytest.mark.parametrize("lost", COMMANDS)
@pytest.mark.parametrize("forgets", [False, True], ids=["addresses kept", "addresses lost"])
def test_a_lost_answer_makes_no_second_one(
    care_plan: CarePlan, network: Network, simulator: Simulator, lost: str, forgets: bool
) -> None:
    task = answer(care_plan.tasks.earliest("opens_at"))
    network.losing = lost

    assert "waiting" in deliver()
    if forgets:
        FutReference.objects.all().delete()
    deliver()

    assert set(deliver()) == {"delivered"}
    assert network.losses == 1
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH


@pytest.mark.parametrize("lost", [name for name in COMMANDS if name != "the answer"])
def test_what_another_delivery_began_is_found(
    care_plan: CarePlan, network: Network, simulator: Simulator, lost: str
) -> None:
    """The plan's own delivery is given up; its answers and the next plan are tried for the first time."""
    network.losing = lost
    deliver()
    assert network.losses == 1
    FutReference.objects.all().delete()
    given_up = Delivery.objects.filter(channel="fut", event__subject_id=care_plan.pk)
    given_up.update(state="dead", ended_at=timezone.now(), leased_until=None)
    task = answer(care_plan.tasks.earliest("opens_at"))
    other = factories.assign(care_plan.episode.citizen)

    assert deliver()[1:] == ["dead", "delivered", "delivered"]
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH
    assert len(simulator.stored("CarePlan", other.pk)) == 1
    assert send_again(given_up.get(), at=timezone.now())
    assert set(deliver()) == {"delivered"}
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH


def test_a_second_plan_finds_a_course_that_the_first_one_began(
    care_plan: CarePlan, network: Network, simulator: Simulator
) -> None:
    network.losing = "the course"
    deliver()
    Delivery.objects.filter(channel="fut", event__subject_id=care_plan.pk).update(
        state="dead", ended_at=timezone.now()
    )
    factories.assign(care_plan.episode.citizen)

    assert deliver()[-1] == "delivered"
    assert len(simulator.stored("EpisodeOfCare", care_plan.episode_id)) == 1


def test_a_worker_that_was_killed_after_sending_makes_no_second_one(
    care_plan: CarePlan, simulator: Simulator
) -> None:
    """It has told all and written nothing: the claim's attempt is the only trace."""
    for _ in range(2):
        fut = channels.named("fut")
        turn = claim(fut, timezone.now())
        handover = fut.handover()
        handover.look(turn.deliveries)
        for delivery in turn.deliveries:
            handover.deliver(delivery)
        assert turn.deliveries
        Delivery.objects.update(leased_until=None)
        assert not FutReference.objects.filter(local_id=care_plan.pk).exists()
    task = answer(care_plan.tasks.earliest("opens_at"))

    assert set(deliver()) == {"delivered"}
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH


def test_a_worker_that_slept_past_its_lease_sends_nothing(
    care_plan: CarePlan, network: Network, simulator: Simulator
) -> None:
    """Another one may be sending it."""
    fut = channels.named("fut")
    turn = claim(fut, timezone.now())
    handover = fut.handover()
    handover.look(turn.deliveries)
    (late,) = turn.deliveries
    late.leased_until = timezone.now() + timedelta(seconds=5)  # less than a request may take

    with pytest.raises(ReceiverAway, match="ikke tid"):
        handover.deliver(late)

    assert network.asked == []
    assert not simulator.stored("CarePlan", care_plan.pk)


def test_an_attempt_that_runs_out_of_time_is_taken_up_where_it_ended(
    care_plan: CarePlan, network: Network, simulator: Simulator
) -> None:
    task = answer(care_plan.tasks.earliest("opens_at"))
    fut = channels.named("fut")
    turn = claim(fut, timezone.now())
    handover = fut.handover()
    (slow,) = turn.deliveries
    slow.leased_until = timezone.now() + timedelta(seconds=11)
    network.pause = 0.4  # a request may take ten seconds, so after a second there is no more time

    with pytest.raises(ReceiverAway, match="ikke tid"):
        handover.deliver(slow)

    network.pause = 0.0
    begun = list(network.asked)
    Delivery.objects.update(leased_until=None)
    assert set(deliver()) == {"delivered"}
    assert 1 <= len(begun) <= 3
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH


def test_what_is_known_by_half_is_looked_for(care_plan: CarePlan, simulator: Simulator) -> None:
    task = answer(care_plan.tasks.earliest("opens_at"))
    deliver()
    FutReference.objects.filter(resource_type="Condition").delete()
    Delivery.objects.update(state="waiting", ended_at=None, attempts=0)

    assert set(deliver()) == {"delivered"}
    assert there(simulator, care_plan, task.response_id) == ONCE_EACH


def test_what_a_failed_delivery_learnt_is_kept(care_plan: CarePlan, network: Network) -> None:
    network.losing = "the plan"
    deliver()

    kept = FutReference.objects.filter(citizen=care_plan.citizen_id).values_list("resource_type", flat=True)
    assert set(kept) == {"Patient", "EpisodeOfCare", "Condition", "CommunicationRequest"}
    network.asked.clear()
    deliver()
    assert network.asked[0] == "GET CarePlan"
    assert not any("EpisodeOfCare" in asked or "Patient" in asked for asked in network.asked)


def _claimed(citizens: int) -> tuple[FutHandover, list[Delivery]]:
    plan = factories.PlanFactory(weekly=3)
    for _ in range(citizens):
        factories.assign(plan=plan)
    handover = FutHandover(channel.gateway)
    turn = claim(channels.named("fut"), timezone.now())
    assert len(turn.deliveries) == citizens
    return handover, turn.deliveries


@pytest.mark.parametrize("citizens", [1, 4])
def test_a_claim_is_read_together_told_without_a_query_and_noted_together(
    citizens: int, django_assert_num_queries: DjangoAssertNumQueries, django_assert_max_num_queries: Any
) -> None:
    handover, deliveries = _claimed(citizens)

    with django_assert_max_num_queries(14):
        handover.look(deliveries)
    with django_assert_num_queries(0):
        for delivery in deliveries:
            handover.deliver(delivery)
    with django_assert_num_queries(2):  # addresses, definitions
        handover.note()
    with django_assert_num_queries(0):
        handover.note()

    assert FutReference.objects.count() == 6 * citizens


@pytest.mark.parametrize(
    ("lost", "queries"),
    [
        ((), 9),
        (("ServiceRequest",), 14),
        (("Condition",), 14),
        (("Patient", "EpisodeOfCare", "Condition", "CarePlan", "ServiceRequest"), 14),
        (("PlanDefinition",), 14),
        (("Questionnaire",), 15),
    ],
    ids=["nothing", "its request", "half of the course", "everything", "the plan's definition", "the form"],
)
def test_answers_are_read_with_what_they_stand_on_where_the_platform_may_lack_it(
    lost: tuple[str, ...],
    queries: int,
    simulator: Simulator,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: Any,
) -> None:
    plan = factories.PlanFactory(weekly=3)
    tasks = [factories.assign(plan=plan).tasks.earliest("opens_at") for _ in range(3)]
    deliver()
    tasks = [answer(task) for task in tasks]
    FutReference.objects.filter(resource_type__in=lost).delete()
    FutDefinition.objects.filter(resource_type__in=lost).delete()
    handover = FutHandover(channel.gateway)
    deliveries = claim(channels.named("fut"), timezone.now()).deliveries

    with django_assert_max_num_queries(queries):
        handover.look(deliveries)
    with django_assert_num_queries(0):
        for delivery in deliveries:
            handover.deliver(delivery)

    assert len(deliveries) == 3
    assert [len(simulator.stored("QuestionnaireResponse", task.response_id)) for task in tasks] == [1, 1, 1]
    assert [len(simulator.stored("CarePlan", task.care_plan_id)) for task in tasks] == [1, 1, 1]


def test_one_that_fails_keeps_nobody_else(care_plan: CarePlan, network: Network) -> None:
    """The others of its claim arrive, and their addresses with them."""
    other = factories.assign(plan=care_plan.plan)
    network.losing = "the plan"

    assert sorted(deliver()[1:]) == ["delivered", "waiting"]
    known = FutReference.objects.filter(resource_type="CarePlan", local_id__in=[care_plan.pk, other.pk])
    assert known.count() == 1


def test_news_of_what_is_gone_are_a_fault_of_ours(care_plan: CarePlan) -> None:
    Event.objects.filter(subject_id=care_plan.pk).update(subject_id=uuid4())

    assert deliver()[-1] == "waiting"
    assert "LookupError" in Delivery.objects.latest("id").last_problem
