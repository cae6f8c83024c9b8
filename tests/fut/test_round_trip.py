"""Facts go in at the gateway and stand at the platform: over HTTP, with a token, once."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from fut.client import FutClient
from fut.facts import CarePlanReferences, EpisodeReferences, Once, Recurring, Reference
from fut.gateway import FutGateway, HttpFutGateway
from fut.profiles import values_at

from .conftest import Simulator, about, free_port
from .people import NOON, a_care_plan, a_patient, a_request, a_response, an_episode


def enrolled(gateway: FutGateway) -> tuple[Reference, EpisodeReferences]:
    patient = gateway.ensure_patient(a_patient())
    episode = an_episode(gateway.find_organization("0330"))
    return patient, gateway.ensure_episode(episode, patient=patient)


def planned(gateway: FutGateway) -> tuple[Reference, EpisodeReferences, CarePlanReferences]:
    patient, episode = enrolled(gateway)
    return patient, episode, gateway.push_care_plan(a_care_plan(), patient=patient, episode=episode)


def test_an_answer_travels_all_the_way(
    gateway: HttpFutGateway, client: FutClient, simulator: Simulator
) -> None:
    patient, episode, plan = planned(gateway)
    (request,) = plan.service_requests.values()
    response = a_response()

    kept = gateway.submit_response(
        response, patient=patient, episode=episode.episode, service_request=request
    )

    stored = about(client, patient, episode.episode).read(kept.url)
    assert stored["item"] == response.items
    assert stored["questionnaire"] == response.questionnaire
    assert stored["basedOn"] == [{"reference": request.url}]
    assert stored["subject"] == stored["source"] == {"reference": patient.url}
    assert simulator.stored("QuestionnaireResponse", response.id) == [stored]


def test_the_episode_is_active_and_consented_to(gateway: HttpFutGateway, client: FutClient) -> None:
    patient, episode = enrolled(gateway)

    inside = about(client, patient, episode.episode)
    stored = inside.read(episode.episode.url)

    assert stored["status"] == "active"
    assert [entry["status"] for entry in stored["statusHistory"]] == ["planned", "active"]
    assert stored["diagnosis"] == [{"condition": {"reference": episode.condition.url}}]
    (consent,) = inside.search("Consent", data=episode.episode.url, patient=patient.url)
    assert values_at(consent, "category.coding.code") == ["PITEOC"]


def test_a_plan_names_its_requests_by_full_address_and_version(
    gateway: HttpFutGateway, client: FutClient
) -> None:
    patient, episode = enrolled(gateway)
    once, weekly = (
        a_request(Once(at=NOON)),
        a_request(Recurring(first=NOON, until=NOON + timedelta(weeks=12))),
    )

    plan = gateway.push_care_plan(a_care_plan(once, weekly), patient=patient, episode=episode)

    inside = about(client, patient, episode.episode)
    stored = inside.read(plan.care_plan.url)
    assert stored["status"] == "active"
    assert list(plan.service_requests) == [once.id, weekly.id]
    assert values_at(stored, "activity.reference.reference") == [
        request.url for request in plan.service_requests.values()
    ]
    assert {request.version for request in plan.service_requests.values()} == {"1"}
    assert "occurrenceTiming" in inside.read(plan.service_requests[weekly.id].url)


def test_telling_twice_makes_nothing_twice(gateway: HttpFutGateway, simulator: Simulator) -> None:
    facts = a_patient()
    patient = gateway.ensure_patient(facts)
    episode_facts = an_episode(gateway.find_organization("0101"))
    plan_facts, response = a_care_plan(a_request(), a_request()), a_response()

    def tell() -> tuple[object, ...]:
        episode = gateway.ensure_episode(episode_facts, patient=gateway.ensure_patient(facts))
        plan = gateway.push_care_plan(plan_facts, patient=patient, episode=episode)
        request = next(iter(plan.service_requests.values()))
        kept = gateway.submit_response(
            response, patient=patient, episode=episode.episode, service_request=request
        )
        addresses = [one.url for one in plan.service_requests.values()]
        return episode.episode.url, episode.condition.url, plan.care_plan.url, addresses, kept.url

    assert tell() == tell()

    assert len(simulator.stored("EpisodeOfCare", episode_facts.id)) == 1
    assert len(simulator.stored("CarePlan", plan_facts.id)) == 1
    assert [len(simulator.stored("ServiceRequest", one.id)) for one in plan_facts.activities] == [1, 1]
    assert len(simulator.stored("QuestionnaireResponse", response.id)) == 1


def test_what_is_stored_survives_a_kill(tmp_path: Path) -> None:
    second = Simulator(free_port(), tmp_path)
    second.start()
    try:
        with FutClient(second.config()) as client:
            patient = HttpFutGateway(client).ensure_patient(a_patient())
        second.kill()
        second.start()
        with FutClient(second.config()) as client:
            assert about(client, patient).read(patient.url)["resourceType"] == "Patient"
    finally:
        second.stop()


def test_versions_are_kept_and_named_in_the_etag(client: FutClient, gateway: HttpFutGateway) -> None:
    patient, episode = enrolled(gateway)

    first = about(client, patient, episode.episode).read(f"{episode.episode.url}/_history/1")

    assert (first["status"], first["meta"]["versionId"]) == ("planned", "1")


def test_the_request_id_goes_with_the_call(simulator: Simulator) -> None:
    answer = httpx.get(f"{simulator.origin}/careplan/fhir/CarePlan", headers={"X-Request-ID": "abc"})

    assert answer.headers["X-Request-ID"] == "abc"


@pytest.mark.parametrize("service", ["careplan", "measurement", "patient"])
def test_a_service_says_what_it_can(simulator: Simulator, service: str) -> None:
    statement = httpx.get(f"{simulator.origin}/{service}/fhir/metadata").json()

    types = {resource["type"] for resource in statement["rest"][0]["resource"]}
    assert statement["fhirVersion"] == "4.0.1"
    assert ("CarePlan" in types) == (service == "careplan")
