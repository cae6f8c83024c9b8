"""FUT's services are away one by one: what needs none of those goes on, in order."""

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from django.conf import LazySettings
from django.utils import timezone

from fut import channel
from fut.channel import FutChannel
from fut.client import FutClient
from fut.errors import FutUnavailable
from fut.gateway import HttpFutGateway
from fut.service_bases import ServiceBases
from outbox import channels, dispatcher
from outbox.breaker import FAILURES_THAT_OPEN
from outbox.models import ChannelState, Delivery, Event, EventName, ReceiverState
from plans.models import CarePlan
from tests import factories
from tests.fut.conftest import Simulator, free_port
from tests.fut.test_channel import answer

EACH = "https://{service}.fut.invalid/fhir"
ONE = "https://fut.invalid/fhir"
HERE = "https://measurement.here.invalid/fhir"


@pytest.mark.parametrize(
    ("bases", "url", "receiver"),
    [
        (ServiceBases(EACH), "https://careplan.fut.invalid/fhir/CarePlan/1", "careplan"),
        (ServiceBases(EACH), "https://careplan.fut.invalid/fhir", "careplan"),
        (ServiceBases(EACH), "https://careplan.fut.invalid/fhirs/CarePlan/1", ""),
        (ServiceBases(EACH), "https://elsewhere.invalid/fhir/CarePlan/1", ""),
        (ServiceBases(EACH, {"measurement": HERE}), f"{HERE}/$submit-measurement", "measurement"),
        (ServiceBases(ONE), f"{ONE}/CarePlan/1", ""),
        (ServiceBases(ONE, {"measurement": f"{ONE}/m"}), f"{ONE}/m/$submit-measurement", "measurement"),
        (ServiceBases(ONE, {"measurement": f"{ONE}/m"}), f"{ONE}/CarePlan/1", ""),
        (ServiceBases(ONE, {"measurement": ""}), f"{ONE}/QuestionnaireResponse/1", ""),
    ],
)
def test_a_service_with_an_address_of_its_own_can_be_away_by_itself(
    bases: ServiceBases, url: str, receiver: str
) -> None:
    assert bases.receiver_at(url) == receiver


@pytest.mark.parametrize(
    ("base", "name", "receiver"),
    [
        (EACH, EventName.RESPONSE_COMPLETED, "measurement"),
        (EACH, EventName.CARE_PLAN_ASSIGNED, "careplan"),
        (EACH, EventName.EPISODE_FINISHED, "careplan"),
        (EACH, EventName.CONSENT_WITHDRAWN, "careplan"),
        (ONE, EventName.RESPONSE_COMPLETED, ""),
    ],
)
def test_where_news_go_in_the_end(settings: LazySettings, base: str, name: EventName, receiver: str) -> None:
    settings.FUT_BASE_URL, settings.FUT_SERVICE_URLS = base, {}
    assert FutChannel().receiver(Event(name=name)) == receiver


@pytest.fixture
def client(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> Iterator[FutClient]:
    settings.FUT_BASE_URL = simulator.config().base_url
    httpx.delete(f"{simulator.origin}/control/faults")
    with FutClient(simulator.config()) as made:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(made))
        yield made
    httpx.delete(f"{simulator.origin}/control/faults")


def away(simulator: Simulator, **which: object) -> None:
    fault = {"kind": "status", "status": 503, "share": 1, **which}
    httpx.post(f"{simulator.origin}/control/faults", json=fault).raise_for_status()


def deliver() -> None:
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    dispatcher.deliver_due(channels.named("fut"))


def state_of(subject_id: UUID) -> str:
    return Delivery.objects.filter(channel="fut", event__subject_id=subject_id).latest("pk").state


def answered(care_plan: CarePlan) -> UUID:
    response = answer(care_plan.tasks.unanswered().earliest("opens_at")).response
    assert response is not None
    return response.pk


@pytest.mark.django_db
class TestOneServiceIsAway:
    def test_answers_leave_while_care_plans_cannot(self, client: FutClient, simulator: Simulator) -> None:
        known, other = (factories.assign(plan=factories.PlanFactory(weekly=3)) for _ in range(2))
        deliver()
        away(simulator, service="careplan")
        plans = [factories.assign() for _ in range(FAILURES_THAT_OPEN + 2)]
        first = answered(known)

        deliver()
        second = answered(other)
        deliver()

        assert [state_of(first), state_of(second)] == ["delivered", "delivered"]
        assert {state_of(plan.pk) for plan in plans} == {"waiting"}
        careplan = ReceiverState.objects.get(receiver="careplan")
        assert not careplan.breaker.is_closed
        assert "503" in careplan.last_problem
        assert ChannelState.objects.get(channel="fut").breaker.is_closed
        # Those that came after it was left alone were not tried at all.
        untried = Delivery.objects.filter(
            event__subject_id__in=[plan.pk for plan in plans], channel="fut", attempts=0
        )
        assert untried.count() == 2

        httpx.delete(f"{simulator.origin}/control/faults")
        ReceiverState.objects.update(open_until=timezone.now())
        deliver()
        assert {state_of(plan.pk) for plan in plans} == {"delivered"}

    def test_an_answer_never_overtakes_its_plan(self, client: FutClient, simulator: Simulator) -> None:
        away(simulator, service="careplan")
        care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
        mine = answered(care_plan)
        deliver()
        assert [state_of(care_plan.pk), state_of(mine)] == ["waiting", "waiting"]
        assert Delivery.objects.get(event__subject_id=mine, channel="fut").attempts == 0

    def test_a_definition_that_cannot_be_brought_is_the_questionnaires_service(
        self, client: FutClient, simulator: Simulator
    ) -> None:
        away(simulator, service="questionnaire")
        care_plan = factories.assign()
        deliver()
        waiting = Delivery.objects.get(channel="fut", event__subject_id=care_plan.pk)
        assert waiting.receiver == "questionnaire"
        assert list(ReceiverState.objects.values_list("receiver", "failures")) == [("questionnaire", 1)]

    def test_without_tokens_nothing_leaves(self, client: FutClient, simulator: Simulator) -> None:
        away(simulator, target="token")
        factories.assign()
        deliver()
        assert not ReceiverState.objects.exists()
        assert ChannelState.objects.get(channel="fut").failures == 1


def test_a_base_that_nobody_answers_at_is_named(simulator: Simulator) -> None:
    config = simulator.config(service_urls={"careplan": f"http://127.0.0.1:{free_port()}/fhir"})
    with FutClient(config) as there, pytest.raises(FutUnavailable) as caught:
        there.operate("careplan", "$create-episode-of-care", {})
    assert caught.value.receiver == "careplan"
