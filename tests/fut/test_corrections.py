"""An answer that was corrected, on its way to the platform: the new one goes, and the former counts no more."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import httpx
import pytest
from django.utils import timezone

from fut import channel
from fut.client import FutClient
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.incoming import polling
from fut.incoming.gateway import HttpIncomingGateway
from fut.incoming.models import FutFinding
from fut.mapping import correction_id
from fut.models import FutReference
from fut.profiles import values_at
from fut.reconciliation import reconcile
from outbox import channels, dispatcher
from outbox.models import Delivery, EventName
from plans import correcting
from plans import services as plans
from plans.models import Task
from questionnaires import services as questionnaires
from tests import factories
from tests.fut.conftest import LosesAnswers, Simulator
from tests.fut.people import a_response
from tests.fut.test_round_trip import planned

pytestmark = pytest.mark.django_db


@pytest.fixture
def _towards_the_simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def answered() -> Task:
    task = factories.open_task(plan=factories.PlanFactory(correction_days=3))
    response = plans.begin_task(task=task, at=timezone.now())
    fields = {"pain": ["false"], "note": ["Som sædvanlig"]}
    questionnaires.save_answers(response=response, fields=fields, at=timezone.now())
    return plans.submit_task(task=task, at=timezone.now())


def corrected(task: Task, note: str = "Rettet") -> Task:
    draft = correcting.begin(task=task, at=timezone.now())
    questionnaires.save_answers(response=draft, fields={"note": [note]}, at=timezone.now())
    return correcting.submit(task=task, at=timezone.now())


def deliver() -> None:
    dispatcher.deliver_due(channels.named("fut"))


def states() -> list[tuple[str, str, str]]:
    to_fut = Delivery.objects.filter(channel="fut").order_by("id")
    return list(to_fut.values_list("event__name", "state", "last_problem"))


def impressions(simulator: Simulator, response_id: object) -> list[dict[str, object]]:
    assert response_id is not None
    return simulator.stored("ClinicalImpression", correction_id(response_id))  # type: ignore[arg-type]


def all_delivered() -> bool:
    return {(state, problem) for _, state, problem in states()} == {("delivered", "")}


@pytest.mark.usefixtures("_towards_the_simulator")
class TestTheChannel:
    @pytest.mark.parametrize("former_has_left", [True, False], ids=["the former has left", "both still wait"])
    def test_the_new_answer_goes_and_the_former_counts_no_more(
        self, simulator: Simulator, former_has_left: bool
    ) -> None:
        task = answered()
        former = task.response_id
        if former_has_left:
            deliver()
        task = corrected(task)
        deliver()

        assert all_delivered(), states()
        assert [name for name, _, _ in states()][-3:] == [
            EventName.RESPONSE_COMPLETED,
            EventName.RESPONSE_COMPLETED,
            EventName.RESPONSE_CORRECTED,
        ]
        assert len(simulator.stored("QuestionnaireResponse", former)) == 1
        assert len(simulator.stored("QuestionnaireResponse", task.response_id)) == 1
        [said] = impressions(simulator, former)
        assert values_at(said, "finding.itemCodeableConcept.coding.code") == ["measurement-invalidated"]
        assert not impressions(simulator, task.response_id)

    def test_each_former_one_counts_no_more_where_it_was_corrected_twice(self, simulator: Simulator) -> None:
        task = answered()
        first = task.response_id
        task = corrected(task)
        second = task.response_id
        task = corrected(task, "Og igen")
        deliver()
        assert all_delivered(), states()
        assert len(impressions(simulator, first)) == len(impressions(simulator, second)) == 1
        assert not impressions(simulator, task.response_id)

    @pytest.mark.parametrize("knows", [True, False], ids=["addresses kept", "addresses lost"])
    def test_telling_it_twice_says_it_once(self, simulator: Simulator, knows: bool) -> None:
        task = answered()
        former = task.response_id
        task = corrected(task)
        deliver()
        # As after a crash between sending and writing it down.
        Delivery.objects.update(state=Delivery.State.WAITING, ended_at=None)
        if not knows:
            FutReference.objects.all().delete()
        deliver()
        assert all_delivered(), states()
        assert len(impressions(simulator, former)) == 1
        assert len(simulator.stored("QuestionnaireResponse", task.response_id)) == 1

    def test_a_former_one_that_comes_late_counts_no_more_either(self, simulator: Simulator) -> None:
        """It was given up, and a person sends it again after its correction has arrived."""
        task = answered()
        former = task.response_id
        assert former is not None
        Delivery.objects.filter(event__subject_id=former).update(
            state=Delivery.State.DEAD, ended_at=timezone.now()
        )
        task = corrected(task)
        deliver()
        assert not simulator.stored("QuestionnaireResponse", former)
        assert not impressions(simulator, former), "there was nothing that could be marked"
        Delivery.objects.filter(event__subject_id=former, event__name=EventName.RESPONSE_COMPLETED).update(
            state=Delivery.State.WAITING, ended_at=None
        )
        deliver()
        assert all_delivered(), states()
        assert len(simulator.stored("QuestionnaireResponse", former)) == 1
        assert len(impressions(simulator, former)) == 1

    def test_the_plan_ends_there_after_its_correction(self, simulator: Simulator) -> None:
        task = corrected(answered())
        deliver()
        [there] = simulator.stored("CarePlan", task.care_plan_id)
        assert there["status"] == "active"
        plans.end_what_is_over(at=timezone.now() + timedelta(days=4))
        # What is due then is due now.
        Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        deliver()
        assert all_delivered(), states()
        [there] = simulator.stored("CarePlan", task.care_plan_id)
        assert there["status"] == "completed"

    @pytest.mark.parametrize("said", [True, False], ids=["said there", "not said yet"])
    def test_the_former_is_no_difference(self, simulator: Simulator, said: bool) -> None:
        task = answered()
        deliver()
        corrected(task)
        if said:
            deliver()
        ours = task.care_plan.episode_id
        found = [one for one in reconcile(mend=False, at=timezone.now()) if one.episode_id == ours]
        assert found == []

    def test_nor_is_it_an_answer_from_elsewhere(self, simulator: Simulator) -> None:
        corrected(answered())
        deliver()
        with FutClient(simulator.config()) as client:
            polling.poll(at=timezone.now(), gateway=HttpIncomingGateway(client))
        assert not FutFinding.objects.exists()


def test_the_mark_is_made_once_whatever_is_known(gateway: HttpFutGateway, simulator: Simulator) -> None:
    patient, episode, plan = planned(gateway)
    (request,) = plan.service_requests.values()
    response = a_response()
    kept = gateway.submit_response(
        response, patient=patient, episode=episode.episode, service_request=request
    )
    mark = partial(gateway.mark_corrected, response.id, patient=patient, episode=episode.episode)

    assert mark(kept, look=False) is not None
    assert mark(None) is not None
    assert mark(Reference(kept.url), look=False) is None, "the platform itself says that it was said"
    assert len(simulator.stored("ClinicalImpression", correction_id(response.id))) == 1


def test_an_answer_that_never_came_there_is_not_marked(gateway: HttpFutGateway) -> None:
    patient, episode, _plan = planned(gateway)
    never = a_response()
    assert gateway.mark_corrected(never.id, None, patient=patient, episode=episode.episode) is None


@pytest.mark.usefixtures("db")
def test_an_answer_that_got_lost_on_the_way_back_is_marked_once(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []

    def is_first_mark(request: httpx.Request) -> bool:
        if "$set-measurement-validity" in request.url.path and not lost:
            lost.append(request.url.path)
            return True
        return False

    with FutClient(simulator.config(), transport=LosesAnswers(is_first_mark)) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        task = answered()
        former = task.response_id
        corrected(task)
        deliver()
        Delivery.objects.filter(state=Delivery.State.WAITING).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        deliver()
    assert lost
    assert {state for _, state, _ in states()} == {"delivered"}
    assert len(impressions(simulator, former)) == 1
