"""Our shapes beside recorded exchanges with the real platform. Read in place, skipped where they are not.

The recordings also judge our own profile tables: what the platform itself gave must pass them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from fut import mapping
from fut.client import FutClient
from fut.gateway import HttpFutGateway
from fut.profiles import profile_problems, values_at

from .conftest import EXCHANGES, Simulator, about
from .people import EPISODE, PATIENT, SERVICE_REQUEST, a_care_plan, a_patient, a_response, an_episode

pytestmark = pytest.mark.skipif(
    not EXCHANGES.is_dir(),
    reason="the recorded exchanges are not on this machine; the rules have tests of their own",
)


def recorded(name: str) -> Any:
    return json.loads((EXCHANGES / f"{name}.json").read_text())


def shape(node: Any, path: str = "") -> Iterator[str]:
    """The element paths of a resource, extensions by their address."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            if name == "extension":
                for one in child:
                    yield f"{path}extension({one['url'].rsplit('/')[-1]})"
            else:
                yield f"{path}{name}"
                yield from shape(child, f"{path}{name}.")
    elif isinstance(node, list):
        for child in node:
            yield from shape(child, path)


def resources(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "resourceType" in node:
            yield node
        for child in node.values():
            yield from resources(child)
    elif isinstance(node, list):
        for child in node:
            yield from resources(child)


def of_type(node: Any, resource_type: str) -> dict[str, Any]:
    return next(one for one in resources(node) if one["resourceType"] == resource_type)


@pytest.mark.parametrize("name", ["EpisodeOfCare", "Condition", "Provenance"])
def test_an_episode_has_every_element_of_the_recorded_one(name: str) -> None:
    theirs = of_type(recorded("POST_create-episode-of-care")["body"], name)
    ours = of_type(mapping.episode_of_care(an_episode(), patient=PATIENT), name)

    chosen = {"meta.lastUpdated", "period.end", "extension(ehealth-episodeofcare-statusschedule)"}
    assert set(shape(theirs)) - set(shape(ours)) <= chosen


def test_creating_an_episode_is_wrapped_as_recorded() -> None:
    theirs = recorded("POST_create-episode-of-care")["body"]["parameter"][0]
    ours = mapping.episode_of_care(an_episode(), patient=PATIENT)["parameter"][0]

    assert ours["name"] == theirs["name"]
    assert ours["resource"]["type"] == theirs["resource"]["type"]
    assert values_at(ours, "resource.entry.request") == values_at(theirs, "resource.entry.request")


def test_a_care_plan_has_every_element_of_the_recorded_one() -> None:
    theirs = of_type(recorded("GET_PlanDefinition_apply"), "CarePlan")
    ours = of_type(mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE), "CarePlan")

    left_out = {"meta.lastUpdated", "period.end", "extension(ehealth-careplan-statusHistory)"}
    assert {
        path for path in set(shape(theirs)) - set(shape(ours)) if not path.startswith("category")
    } <= left_out


def test_a_service_request_has_every_element_of_the_recorded_one() -> None:
    theirs = recorded("GET_ServiceRequest")["response"]
    ours = of_type(
        mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE), "ServiceRequest"
    )

    set_there = {"id", "meta.versionId", "meta.lastUpdated", "meta.source"}
    set_there |= {"extension(ehealth-servicerequest-statusHistory)"}
    assert set(shape(theirs)) - set(shape(ours)) <= set_there


def test_an_answer_has_every_element_of_the_recorded_one() -> None:
    theirs = recorded("POST_QuestionnaireResponse")["body"]
    parameters = mapping.submit_measurement(
        a_response(), patient=PATIENT, episode=EPISODE.episode, service_request=SERVICE_REQUEST
    )

    assert set(shape(theirs)) - set(shape(of_type(parameters, "QuestionnaireResponse"))) <= {
        "extension(ehealth-quality)"
    }
    wrapped = recorded("POST_submit-measurement")["body"]
    assert values_at(parameters, "parameter.name") == values_at(wrapped, "parameter.name")
    assert values_at(parameters, "parameter.resource.entry.request.method") == ["POST"]


