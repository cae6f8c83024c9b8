"""The simulator keeps the platform's rules by itself, whoever speaks with it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fut.client import FutClient
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.mapping import care_plan_bundle, definition, submit_measurement
from fut.profiles import values_at

from .conftest import ROOT, Simulator, about, free_port
from .people import QUESTIONNAIRE, a_care_plan, a_patient, a_response, an_activity
from .test_round_trip import enrolled, planned

EHEALTH = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"


@pytest.fixture
def web(simulator: Simulator) -> Iterator[httpx.Client]:
    """A plain client with a token that needs no context, as those of the guide's own examples."""
    headers = {"Authorization": f"Bearer {simulator.token(unbound=True)}"}
    with httpx.Client(base_url=simulator.origin, headers=headers) as client:
        yield client


def said(answer: httpx.Response) -> str:
    """The error code, or else the words."""
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    codes = values_at(body, "issue.details.coding.code")
    return str(codes[0] if codes else values_at(body, "issue.diagnostics")[0])


def test_without_a_token_nothing_is_told(simulator: Simulator) -> None:
    answer = httpx.get(f"{simulator.origin}/careplan/fhir/CarePlan/1", headers={"Authorization": "Bearer x"})

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (
        401,
        "application/fhir+json",
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/careplan/fhir/CarePlan", 403),
        ("GET", "/careplan/fhir/CarePlan?status=active", 403),
        ("GET", "/careplan/fhir/CarePlan?colour=red", 400),
        ("GET", "/careplan/fhir/ServiceRequest?identifier=x", 400),
        ("GET", "/careplan/fhir/CarePlan/999999", 404),
        ("GET", "/careplan/fhir/Patient/1", 400),
        ("GET", "/nothing/fhir/Patient/1", 404),
        ("DELETE", "/careplan/fhir/CarePlan/1", 400),
        ("POST", "/careplan/fhir", 400),
        ("POST", "/careplan/fhir/CarePlan", 400),
        ("POST", "/careplan/fhir/$submit-measurement", 400),
    ],
)
def test_what_is_not_offered_is_refused_with_an_outcome(
    web: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = web.request(method, path)

    assert answer.status_code == status
    assert said(answer)


def test_a_transaction_is_all_or_nothing(
    gateway: HttpFutGateway, web: httpx.Client, simulator: Simulator
) -> None:
    patient, episode = enrolled(gateway)
    facts = a_care_plan()
    bundle = care_plan_bundle(facts, patient=patient, episode=episode)
    del bundle["entry"][0]["resource"]["period"]

    answer = web.post("/careplan/fhir", json=bundle)

    assert (answer.status_code, said(answer)) == (422, "GENERAL_VALIDATION_ERROR")
    assert simulator.stored("ServiceRequest", facts.activities[0].id) == []


def test_an_active_request_without_a_time_is_refused(gateway: HttpFutGateway, web: httpx.Client) -> None:
    patient, episode = enrolled(gateway)
    bundle = care_plan_bundle(a_care_plan(), patient=patient, episode=episode)
    del bundle["entry"][1]["resource"]["occurrenceDateTime"]

    answer = web.post("/careplan/fhir", json=bundle)

    assert (answer.status_code, said(answer)) == (422, "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE")


def test_a_transaction_has_at_most_a_hundred_entries(web: httpx.Client) -> None:
    entry = {"resource": {"resourceType": "CarePlan"}, "request": {"method": "POST", "url": "CarePlan"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 101}

    assert web.post("/careplan/fhir", json=bundle).status_code == 400


def measurement(resource_changes: dict[str, Any], *, gateway: HttpFutGateway) -> dict[str, Any]:
    patient, episode, plan = planned(gateway)
    (request,) = plan.service_requests.values()
    parameters = submit_measurement(
        a_response(), patient=patient, episode=episode.episode, service_request=request
    )
    parameters["parameter"][0]["resource"]["entry"][0]["resource"].update(resource_changes)
    return parameters


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "in-progress"}, "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS"),
        ({"extension": []}, "MEASUREMENT_SUBMITMEASUREMENT_INPUT_SHOULD_REFERENCE_EPISODEOFCARE"),
        (
            {"subject": {"reference": "https://patient.example/fhir/Patient/0"}},
            "MEASUREMENT_SUBMITMEASUREMENT_DIFFERENT_PATIENT_REFERENCE",
        ),
        (
            {"basedOn": [{"reference": "https://careplan.example/fhir/ServiceRequest/0"}]},
            "GENERAL_RESOURCE_NOT_FOUND",
        ),
        ({"source": None}, "GENERAL_VALIDATION_ERROR"),
    ],
    ids=["unfinished", "no episode", "another citizen", "unknown request", "nobody answered"],
)
def test_a_measurement_against_the_rules_is_refused(
    changes: dict[str, Any], code: str, gateway: HttpFutGateway, web: httpx.Client
) -> None:
    parameters = measurement(changes, gateway=gateway)

    answer = web.post("/measurement/fhir/$submit-measurement", json=parameters)

    assert (answer.status_code, said(answer)) == (422, code)


def test_an_empty_measurement_is_refused(web: httpx.Client) -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "measurement", "resource": bundle}]}

    answer = web.post("/measurement/fhir/$submit-measurement", json=parameters)

    assert said(answer) == "MEASUREMENT_SUBMITMEASUREMENT_EMPTY_INPUT_BUNDLE"


