"""What happens when the platform says no, says nothing, or has forgotten us."""

import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import httpx
import pytest
import structlog

from fut import mapping
from fut.client import FutClient, retry_after
from fut.errors import FutAuthenticationFailed, FutRefused, FutUnavailable
from fut.facts import PatientFacts, Reference
from fut.gateway import HttpFutGateway

from .conftest import LosesAnswers, Simulator, about, free_port
from .people import (
    BASE,
    a_care_plan,
    a_patient,
    a_plan,
    a_questionnaire,
    a_response,
    an_activity,
    an_episode,
)
from .test_round_trip import enrolled, planned


@pytest.fixture
def losing(simulator: Simulator) -> Iterator[tuple[LosesAnswers, HttpFutGateway]]:
    """A gateway whose commands arrive while their answers are lost."""
    network = LosesAnswers(
        lambda request: (
            request.method in {"POST", "PATCH"}
            and not request.url.path.endswith(("/token", "$createPatient"))
        )
    )
    with FutClient(simulator.config(), transport=network) as client:
        yield network, HttpFutGateway(client)


def test_an_answer_that_got_lost_is_found_and_not_sent_again(
    losing: tuple[LosesAnswers, HttpFutGateway], simulator: Simulator
) -> None:
    network, gateway = losing
    with FutClient(simulator.config()) as calm:
        patient, episode, plan = planned(HttpFutGateway(calm))
    (request,) = plan.service_requests.values()
    response = a_response()

    with pytest.raises(FutUnavailable) as lost:
        gateway.submit_response(response, patient=patient, episode=episode.episode, service_request=request)
    kept = gateway.submit_response(
        response, patient=patient, episode=episode.episode, service_request=request
    )

    assert lost.value.unclear
    assert network.losses == 1
    (stored,) = simulator.stored("QuestionnaireResponse", response.id)
    assert kept == Reference(kept.url, stored["meta"]["versionId"])
    assert kept.id == stored["id"]


def test_an_episode_and_a_plan_reach_their_end_through_lost_answers(
    losing: tuple[LosesAnswers, HttpFutGateway], simulator: Simulator
) -> None:
    """Each call gets one command further: create, consent, activate; then the plan."""
    network, gateway = losing
    patient = gateway.ensure_patient(a_patient())
    facts, plan_facts = an_episode(gateway.find_organization("0330")), a_care_plan()

    for _ in range(3):
        with pytest.raises(FutUnavailable):
            gateway.ensure_episode(facts, patient=patient)
    episode = gateway.ensure_episode(facts, patient=patient)
    with pytest.raises(FutUnavailable):
        gateway.push_care_plan(plan_facts, patient=patient, episode=episode)
    plan = gateway.push_care_plan(plan_facts, patient=patient, episode=episode)

    assert network.losses == 4
    (stored,) = simulator.stored("EpisodeOfCare", facts.id)
    assert (stored["id"], stored["status"]) == (episode.episode.id, "active")
    assert len(simulator.stored("CarePlan", plan_facts.id)) == 1
    assert list(plan.service_requests) == [plan_facts.activities[0].id]


@pytest.mark.parametrize("named", ["Questionnaire", "ActivityDefinition", "PlanDefinition"])
def test_a_definition_whose_answer_got_lost_is_there_once(simulator: Simulator, named: str) -> None:
    lost = LosesAnswers(lambda request: request.method == "POST" and request.url.path.endswith(named))
    form = a_questionnaire(id=uuid4(), url=f"{BASE}/Questionnaire/{uuid4()}")
    act = an_activity(id=uuid4(), url=f"{BASE}/ActivityDefinition/{uuid4()}", questionnaire=form.canonical)
    plan = a_plan(id=uuid4(), url=f"{BASE}/PlanDefinition/{uuid4()}", activities=[act.canonical])

    def tell(gateway: HttpFutGateway) -> None:
        owner = gateway.find_organization("0330")
        for definition in (form, act, plan):
            gateway.ensure_definition(definition, owner=owner)

    with FutClient(simulator.config(), transport=lost) as client, pytest.raises(FutUnavailable) as trouble:
        tell(HttpFutGateway(client))
    assert trouble.value.unclear
    with FutClient(simulator.config()) as client:
        tell(HttpFutGateway(client))

    assert lost.losses == 1
    for resource_type, our_id in (
        ("Questionnaire", form.id),
        ("ActivityDefinition", act.id),
        ("PlanDefinition", plan.id),
    ):
        assert len(simulator.stored(resource_type, our_id)) == 1