@pytest.mark.parametrize(
    "name",
    [
        "GET_CarePlan",
        "GET_ServiceRequest",
        "GET_EpisodeOfCare",
        "GET_QuestionnaireResponse",
        "PUT_ServiceRequest",
        "PUT_CarePlan",
        "POST_QuestionnaireResponse",
        "POST_create-episode-of-care",
        "GET_Patient_1",
        "POST_get-patient-procedures",
        "GET_QuestionnaireResponse_search",
        "GET_EpisodeOfCare_search",
        "POST_Questionnaire",
        "POST_ActivityDefinition",
        "POST_PlanDefinition",
        *("GET_ActivityDefinition", "GET_CareTeam", "GET_Communication", "GET_CommunicationRequest"),
        *("GET_PlanDefinition", "GET_Questionnaire", "GET_Questionnaire_search", "GET_CareTeam_search"),
        *("PUT_ActivityDefinition", "PUT_CareTeam", "PUT_PlanDefinition", "PUT_Questionnaire"),
        *("POST_ActivityDefinition_create-clone", "POST_CarePlan_suggest-care-teams"),
        *("POST_search-measurements-bundle-limit", "POST_submit-measurement"),
    ],
)
def test_what_the_platform_gave_passes_our_profile_tables(name: str) -> None:
    exchange = recorded(name)

    found = {
        f"{one['resourceType']}: {problem}"
        for one in resources([exchange.get("body"), exchange["response"]])
        for problem in profile_problems(one)
    }

    assert found == set()


def test_the_simulator_answers_a_new_episode_as_recorded(gateway: HttpFutGateway, client: FutClient) -> None:
    patient = gateway.ensure_patient(a_patient())
    facts = an_episode(gateway.find_organization("0330"))

    theirs = recorded("POST_create-episode-of-care")["response"]
    ours = about(client, patient).operate(
        "careplan", "$create-episode-of-care", mapping.episode_of_care(facts, patient=patient)
    )

    assert values_at(ours, "entry.resource.resourceType") == values_at(theirs, "entry.resource.resourceType")
    missing = set(shape(theirs)) - set(shape(ours))
    assert {
        path for path in missing if not path.startswith(("entry.response.outcome.text", "entry.resource."))
    } == set()
    assert values_at(ours, "entry.response.status") == values_at(theirs, "entry.response.status")
    assert all("/_history/1" in location for location in values_at(ours, "entry.response.location"))


def test_the_simulator_answers_an_answer_as_recorded(gateway: HttpFutGateway, client: FutClient) -> None:
    patient = gateway.ensure_patient(a_patient())
    episode = gateway.ensure_episode(an_episode(gateway.find_organization("0330")), patient=patient)
    plan = gateway.push_care_plan(a_care_plan(), patient=patient, episode=episode)
    (request,) = plan.service_requests.values()

    theirs = recorded("POST_submit-measurement")["response"]
    ours = about(client, patient, episode.episode).operate(
        "measurement",
        "$submit-measurement",
        mapping.submit_measurement(
            a_response(), patient=patient, episode=episode.episode, service_request=request
        ),
    )

    assert {path for path in set(shape(theirs)) - set(shape(ours)) if ".text" not in path} == set()
    assert len(ours["entry"]) == len(theirs["entry"])


@pytest.mark.parametrize(
    "service", ["patient", "organization", "careplan", "measurement", "plan", "questionnaire"]
)
def test_the_simulator_offers_nothing_that_the_platform_does_not(simulator: Simulator, service: str) -> None:
    definitions = EXCHANGES.parent / "fut-definitions"
    theirs = offered(json.loads((definitions / f"CapabilityStatement-{service}.json").read_text()))
    ours = offered(httpx.get(f"{simulator.origin}/{service}/fhir/metadata").json())

    assert ours
    assert ours - theirs == set()


def offered(statement: dict[str, Any]) -> set[tuple[str, str]]:
    """(type, interaction or search parameter) of a capability statement."""
    return {
        (resource["type"], offer)
        for rest in statement["rest"]
        for resource in rest["resource"]
        for offer in values_at(resource, "interaction.code") + values_at(resource, "searchParam.name")
    }