def test_the_questionnaire_must_be_the_activitys_where_that_is_known(
    gateway: HttpFutGateway, client: FutClient, web: httpx.Client
) -> None:
    url = f"https://kommunalpro.example/fhir/ActivityDefinition/{uuid4()}"
    owner = gateway.find_organization("0330")
    activity = definition(an_activity(id=uuid4(), url=url), owner=owner)
    assert web.post("/plan/fhir/ActivityDefinition", json=activity).status_code == 201
    patient, episode = enrolled(gateway)
    facts = a_care_plan()
    bundle = care_plan_bundle(facts, patient=patient, episode=episode)
    bundle["entry"][1]["resource"]["instantiatesCanonical"] = [f"{url}|1"]
    about(client, patient, episode.episode).transact("careplan", bundle)
    plan = gateway.push_care_plan(facts, patient=patient, episode=episode)
    (request,) = plan.service_requests.values()

    def submit(questionnaire: str) -> httpx.Response:
        parameters = submit_measurement(
            a_response(questionnaire), patient=patient, episode=episode.episode, service_request=request
        )
        return web.post("/measurement/fhir/$submit-measurement", json=parameters)

    assert (
        said(submit(f"{QUESTIONNAIRE}0")) == "MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE"
    )
    assert submit(QUESTIONNAIRE).status_code == 200


def test_a_search_comes_in_pages(gateway: HttpFutGateway, web: httpx.Client) -> None:
    patient, episode = enrolled(gateway)
    plans = [
        gateway.push_care_plan(a_care_plan(), patient=patient, episode=episode).care_plan.id for _ in range(3)
    ]

    first = web.get("/careplan/fhir/CarePlan", params={"patient": patient.url, "_count": 2}).json()
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = web.get(following).json()

    assert "total" not in first
    assert values_at(first, "entry.resource.id") + values_at(second, "entry.resource.id") == plans


def test_a_change_against_an_old_version_is_refused(gateway: HttpFutGateway, web: httpx.Client) -> None:
    _, episode = enrolled(gateway)
    here = f"/careplan/fhir/EpisodeOfCare/{episode.episode.id}"
    change = [{"op": "replace", "path": "/status", "value": "onhold"}]

    stale = web.patch(here, json=change, headers={"If-Match": 'W/"1"'})
    fresh = web.patch(here, json=change, headers={"If-Match": web.get(here).headers["ETag"]})

    assert (stale.status_code, fresh.status_code) == (412, 200)
    assert fresh.json()["status"] == "onhold"


@pytest.mark.parametrize(
    "change",
    [
        {"op": "move", "path": "/status"},
        {"op": "replace", "path": "/nothing/here", "value": 1},
        {"op": "remove"},
    ],
    ids=["unknown operation", "nowhere", "without a path"],
)
def test_a_patch_that_cannot_be_made_is_refused(
    change: dict[str, Any], gateway: HttpFutGateway, web: httpx.Client
) -> None:
    _, episode = enrolled(gateway)

    assert web.patch(f"/careplan/fhir/EpisodeOfCare/{episode.episode.id}", json=[change]).status_code == 400


def test_the_recorded_way_of_stopping_a_plan_keeps_its_history(
    gateway: HttpFutGateway, client: FutClient
) -> None:
    patient, episode, plan = planned(gateway)
    inside = about(client, patient, episode.episode)
    stored = inside.read(plan.care_plan.url)

    inside.update(plan.care_plan.url, {**stored, "status": "on-hold"})

    after = inside.read(plan.care_plan.url)
    history = [one for one in after["extension"] if one["url"].endswith("careplan-statusHistory")]
    assert [values_at(one, "extension.valueCodeableConcept.coding.code") for one in history] == [
        ["active"],
        ["on-hold"],
    ]
    assert after["meta"]["versionId"] == "2"
    assert inside.read(f"{plan.care_plan.url}/_history/1")["status"] == "active"


def test_it_starts_without_the_application(simulator: Simulator) -> None:
    """Nor does what it shares with us, the tables and the mapping, know Django."""
    program = "import sys, fut.simulator.app, fut.gateway; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_quietly(signal_: signal.Signals, tmp_path: Path) -> None:
    one = Simulator(free_port(), tmp_path)
    one.start(stderr=subprocess.PIPE)
    assert one.process is not None

    one.process.send_signal(signal_)

    assert one.process.communicate(timeout=60)[1] == b""


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"FUT_CLIENT_SECRET": ""}, "set FUT_CLIENT_SECRET"),
        ({"FUT_SIMULATOR_DATA": "/proc/nowhere"}, "/proc/nowhere"),
        ({"FUT_SIMULATOR_PORT": "many"}, "FUT_SIMULATOR_PORT"),
    ],
    ids=["no secret", "no folder", "no port"],
)
def test_a_wrong_setting_is_said_in_one_sentence(
    changed: dict[str, str], sentence: str, simulator: Simulator, tmp_path: Path
) -> None:
    environment = {**Simulator(free_port(), tmp_path).environment(), **changed}

    started = subprocess.run(
        [sys.executable, "-m", "fut.simulator"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )

    assert started.returncode == 2
    assert sentence in started.stderr
    assert len(started.stderr.splitlines()) == 1


# The page


def test_the_front_page_shows_what_is_there_and_no_cpr_number(
    gateway: HttpFutGateway, simulator: Simulator
) -> None:
    facts = a_patient()
    patient = gateway.ensure_patient(facts)

    page = httpx.get(simulator.origin).text

    assert f"Patient/{patient.id}" in page
    assert facts.cpr not in page


def test_a_reference_knows_its_parts() -> None:
    reference = Reference("https://careplan.example/fhir/CarePlan/12", "3")

    assert (reference.resource_type, reference.id) == ("CarePlan", "12")