def test_two_who_bring_the_same_at_once_make_one(simulator: Simulator) -> None:
    """Both looked and found nothing; the second create gives what the first one made."""
    form = a_questionnaire(id=uuid4(), url=f"{BASE}/Questionnaire/{uuid4()}")
    with FutClient(simulator.config()) as client:
        owner = HttpFutGateway(client).find_organization("0330")
        resource = mapping.definition(form, owner=owner)
        first, second = (client.create(resource, if_none=form.id) for _ in range(2))

    assert first["id"] == second["id"]


def test_a_token_that_expired_early_is_renewed(gateway: HttpFutGateway, simulator: Simulator) -> None:
    facts = a_patient()
    first = gateway.ensure_patient(facts)

    httpx.delete(f"{simulator.origin}/control/tokens").raise_for_status()

    assert gateway.ensure_patient(facts) == first


def test_one_token_serves_many_threads(simulator: Simulator) -> None:
    asked: list[str] = []

    class Counts(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            return super().handle_request(request)

    with FutClient(simulator.config(), transport=Counts()) as client:
        gateway = HttpFutGateway(client)
        people = [a_patient() for _ in range(8)]
        threads = [threading.Thread(target=gateway.ensure_patient, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert asked.count("/token") == 1
    assert len(asked) == 9


def test_a_wrong_secret_is_said_plainly(simulator: Simulator) -> None:
    with (
        FutClient(simulator.config(client_secret="wrong")) as client,
        pytest.raises(FutAuthenticationFailed, match=r"invalid_client.*FUT_CLIENT_SECRET") as refused,
    ):
        HttpFutGateway(client).ensure_patient(a_patient())

    assert "wrong" not in str(refused.value)


def test_credentials_may_also_come_as_basic(simulator: Simulator) -> None:
    credentials = base64.b64encode(b"kommunalpro:a-secret-for-tests").decode()

    answer = httpx.post(
        f"{simulator.origin}/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )

    assert answer.json()["token_type"] == "Bearer"


def test_a_refusal_carries_the_platforms_words(gateway: HttpFutGateway, client: FutClient) -> None:
    """An episode cannot become active without a consent."""
    patient = gateway.ensure_patient(a_patient())
    facts = an_episode(gateway.find_organization("0330"))
    created = about(client, patient).operate(
        "careplan", "$create-episode-of-care", mapping.episode_of_care(facts, patient=patient)
    )
    address = created["entry"][1]["response"]["location"].partition("/_history")[0]

    with pytest.raises(FutRefused) as refused:
        about(client, patient, Reference(address)).patch(address, mapping.activation())

    assert refused.value.status == 422
    assert refused.value.issue_codes == ("EPISODEOFCARE_PATCH_NO_CONSENT",)
    assert "No valid Episode Of Care related consent" in refused.value.sentence


def test_a_paused_plan_takes_no_answers(gateway: HttpFutGateway, client: FutClient) -> None:
    patient, episode, plan = planned(gateway)
    (request,) = plan.service_requests.values()
    inside = about(client, patient, episode.episode)
    stored = inside.read(request.url)
    inside.update(request.url, {**stored, "status": "on-hold"})

    with pytest.raises(FutRefused) as refused:
        gateway.submit_response(
            a_response(), patient=patient, episode=episode.episode, service_request=request
        )

    assert refused.value.issue_codes == ("MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE",)


def test_an_unknown_cpr_number_is_refused_without_being_repeated(gateway: HttpFutGateway) -> None:
    with pytest.raises(FutRefused) as refused:
        gateway.ensure_patient(PatientFacts(cpr="0000000000"))

    assert refused.value.status == 404
    assert "0000000000" not in str(refused.value)


def test_an_unknown_municipality_is_refused(gateway: HttpFutGateway) -> None:
    with pytest.raises(FutRefused):
        gateway.find_organization("Aalborg")


def test_a_plan_for_another_citizens_episode_is_refused_whole(
    gateway: HttpFutGateway, simulator: Simulator
) -> None:
    _, episode = enrolled(gateway)
    stranger = gateway.ensure_patient(a_patient())
    facts = a_care_plan()

    with pytest.raises(FutRefused, match="another patient"):
        gateway.push_care_plan(facts, patient=stranger, episode=episode)

    assert simulator.stored("CarePlan", facts.id) == []
    assert simulator.stored("ServiceRequest", facts.activities[0].id) == []


def test_nobody_there_is_clear(simulator: Simulator) -> None:
    with (
        FutClient(simulator.config(base_url=f"http://127.0.0.1:{free_port()}/fhir")) as client,
        pytest.raises(FutUnavailable) as unavailable,
    ):
        HttpFutGateway(client).ensure_patient(a_patient())

    assert not unavailable.value.unclear


@pytest.mark.parametrize(
    ("status", "headers", "unclear", "wait"),
    [
        (429, {"Retry-After": "120"}, False, 120.0),
        (503, {}, True, None),
        (500, {"Retry-After": "7"}, True, 7.0),
    ],
    ids=["too many", "out of service", "broken"],
)
def test_the_platform_in_trouble_says_when_to_come_back(
    simulator: Simulator, status: int, headers: dict[str, str], unclear: bool, wait: float | None
) -> None:
    class Troubled(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/token":
                return super().handle_request(request)
            return httpx.Response(status, headers=headers, request=request)

    with (
        FutClient(simulator.config(), transport=Troubled()) as client,
        pytest.raises(FutUnavailable) as unavailable,
    ):
        HttpFutGateway(client).ensure_patient(a_patient())

    assert (unavailable.value.unclear, unavailable.value.retry_after) == (unclear, wait)


def test_a_read_is_tried_again_by_itself(gateway: HttpFutGateway, simulator: Simulator) -> None:
    patient = gateway.ensure_patient(a_patient())
    failures = iter([500, 503])

    class Hiccups(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path != "/token" and (status := next(failures, None)):
                return httpx.Response(status, request=request)
            return super().handle_request(request)

    with FutClient(
        replace(simulator.config(), base_url=patient.url.partition("/Patient")[0]), transport=Hiccups()
    ) as client:
        assert about(client, patient).read(patient.url)["id"] == patient.id


def test_the_token_goes_to_the_platform_only(client: FutClient) -> None:
    with pytest.raises(FutRefused, match="hører ikke til FUT"):
        client.read("https://elsewhere.example/fhir/Patient/1")


def test_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)

    assert retry_after(format_datetime(later, usegmt=True)) == pytest.approx(90, abs=2)
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_neither_cpr_nor_token_nor_secret_is_logged(simulator: Simulator) -> None:
    facts = a_patient()

    with structlog.testing.capture_logs() as logs, FutClient(simulator.config()) as client:
        HttpFutGateway(client).ensure_patient(facts)

    assert [entry["what"] for entry in logs] == ["POST /patient/fhir/Patient/$createPatient"]
    assert facts.cpr not in str(logs)
    assert "Bearer" not in str(logs)


def test_the_request_id_of_the_caller_travels(simulator: Simulator) -> None:
    seen: list[str] = []

    class Watches(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.headers.get("X-Request-ID", ""))
            return super().handle_request(request)

    with (
        structlog.contextvars.bound_contextvars(request_id="from-the-browser"),
        FutClient(simulator.config(), transport=Watches()) as client,
    ):
        HttpFutGateway(client).ensure_patient(a_patient())

    assert seen[-1] == "from-the-browser"
